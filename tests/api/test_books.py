"""The books over HTTP: statements that add up, both sides of a reconciliation, the proof."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.bootstrap import Services
from nexnum_console.core.queue import CATALOGUE
from nexnum_console.operations import ledger_check
from nexnum_console.wallet import freezing
from tests.activations.world import START, World, build
from tests.api.people import sign_in

DAYS = "since=2026-11-01&until=2026-11-30"


@pytest.fixture
def world(services: Services) -> World:
    built = build(services.database)
    purchase(built.desk, Order(built.user_id, "telegram", "GB"))
    return built


@pytest.fixture
def admin(client: TestClient, services: Services, world: World) -> TestClient:
    sign_in(client, services, "root@example.org", "admin")
    return client


def test_the_house_s_statement_adds_up_on_both_sides(admin: TestClient) -> None:
    found = admin.get(f"/api/admin/statement?{DAYS}").json()
    sums = [sum(Decimal(line["amount"]) for line in found[side]) for side in ("result", "balances")]
    assert sums == [Decimal(found["margin"])] * 2 == [Decimal("0.05")] * 2
    rows = list(csv.DictReader(io.StringIO(admin.get(f"/api/admin/statement.csv?{DAYS}").text)))
    assert {row["What"]: row["Amount (USD)"] for row in rows}["Margin"] == "0.05"
    assert admin.get("/api/admin/statement?since=2026-11-02&until=2026-11-01").status_code == 422


def test_a_user_s_file_runs_to_the_balance(admin: TestClient, world: World) -> None:
    answer = admin.get(f"/api/admin/users/{world.user_id}/statement.csv?{DAYS}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    moved = sum(Decimal(row["Available"]) for row in rows if row["Available"])
    assert moved == Decimal(rows[-1]["Available after (USD)"]) == Decimal("99.85")
    assert "attachment" in answer.headers["content-disposition"]
    assert admin.get(f"/api/admin/users/4711/statement.csv?{DAYS}").status_code == 404


def test_differences_are_listed(admin: TestClient, world: World) -> None:
    with world.desk.database.transaction() as unit:
        account = world.account()
        unit.run(
            "insert into float_baseline (account_id, balance_micro, at, actor, reason)"
            " values (:a, 5000000, :at, 'x', 'first')",
            a=account,
            at=START,
        )
        unit.run(
            "update provider_account set balance_micro = 4000000, balance_at = now() where id = :a",
            a=account,
        )
    (line,) = admin.get("/api/admin/reconciliation").json()["floats"]
    assert (line["baseline"], line["spent"], line["says"]) == ("5.00", "0.10", "4.00")
    assert (line["difference"], line["explained"]) == ("-0.90", False)


def test_the_proof_is_asked_for_and_read(admin: TestClient, services: Services) -> None:
    assert admin.get("/api/admin/ledger").json()["verdict"] == "Not checked yet"
    answer = admin.post("/api/admin/ledger/verify", json={})
    assert (answer.status_code, services.jobs.waiting(CATALOGUE)) == (202, 1)
    assert ledger_check.check(services.ledger_watch) is not None
    found = admin.get("/api/admin/ledger").json()
    assert [one["name"] for one in found["promises"]] == [f"I{n}" for n in range(1, 17)]
    assert not found["running"]


def test_a_frozen_wallet_is_let_go_with_a_reason(
    admin: TestClient, world: World, services: Services
) -> None:
    with services.database.transaction() as unit:
        freezing.freeze(unit, world.wallet_id, "I3 does not hold")
        freezing.freeze(unit, world.wallet_id, "deposit 9 is disputed")
        freezing.write_down(unit, "I3", "off by one", world.wallet_id, START)
    found = admin.get("/api/admin/ledger").json()
    assert found["frozen_users"] == [world.user_id]
    causes = found["frozen"][0]["causes"]
    assert [(one["kind"], one["words"], one["by"]) for one in causes] == [
        ("freeze", "I3 does not hold", "system"),
        ("freeze", "deposit 9 is disputed", "system"),
        ("evidence", "I3: off by one", "a check of the ledger"),
    ]
    first, second, evidence = (one["number"] for one in causes)
    path, headers = f"/api/admin/users/{world.user_id}/unfreeze", {"Idempotency-Key": "k"}
    body = {"reason": "row restored from the backup", "freezes": [first], "evidence": [evidence]}
    refused = admin.post(path, json=body, headers={"Idempotency-Key": "k0"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_looked_at")
    assert f"freeze {second} (deposit 9 is disputed)" in refused.json()["error"]["message"]
    body["freezes"] = [first, second]
    assert admin.post(path, json=body, headers=headers).json() == {"user_id": world.user_id}
    assert admin.post(path, json=body, headers=headers).headers["Idempotent-Replay"] == "true"
    assert admin.post(path, json=body, headers={"Idempotency-Key": "k2"}).status_code == 422
    blind = {"reason": "row restored from the backup"}
    assert admin.post(path, json=blind, headers={"Idempotency-Key": "k3"}).status_code == 422
    assert admin.get("/api/admin/ledger").json()["frozen_users"] == []


def test_days_are_dates(admin: TestClient) -> None:
    assert date(2026, 11, 1).isoformat() in admin.get(f"/api/admin/statement?{DAYS}").text
    assert admin.get("/api/admin/statement?since=yesterday&until=2026-11-01").status_code == 422
