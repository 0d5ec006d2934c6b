"""The first admin over HTTP."""

from __future__ import annotations

from fastapi.testclient import TestClient

from nexnum_console.bootstrap import Services
from nexnum_console.core.clock import utc_now
from nexnum_console.operations.first_admin import first_admin_link
from tests.api.conftest import ORIGIN, PASSWORD


def test_the_link_signs_the_first_admin_in(client: TestClient, services: Services) -> None:
    link = first_admin_link(services.database, ORIGIN, utc_now())
    assert link is not None
    body = {
        "token": link.partition("token=")[2],
        "email": "root@example.org",
        "password": PASSWORD,
    }
    answer = client.post("/api/setup/admin", json=body)
    assert answer.status_code == 201
    me = client.get("/api/auth/me").json()
    assert me["role"] == "admin"
    assert "providers.manage" in me["capabilities"]
    again = client.post("/api/setup/admin", json=body | {"email": "two@example.org"})
    assert again.status_code == 410


def test_a_made_up_token_is_refused(client: TestClient) -> None:
    body = {"token": "x" * 43, "email": "root@example.org", "password": PASSWORD}
    assert client.post("/api/setup/admin", json=body).status_code == 410
