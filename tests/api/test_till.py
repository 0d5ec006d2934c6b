"""The till over HTTP: each deed once for its key, refusals in words, the right to each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.bootstrap import Services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.runtime_settings import change
from nexnum_console.operations import manual_deposits, people
from nexnum_console.operations.verify import verify
from nexnum_console.wallet import suspense
from nexnum_console.wallet.gateways.port import Notice
from tests.api.people import another, sign_in

WHY = {"reason": "seen on the statement"}


@pytest.fixture
def buyer(services: Services) -> tuple[TestClient, int]:
    """A user with a manual deposit of 25.00 USD asked for; their client and id."""
    with services.database.transaction() as unit:
        change(unit, "manual_deposits", "Bank 12 34", utc_now())
    client = another(services)
    number = sign_in(client, services, "ada@example.org")
    answer = client.post(
        "/api/wallet/deposits",
        json={"amount": "25.00", "gateway": "manual"},
        headers={"Idempotency-Key": "wish"},
    )
    assert answer.status_code == 201, answer.text
    return client, number


@pytest.fixture
def admin(client: TestClient, services: Services) -> TestClient:
    sign_in(client, services, "root@example.org", "admin")
    return client


def post(client: TestClient, path: str, key: str = "k1", **body: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return client.post(f"/api/admin/{path}", json={**WHY, **body}, headers=headers)


def balance(client: TestClient) -> str:
    return str(client.get("/api/wallet").json()["available"])


def test_a_manual_deposit_is_confirmed_once_and_paid_back_once(
    admin: TestClient, buyer: tuple[TestClient, int]
) -> None:
    (waits,) = admin.get("/api/admin/deposits?state=confirm").json()
    assert (waits["email"], waits["amount"], waits["state"]) == (
        "ada@example.org",
        "25.00",
        "created",
    )
    path = f"deposits/{waits['no']}/confirm"
    told = post(admin, path, amount="25.00", reference="SEPA 42")
    assert told.status_code == 200, told.text
    assert told.json()["outcome"] == "booked"
    again = post(admin, path, amount="25.00", reference="SEPA 42")
    assert (again.content, again.headers["Idempotent-Replay"]) == (told.content, "true")
    assert post(admin, path, amount="24.00", reference="SEPA 42").status_code == 422
    assert balance(buyer[0]) == "25.00"
    back = f"deposits/d{told.json()['deposit_id']}/refund"
    for _ in range(2):
        assert post(admin, back, "k2", amount="10.00").json() == {"state": "done"}
    assert balance(buyer[0]) == "15.00"
    (row,) = admin.get("/api/admin/deposits?gateway=manual&q=ada").json()
    assert (row["refunded"], row["payment"]) == ("10.00", "SEPA 42")
    refused = post(admin, back, "k3", amount="16.00")
    assert refused.status_code == 422
    assert "15.00 can be paid back" in refused.json()["error"]["message"]


def test_a_refused_deed_keeps_nothing_and_loses_no_work(
    admin: TestClient, buyer: tuple[TestClient, int], services: Services
) -> None:
    (waits,) = admin.get("/api/admin/deposits?state=confirm").json()
    path = f"deposits/{waits['no']}/confirm"
    deposit = post(admin, path, amount="25.00", reference="SEPA 42").json()["deposit_id"]
    back = f"deposits/d{deposit}/refund"
    for _ in range(2):
        refused = post(admin, back, "k2", amount="999999")
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")
    with services.database.transaction() as unit:
        keys = unit.run("select key from idempotency_key where principal like 'user:%'").scalars()
        assert "k2" not in set(keys)
    assert post(admin, back, "k2", amount="25.00").json() == {"state": "done"}, "the key is free"
    assert verify(services.database, utc_now() + timedelta(hours=1)).ok


def test_a_deed_that_fails_names_what_was_asked_and_is_done_by_the_next_call(
    admin: TestClient,
    buyer: tuple[TestClient, int],
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (waits,) = admin.get("/api/admin/deposits?state=confirm").json()
    path = f"deposits/{waits['no']}/confirm"

    def fails(*_: object) -> None:
        raise RuntimeError("its process has a fault")

    with monkeypatch.context() as patch:
        patch.setattr(manual_deposits, "confirm", fails)
        assert post(admin, path, amount="25.00", reference="SEPA 42").status_code == 500
    with services.database.transaction() as unit:
        assert unit.scalar("select ref from idempotency_key where key = 'k1'").endswith("/confirm")
    assert verify(services.database, utc_now() + timedelta(hours=1)).ok
    told = post(admin, path, amount="25.00", reference="SEPA 42")
    assert (told.json()["outcome"], balance(buyer[0])) == ("booked", "25.00")


def test_a_manual_deposit_above_the_limit_needs_a_second_admin(
    admin: TestClient, buyer: tuple[TestClient, int], services: Services
) -> None:
    body = {"gateway": "manual", "amount": "300.00"}
    key = {"Idempotency-Key": "large"}
    number = buyer[0].post("/api/wallet/deposits", json=body, headers=key).json()["id"]
    path = f"deposits/{number}/confirm"
    told = post(admin, path, "large", amount="300.00", reference="SEPA 77").json()
    assert (told["outcome"], told["deposit_id"]) == ("waits for a second admin", None)
    assert balance(buyer[0]) == "0.00"
    (asked,) = admin.get("/api/admin/approvals").json()
    assert asked["id"] == told["request_id"]
    assert (asked["intent_id"], asked["payment"], asked["amount"]) == (number, "SEPA 77", "300.00")
    other_word = post(admin, path, "k2", amount="299.00", reference="SEPA 77")
    assert (other_word.status_code, other_word.json()["error"]["code"]) == (409, "awaits_approval")
    decide = f"approvals/{asked['id']}/decide"
    assert post(admin, decide, "k3", approve=True).json()["error"]["code"] == "not_oneself"
    with another(services) as other:
        sign_in(other, services, "second@example.org", "admin")
        done = post(other, decide, "k4", approve=True).json()
    assert (done["state"], done["outcome"], done["available"]) == ("approved", "booked", "300.00")
    assert balance(buyer[0]) == "300.00"


def test_an_unknown_deposit_and_a_value_no_list_knows_are_told(admin: TestClient) -> None:
    assert post(admin, "deposits/d4711/refund", amount="1").status_code == 404
    assert post(admin, "deposits/x/refund", amount="1").status_code == 422
    answer = admin.get("/api/admin/deposits?state=nonsense")
    assert answer.status_code == 422
    assert "State" in answer.json()["error"]["message"]


def park(services: Services, payment: str, amount: int, currency: str) -> None:
    """A payment that fits nothing, in suspense."""
    notice = Notice(f"e{payment}", "paid", payment_id=payment, amount=amount, currency=currency)
    with services.database.transaction() as unit:
        suspense.park(unit, "manual", payment, notice, "nobody's", None, utc_now())


def test_suspense_is_assigned_or_returned_once(
    admin: TestClient, buyer: tuple[TestClient, int], services: Services
) -> None:
    park(services, "p1", 9_000_000, "USD")
    park(services, "p2", 9_000_000, "EUR")
    foreign, own = admin.get("/api/admin/suspense").json()
    assert (own["amount"], own["why"], foreign["currency"]) == ("9.00", "nobody's", "EUR")
    assign = f"suspense/{own['id']}/assign"
    assert post(admin, assign, user_id=buyer[1]).json() == {"id": own["id"], "state": "assigned"}
    assert post(admin, assign, "k2", user_id=buyer[1]).status_code == 409
    unsaid = post(admin, f"suspense/{foreign['id']}/assign", "k3", user_id=buyer[1])
    assert unsaid.status_code == 422
    assert "Say what EUR money is worth" in unsaid.json()["error"]["message"]
    returned = post(admin, f"suspense/{foreign['id']}/return", "k4")
    assert returned.json()["state"] == "returned"
    assert balance(buyer[0]) == "9.00"
    assert admin.get("/api/admin/suspense").json() == []
    assert len(admin.get("/api/admin/suspense?state=").json()) == 2


def test_money_from_suspense_above_the_limit_needs_a_second_admin(
    admin: TestClient, buyer: tuple[TestClient, int], services: Services
) -> None:
    park(services, "p1", 500_000_000, "USD")
    (parked,) = admin.get("/api/admin/suspense").json()
    assert parked["request_id"] is None
    assign = f"suspense/{parked['id']}/assign"
    told = post(admin, assign, user_id=buyer[1])
    assert told.status_code == 200, told.text
    waits = told.json()
    assert waits == {"id": parked["id"], "state": "waits", "request_id": waits["request_id"]}
    assert post(admin, assign, "k2", user_id=buyer[1]).json() == waits, "asked once"
    assert balance(buyer[0]) == "0.00"
    for state in ("open", "second"):
        (row,) = admin.get(f"/api/admin/suspense?state={state}").json()
        assert (row["state"], row["request_id"]) == ("open", waits["request_id"])
    (asked,) = admin.get("/api/admin/approvals").json()
    assert (asked["id"], asked["suspense_id"]) == (waits["request_id"], parked["id"])
    assert (asked["intent_id"], asked["payment"], asked["amount"]) == (None, "p1", "500.00")
    back = post(admin, f"suspense/{parked['id']}/return", "k3")
    assert (back.status_code, back.json()["error"]["code"]) == (409, "awaits_approval")
    decide = f"approvals/{asked['id']}/decide"
    assert post(admin, decide, "k4", approve=True).json()["error"]["code"] == "not_oneself"
    with another(services) as other:
        sign_in(other, services, "second@example.org", "admin")
        assert post(other, assign, user_id=buyer[1]).status_code == 409
        done = post(other, decide, "k4", approve=True).json()
    assert (done["state"], done["outcome"], done["available"]) == ("approved", "booked", "500.00")
    assert balance(buyer[0]) == "500.00"
    (row,) = admin.get("/api/admin/suspense?state=assigned").json()
    assert (row["given_to"], row["request_id"]) == ("ada@example.org", None)


def test_a_correction_above_the_limit_waits_for_another_admin(
    admin: TestClient, buyer: tuple[TestClient, int], services: Services
) -> None:
    with services.database.transaction() as unit:
        asker = unit.scalar("select id from app_user where email = 'root@example.org'")
        people.adjust_balance(
            unit,
            Actor(asker, "root@example.org", "admin", capabilities_of("admin")),
            buyer[1],
            "300",
            "a gift of ours",
            "k",
            utc_now(),
        )
    (asked,) = admin.get("/api/admin/approvals").json()
    assert (asked["amount"], asked["state"]) == ("300.00", "pending")
    path = f"approvals/{asked['id']}/decide"
    assert post(admin, path, approve=True).json()["error"]["code"] == "not_oneself"
    with another(services) as other:
        sign_in(other, services, "second@example.org", "admin")
        done = post(other, path, approve=True)
        assert done.json() == {
            "id": asked["id"],
            "state": "approved",
            "outcome": "booked",
            "user_id": buyer[1],
            "available": "300.00",
        }
        assert post(other, path, "k2", approve=True).status_code == 409
    assert balance(buyer[0]) == "300.00"


def test_a_coupon_is_made_listed_redeemed_and_withdrawn(
    admin: TestClient, buyer: tuple[TestClient, int]
) -> None:
    made = post(admin, "coupons", code="autumn-26", amount="5", most_uses=2, last_day="2099-12-31")
    assert (made.status_code, made.json()) == (201, {"code": "AUTUMN26"})
    assert post(
        admin, "coupons", code="autumn-26", amount="5", most_uses=2, last_day="2099-12-31"
    ).headers["Idempotent-Replay"]
    assert buyer[0].post("/api/wallet/coupon", json={"code": "AUTUMN26"}).status_code == 201
    (row,) = admin.get("/api/admin/coupons").json()
    assert (row["gives"], row["used"], row["given"]) == ("$5.00", 1, "5.00")
    assert post(admin, "coupons/autumn26/withdraw", "k2").status_code == 200
    assert admin.get("/api/admin/coupons").json()[0]["state"] == "withdrawn"
    assert post(admin, "coupons", "k3", amount="5", percent="10").status_code == 422
    assert post(admin, "coupons", "k4", amount="251").status_code == 422


def test_penalties_are_previewed_and_a_decided_one_stays_so(admin: TestClient) -> None:
    assert admin.get("/api/admin/penalties/preview?day=2026-11-01").json() == []
    assert admin.get("/api/admin/penalties?state=appealed").json() == []
    assert post(admin, "penalties/4711/decide", reverse=True).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "deposits/1/confirm",
        "suspense/1/return",
        "approvals/1/decide",
        "coupons",
        "penalties/1/decide",
        "users/1/unfreeze",
        "ledger/verify",
    ],
)
def test_support_looks_and_does_nothing(services: Services, path: str) -> None:
    with another(services) as support:
        sign_in(support, services, "clerk@example.org", "support")
        assert support.get("/api/admin/deposits").status_code == 200
        assert post(support, path).status_code == 403


def test_a_deed_needs_a_key_and_a_reason(admin: TestClient) -> None:
    assert admin.post("/api/admin/coupons", json={**WHY, "amount": "5"}).status_code == 422
    headers = {"Idempotency-Key": "k"}
    assert (
        admin.post("/api/admin/coupons", json={"amount": "5"}, headers=headers).status_code == 422
    )
    assert admin.get("/api/admin/coupons").json() == []
