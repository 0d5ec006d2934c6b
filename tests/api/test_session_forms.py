from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from nexnum_console.bootstrap import Services
from nexnum_console.operations.first_admin import first_admin_link
from tests.api.conftest import ORIGIN, PASSWORD, register

FORM = {"email": "ada@example.org", "password": PASSWORD}
OURS = {"Origin": ORIGIN}


def post(client: TestClient, path: str, fields: dict[str, str], headers: dict[str, str] = OURS):
    return client.post(path, data=fields, headers=headers, follow_redirects=False)


def test_registering_sets_the_cookie_and_goes_to_the_store(client: TestClient) -> None:
    answer = post(client, "/session/register", FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/store")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/api/auth/me").json()["email"] == FORM["email"]


def test_a_wrong_password_comes_back_as_a_code(client: TestClient) -> None:
    register(client)
    client.cookies.clear()
    answer = post(client, "/session/login", {**FORM, "password": "another one 77"})
    assert answer.headers["location"] == "/login?error=bad_credentials"
    assert "set-cookie" not in answer.headers
    assert PASSWORD not in answer.headers["location"]


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1:8001"])
def test_forms_of_other_sites_do_nothing(client: TestClient, origin: str | None) -> None:
    register(client)
    headers = {"Origin": origin} if origin else {}
    answer = post(client, "/session/login", FORM, headers)
    assert answer.headers["location"] == "/login?error=foreign_origin"
    post(client, "/session/logout", {}, headers)
    assert client.get("/api/auth/me").status_code == 200, "a foreign form must not log out"


def test_logging_out_ends_the_session(client: TestClient) -> None:
    register(client)
    token = client.cookies["nexnum_session"]
    assert post(client, "/session/logout", {}).headers["location"] == "/"
    client.cookies.set("nexnum_session", token)
    assert client.get("/api/auth/me").status_code == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x" * 20_000, "application/x-www-form-urlencoded"),
        (b'{"email": "a@b.cd"}', "application/json"),
        (b"\xff\xfe=1", "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % n for n in range(50)), "application/x-www-form-urlencoded"),
    ],
)
def test_anything_but_a_small_form_is_an_empty_one(
    client: TestClient, body: bytes, kind: str
) -> None:
    answer = client.post(
        "/session/register",
        content=body,
        headers={**OURS, "Content-Type": kind},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/register?error=bad_email"


def test_the_setup_link_hides_its_token_and_works_once(
    client: TestClient, services: Services
) -> None:
    link = first_admin_link(services.database, ORIGIN, datetime.now(UTC))
    assert link is not None
    shown = client.get(link.removeprefix(ORIGIN), follow_redirects=False)
    assert shown.headers["location"] == "/welcome"
    assert "path=/session" in shown.headers["set-cookie"].lower()
    weak = post(client, "/session/setup", {**FORM, "password": "short"})
    assert weak.headers["location"] == "/welcome?error=weak_password"
    made = post(client, "/session/setup", FORM)
    assert made.headers["location"] == "/console"
    assert client.get("/api/auth/me").json()["role"] == "admin"
    again = post(client, "/session/setup", {**FORM, "email": "eve@example.org"})
    assert "error=" in again.headers["location"]
