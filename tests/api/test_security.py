"""The gate of the API: who may call what, from where, with what."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from nexnum_console.accounts.capabilities import ROLES
from nexnum_console.api.app import ROUTERS, create_api
from nexnum_console.api.deps import current_actor
from nexnum_console.bootstrap import Services
from tests.api.conftest import ORIGIN, PASSWORD, register


def _routes(app: FastAPI) -> list[APIRoute]:
    routes = [*app.routes, *(route for router in ROUTERS for route in router.routes)]
    return [route for route in routes if isinstance(route, APIRoute)]


def _calls(dependant: Dependant) -> list[object]:
    found: list[object] = [dependant.call]
    for inner in dependant.dependencies:
        found.extend(_calls(inner))
    return found


def _asks_who(calls: list[object]) -> bool:
    return current_actor in calls or any(hasattr(call, "capability") for call in calls)


def test_every_route_declares_who_may_call_it(services: Services) -> None:
    app = create_api(services)
    assert len(_routes(app)) >= 9
    for route in _routes(app):
        calls = _calls(route.dependant)
        guarded = _asks_who(calls)
        public = bool(getattr(route.endpoint, "public", ""))
        assert guarded != public, f"{route.path} must be public or guarded, and not both"


def test_every_capability_asked_for_is_held_by_a_role(services: Services) -> None:
    every = frozenset().union(*ROLES.values())
    for route in _routes(create_api(services)):
        for call in _calls(route.dependant):
            capability = getattr(call, "capability", None)
            assert capability is None or capability in every


# Where the caller is asked for after the body was read.
BODIES = {"/api/numbers/purchase": {"service": "telegram", "country": "GB"}}


def _guarded() -> list[tuple[str, str, str | None]]:
    """(method, path with its parameters filled, capability) of every route behind a session."""
    found = []
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and _asks_who(_calls(route.dependant)):
                wanted = [getattr(call, "capability", None) for call in _calls(route.dependant)]
                path = re.sub(r"{[^}]*}", "1", route.path)
                capability = next((one for one in wanted if one), None)
                found.extend((method, path, capability) for method in sorted(route.methods))
    return found


@pytest.mark.parametrize(("method", "path", "capability"), _guarded())
def test_strangers_and_lesser_roles_are_turned_away(
    client: TestClient, services: Services, method: str, path: str, capability: str | None
) -> None:
    body, headers = BODIES.get(path), {"Idempotency-Key": "k"} if path in BODIES else {}
    assert client.request(method, path).status_code == 401
    client.cookies.set("nexnum_session", "not-a-session")
    assert client.request(method, path, json=body, headers=headers).status_code == 401
    client.cookies.clear()
    register(client)
    for role, capabilities in ROLES.items():
        with services.database.transaction() as unit:
            unit.run("update app_user set role = :role", role=role)
        answer = client.request(method, path, json=body, headers=headers)
        refused = answer.status_code == 403
        assert refused == (capability is not None and capability not in capabilities), role


def test_a_foreign_site_cannot_post(client: TestClient) -> None:
    body = {"email": "ada@example.org", "password": PASSWORD}
    foreign = client.post(
        "/api/auth/register", json=body, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert foreign.json()["error"]["code"] == "foreign_origin"
    sandboxed = client.post("/api/auth/register", json=body, headers={"Origin": "null"})
    assert sandboxed.status_code == 403
    own = client.post("/api/auth/register", json=body, headers={"Origin": ORIGIN})
    assert own.status_code == 201


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_only_json_is_read(client: TestClient, kind: str) -> None:
    answer = client.post(
        "/api/auth/login", content=b'{"email":"a@b.cd"}', headers={"Content-Type": kind}
    )
    assert answer.status_code == 415
    assert client.post("/api/auth/logout", headers={"Content-Type": kind}).status_code == 415


def test_a_large_body_is_not_read(client: TestClient) -> None:
    def drip() -> object:
        for _ in range(70):
            yield b"x" * 1024

    answer = client.post(
        "/api/auth/login",
        content=drip(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 413


def test_validation_names_the_field_and_keeps_the_value_to_itself(client: TestClient) -> None:
    answer = client.post("/api/auth/login", json={"email": "ada@example.org", "password": 12345678})
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert error["code"] == "invalid_input"
    assert error["details"]["fields"][0]["field"] == "password"
    assert "12345678" not in answer.text


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"text"', b"\xff"])
def test_junk_is_refused_in_our_shape(client: TestClient, body: bytes) -> None:
    answer = client.post(
        "/api/auth/login", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert set(answer.json()["error"]) == {"code", "message", "request_id", "details"}


def test_unknown_paths_and_methods_answer_in_our_shape(client: TestClient) -> None:
    missing = client.get("/api/nothing/here")
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "not_found"
    assert client.get("/api/auth/login").status_code in {404, 405}


def test_answers_carry_the_headers(client: TestClient) -> None:
    answer = client.get("/api/auth/me")
    assert answer.status_code == 401
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (OperationalError("select 1", {}, Exception("gone")), 503),
        (PoolTimeout("no connection"), 503),
        (ValueError("a secret inside"), 500),
    ],
)
def test_faults_behind_us_become_answers(services: Services, cause: Exception, status: int) -> None:
    app = create_api(services)

    def broken() -> None:
        raise cause

    app.router.routes.insert(0, APIRoute("/api/broken", broken))
    with TestClient(app, base_url=ORIGIN) as client:
        answer = client.get("/api/broken")
    assert answer.status_code == status
    assert answer.json()["error"]["request_id"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


def test_role_matrix_of_the_session(client: TestClient, services: Services) -> None:
    register(client)
    for role, capabilities in ROLES.items():
        with services.database.transaction() as unit:
            unit.run("update app_user set role = :role", role=role)
        assert set(client.get("/api/auth/me").json()["capabilities"]) == capabilities


def test_docs_need_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "/api/auth/login" in page.text
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "style-src 'sha256-" in page.headers["content-security-policy"]
    assert client.get("/api/openapi.json").json()["info"]["title"] == "NexNum Console API"
