"""What staff may do over HTTP, and that nobody else may."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from nexnum_console.bootstrap import Services
from nexnum_console.catalogue.sync import KIND
from nexnum_console.core import job_runs
from nexnum_console.core.clock import utc_now
from nexnum_console.core.queue import CATALOGUE
from tests.activations.world import build
from tests.api.people import another, sign_in

LOOKS = ("/api/admin/providers", "/api/admin/providers/alpha/sync")
SYNC = "/api/admin/providers/alpha/sync"


@pytest.fixture
def shelves(services: Services) -> Services:
    build(services.database)
    return services


@pytest.fixture
def admin(client: TestClient, shelves: Services) -> TestClient:
    sign_in(client, shelves, "root@example.org", "admin")
    return client


def test_providers_with_what_they_sell(admin: TestClient) -> None:
    found = admin.get("/api/admin/providers").json()
    assert [one["name"] for one in found] == ["alpha", "beta"]
    assert found[0] == {
        "name": "alpha",
        "title": "alpha",
        "currency": "USD",
        "margin": found[0]["margin"],
        "priority": 0,
        "enabled": True,
        "offers": 1,
    }
    assert float(found[0]["margin"]) == 1.5


def test_a_sync_is_queued_and_watched(admin: TestClient, shelves: Services) -> None:
    assert admin.get(SYNC).status_code == 404
    answer = admin.post(SYNC, json={})
    assert (answer.status_code, answer.json()) == (202, {"queued": "alpha"})
    assert shelves.jobs.waiting(CATALOGUE) == 1
    with shelves.database.transaction() as unit:
        run = job_runs.start(unit, KIND, "alpha", now=utc_now())
    seen = admin.get(SYNC).json()
    assert (seen["id"], seen["state"]) == (run, "running")


def test_an_unknown_provider_is_not_queued(admin: TestClient, shelves: Services) -> None:
    assert admin.post("/api/admin/providers/nobody/sync", json={}).status_code == 404
    assert shelves.jobs.waiting(CATALOGUE) == 0


@pytest.mark.parametrize(
    ("role", "looks", "syncs"), [(None, 401, 401), ("user", 403, 403), ("support", 200, 403)]
)
def test_each_role_gets_what_it_may(
    shelves: Services, role: str | None, looks: int, syncs: int
) -> None:
    with another(shelves) as client:
        if role:
            sign_in(client, shelves, f"{role}@example.org", role)
        assert client.get(LOOKS[0]).status_code == looks
        # A look at a sync that never ran is "not found" to those who may look.
        assert client.get(LOOKS[1]).status_code == (404 if looks == 200 else looks)
        assert client.post(SYNC, json={}).status_code == syncs
    assert shelves.jobs.waiting(CATALOGUE) == 0
