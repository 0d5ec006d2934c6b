"""Sessions over HTTP: cookies, fixation, throttling."""

from __future__ import annotations

import dataclasses

import pytest
from fastapi.testclient import TestClient

from nexnum_console.accounts import service as accounts
from nexnum_console.api.app import create_api
from nexnum_console.bootstrap import Services, open_redis
from tests.api.conftest import ORIGIN, PASSWORD, register


def _login(client: TestClient, email: str, password: str) -> int:
    body = {"email": email, "password": password}
    return client.post("/api/auth/login", json=body).status_code


def test_a_registered_user_is_signed_in_and_has_a_wallet(
    client: TestClient, services: Services
) -> None:
    register(client)
    me = client.get("/api/auth/me").json()
    assert me["email"] == "ada@example.org"
    assert me["role"] == "user"
    assert "store.buy" in me["capabilities"]
    assert "console.view" not in me["capabilities"]
    with services.database.transaction() as unit:
        assert unit.scalar("select count(*) from wallet where user_id = :id", id=me["id"]) == 1


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    answer = client.post(
        "/api/auth/register", json={"email": "ada@example.org", "password": PASSWORD}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("nexnum_session=")
    for flag in ("httponly", "samesite=strict", "path=/"):
        assert flag in cookie
    assert "secure" not in cookie
    assert "domain" not in cookie


def test_cookie_is_host_bound_over_tls(services: Services) -> None:
    secured = dataclasses.replace(
        services,
        settings=services.settings.model_copy(update={"public_url": "https://nexnum.example"}),
    )
    with TestClient(create_api(secured), base_url="https://nexnum.example") as client:
        answer = client.post(
            "/api/auth/register", json={"email": "ada@example.org", "password": PASSWORD}
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-nexnum_session=")
        assert "Secure" in cookie
        assert "strict-transport-security" in answer.headers
        assert client.get("/api/auth/me").status_code == 200


def test_a_planted_token_is_not_taken_over_at_login(client: TestClient) -> None:
    register(client)
    client.cookies.clear()
    client.cookies.set("nexnum_session", "planted-by-an-attacker")
    assert _login(client, "ada@example.org", PASSWORD) == 200
    planted = TestClient(client.app, base_url=ORIGIN)
    planted.cookies.set("nexnum_session", "planted-by-an-attacker")
    assert planted.get("/api/auth/me").status_code == 401


def test_logging_in_again_ends_the_session_before(client: TestClient) -> None:
    register(client)
    first = client.cookies["nexnum_session"]
    assert _login(client, "ada@example.org", PASSWORD) == 200
    old = TestClient(client.app, base_url=ORIGIN)
    old.cookies.set("nexnum_session", first)
    assert old.get("/api/auth/me").status_code == 401


def test_logout_ends_the_session_on_the_server(client: TestClient) -> None:
    register(client)
    token = client.cookies["nexnum_session"]
    assert client.post("/api/auth/logout").status_code == 204
    assert "nexnum_session" not in client.cookies
    client.cookies.set("nexnum_session", token)
    assert client.get("/api/auth/me").status_code == 401


def test_a_ban_works_at_once_and_looks_like_a_wrong_password(
    client: TestClient, services: Services
) -> None:
    register(client)
    with services.database.transaction() as unit:
        accounts.ban(unit, accounts.by_email(unit, "ada@example.org").id)
    assert client.get("/api/auth/me").status_code == 401
    banned = client.post("/api/auth/login", json={"email": "ada@example.org", "password": PASSWORD})
    wrong = client.post(
        "/api/auth/login", json={"email": "nobody@example.org", "password": PASSWORD}
    )
    assert banned.status_code == wrong.status_code == 401
    assert banned.json()["error"]["message"] == wrong.json()["error"]["message"]


def test_guessing_one_account_is_stopped(client: TestClient) -> None:
    register(client)
    codes = [_login(client, "ada@example.org", f"guess number {n}") for n in range(11)]
    assert codes == [401] * 10 + [429]
    answer = client.post("/api/auth/login", json={"email": "ADA@example.org", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900


def test_guessing_is_stopped_sooner_without_redis(services: Services) -> None:
    nowhere = open_redis("redis://127.0.0.1:1/0")
    alone = dataclasses.replace(services, redis=nowhere)
    with TestClient(create_api(alone), base_url=ORIGIN) as client:
        codes = [_login(client, "ada@example.org", f"guess number {n}") for n in range(4)]
    assert codes == [401, 401, 429, 429]


def test_success_forgets_the_failures_before_it(client: TestClient) -> None:
    register(client)
    for _ in range(2):
        for n in range(8):
            assert _login(client, "ada@example.org", f"guess number {n}") == 401
        assert _login(client, "ada@example.org", PASSWORD) == 200


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [
        ("ada", PASSWORD, "bad_email"),
        ("ada@nowhere", PASSWORD, "bad_email"),
        ("ada@example.org", "short", "weak_password"),
        ("ada@example.org", "password123", "weak_password"),
        ("ada@example.org", "aaaaaaaaaaaa", "weak_password"),
        ("ada@example.org", "ada@example.org", "weak_password"),
    ],
)
def test_what_cannot_be_registered(
    client: TestClient, email: str, password: str, code: str
) -> None:
    answer = client.post("/api/auth/register", json={"email": email, "password": password})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code


def test_a_second_registration_is_refused_whatever_its_case(client: TestClient) -> None:
    register(client)
    answer = client.post(
        "/api/auth/register", json={"email": " Ada@Example.ORG ", "password": PASSWORD}
    )
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "email_taken"
