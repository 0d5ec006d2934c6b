from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from nexnum_console.bootstrap import Services
from nexnum_console.core.runtime_settings import change
from nexnum_console.notifications import mail
from nexnum_console.operations.first_admin import first_admin_link
from tests.api.conftest import ORIGIN, PASSWORD, register
from tests.support.letters import letters as taken_letters

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


def letters(services: Services) -> list[mail.Letter]:
    """What waits in the outbox, taken out of it."""
    later = datetime.now(UTC) + timedelta(minutes=1)
    return taken_letters(services.database, services.secret_box, later)


def follow_link(client: TestClient, services: Services) -> str:
    """Open the link of the newest letter; returns where it leads."""
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", letters(services)[-1].text)
    assert found
    answer = client.get(found.group(1), follow_redirects=False)
    assert "token" not in answer.headers["location"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    return str(answer.headers["location"])


def test_an_address_is_confirmed_by_the_button_behind_the_link(
    client: TestClient, services: Services
) -> None:
    post(client, "/session/register", FORM)
    assert follow_link(client, services) == "/confirm"
    foreign = post(client, "/session/verify", {}, {"Origin": "https://evil.example"})
    assert foreign.headers["location"] == "/confirm?error=foreign_origin"
    assert post(client, "/session/verify", {}).headers["location"] == "/confirm?done=verified"
    again = post(client, "/session/verify", {})
    assert again.headers["location"] == "/confirm?error=link_invalid"


def test_a_forgotten_password_is_set_anew(client: TestClient, services: Services) -> None:
    post(client, "/session/register", FORM)
    letters(services)
    known = post(client, "/session/forgot", {"email": FORM["email"]})
    unknown = post(client, "/session/forgot", {"email": "nobody@example.org"})
    assert known.headers["location"] == unknown.headers["location"] == "/forgot?done=letter_sent"
    assert follow_link(client, services) == "/new-password"
    weak = post(client, "/session/reset", {"password": "short"})
    assert weak.headers["location"] == "/new-password?error=weak_password"
    done = post(client, "/session/reset", {"password": "another long password"})
    assert done.headers["location"] == "/login?done=password_set"
    assert client.get("/api/auth/me").status_code == 401, "every device is logged out"
    fields = {**FORM, "password": "another long password"}
    assert post(client, "/session/login", fields).headers["location"] == "/store"


def test_asking_again_and_again_for_letters_is_stopped(client: TestClient) -> None:
    answers = [post(client, "/session/forgot", {"email": FORM["email"]}) for _ in range(4)]
    assert [answer.headers["location"].partition("?")[2] for answer in answers] == [
        *["done=letter_sent"] * 3,
        "error=too_many_requests",
    ]


def test_a_password_is_changed_and_this_browser_stays(client: TestClient) -> None:
    assert (
        post(client, "/session/password", {}).headers["location"]
        == "/store/settings?error=not_signed_in"
    )
    post(client, "/session/register", FORM)
    before = client.cookies["nexnum_session"]
    wrong = {"current": "not the password", "password": "another long password"}
    assert post(client, "/session/password", wrong).headers["location"].endswith("bad_credentials")
    right = {"current": PASSWORD, "password": "another long password"}
    answer = post(client, "/session/password", right)
    assert answer.headers["location"] == "/store/settings?done=password_changed"
    assert client.get("/api/auth/me").status_code == 200
    with TestClient(client.app, base_url=ORIGIN, cookies={"nexnum_session": before}) as old:
        assert old.get("/api/auth/me").status_code == 401


def test_the_same_over_the_api(client: TestClient, services: Services) -> None:
    register(client)
    found = re.search(r"token=(\S+)", letters(services)[-1].text)
    assert found
    assert client.post("/api/auth/verify", json={"token": found.group(1)}).status_code == 204
    again = client.post("/api/auth/verify/send")
    assert (again.status_code, again.json()["error"]["code"]) == (422, "already_verified")
    assert client.post("/api/auth/forgot", json={"email": FORM["email"]}).status_code == 202
    found = re.search(r"token=(\S+)", letters(services)[-1].text)
    assert found
    body = {"token": found.group(1), "password": "another long password"}
    assert client.post("/api/auth/reset", json=body).status_code == 204
    assert client.post("/api/auth/reset", json=body).status_code == 410


def test_a_closed_registration_sends_back_a_code(client: TestClient, services: Services) -> None:
    with services.database.transaction() as unit:
        change(unit, "registration_open", "off", datetime.now(UTC))
    answer = post(client, "/session/register", FORM)
    assert answer.headers["location"] == "/register?error=registration_closed"
    assert "set-cookie" not in answer.headers
    refused = client.post(
        "/api/auth/register", json={"email": FORM["email"], "password": PASSWORD}, headers=OURS
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "registration_closed")


def test_a_dead_link_is_told_when_it_is_opened(client: TestClient) -> None:
    for path, instead in (("setup", "/login"), ("verify", "/confirm"), ("reset", "/forgot")):
        answer = client.get(f"/{path}?token=long-gone", follow_redirects=False)
        assert answer.headers["location"] == f"{instead}?error=link_invalid"
        assert "set-cookie" not in answer.headers
