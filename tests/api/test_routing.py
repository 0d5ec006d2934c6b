"""Routing over HTTP: who may do what, and that a policy is saved only as it was looked at."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from nexnum_console.bootstrap import Services
from tests.activations.world import build
from tests.api.people import another, sign_in

BASE = "/api/admin/routing"


@pytest.fixture
def shelves(services: Services) -> Services:
    build(services.database)
    return services


@pytest.fixture
def admin(client: TestClient, shelves: Services) -> TestClient:
    sign_in(client, shelves, "root@example.org", "admin")
    return client


def test_a_policy_is_read_tried_and_saved(admin: TestClient) -> None:
    seen = admin.get(f"{BASE}/policy").json()
    assert seen["weights"]["failure_cost"] == 50_000
    tried = admin.post(f"{BASE}/simulate", json={"weights": {"failure_cost": "0.20"}}).json()
    assert tried["policy"]["weights"]["failure_cost"] == 200_000
    assert (tried["can_tell"], tried["estimate"]) == (False, None)
    assert admin.get(f"{BASE}/policy").json() == seen
    wish = {"version": seen["version"], "weights": {"failure_cost": "0.20"}}
    saved = admin.put(f"{BASE}/policy", json=wish)
    assert saved.status_code == 200
    assert admin.get(f"{BASE}/policy").json() == saved.json()
    again = admin.put(f"{BASE}/policy", json=wish)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "policy_changed")


@pytest.mark.parametrize(
    ("weights", "status"), [({"luck": "1"}, 404), ({"exploration": "0.9"}, 422)]
)
def test_a_weight_that_cannot_hold_is_refused(
    admin: TestClient, weights: dict[str, str], status: int
) -> None:
    assert admin.post(f"{BASE}/simulate", json={"weights": weights}).status_code == status


def test_rules_come_and_go(admin: TestClient) -> None:
    rule = {"provider": "alpha", "kind": "ban", "reason": "outage", "hours": 6}
    (made,) = admin.post(f"{BASE}/rules", json=rule).json()
    assert (made["kind"], made["holds"], made["until"] is None) == ("ban", True, False)
    assert admin.get(f"{BASE}/rules").json() == [made]
    assert admin.delete(f"{BASE}/rules?provider=alpha&service=x").status_code == 404
    assert admin.delete(f"{BASE}/rules?provider=alpha").status_code == 204
    assert admin.get(f"{BASE}/rules").json() == []
    assert admin.post(f"{BASE}/rules", json={**rule, "provider": "no"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "looks", "acts"), [(None, 401, 401), ("user", 403, 403), ("support", 200, 403)]
)
def test_each_role_gets_what_it_may(
    shelves: Services, role: str | None, looks: int, acts: int
) -> None:
    with another(shelves) as client:
        if role:
            sign_in(client, shelves, f"{role}@example.org", role)
        assert client.get(f"{BASE}/policy").status_code == looks
        assert client.get(f"{BASE}/rules").status_code == looks
        trial = {"weights": {"failure_cost": "0.20"}}
        assert client.post(f"{BASE}/simulate", json=trial).status_code == acts
        save = {**trial, "version": "x"}
        assert client.put(f"{BASE}/policy", json=save).status_code == acts
        rule = {"provider": "alpha", "kind": "ban", "reason": "x"}
        assert client.post(f"{BASE}/rules", json=rule).status_code == acts
        assert client.delete(f"{BASE}/rules?provider=alpha").status_code == acts
