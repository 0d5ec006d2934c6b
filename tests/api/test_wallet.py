"""Balance and deposits over HTTP."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from nexnum_console.api.wallet import IntentBody
from nexnum_console.bootstrap import Services
from nexnum_console.core import idempotency
from nexnum_console.core.clock import utc_now
from nexnum_console.wallet import coupons, penalties
from nexnum_console.wallet.penalties import Charge
from tests.api.people import another, sign_in


@pytest.fixture
def holder(client: TestClient, services: Services) -> TestClient:
    sign_in(client, services, "ada@example.org")
    return client


def deposit(client: TestClient, amount: Any, key: str = "d1", **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return client.post("/api/wallet/deposit", json={"amount": amount, **more}, headers=headers)


def test_a_new_wallet_is_empty(holder: TestClient) -> None:
    assert holder.get("/api/wallet").json() == {
        "currency": "USD",
        "available": "0.00",
        "reserved": "0.00",
    }


def test_a_deposit_is_booked_once_however_often_it_is_sent(holder: TestClient) -> None:
    first = deposit(holder, "25.50")
    assert first.status_code == 201
    assert first.json()["wallet"]["available"] == "25.50"
    again = deposit(holder, "25.50")
    assert again.json()["deposit_id"] == first.json()["deposit_id"]
    assert holder.get("/api/wallet").json()["available"] == "25.50"
    assert deposit(holder, "1.00", key="d2").json()["wallet"]["available"] == "26.50"


def test_two_people_may_use_one_key(holder: TestClient, services: Services) -> None:
    deposit(holder, "5.00", key="same")
    with another(services) as bob:
        sign_in(bob, services, "bob@example.org")
        assert deposit(bob, "7.00", key="same").json()["wallet"]["available"] == "7.00"
    assert holder.get("/api/wallet").json()["available"] == "5.00"


@pytest.mark.parametrize(
    "amount",
    ["0", "-5.00", "0.009", "10000.01", "1e9", "", "ten", "NaN", "Infinity", "1.0000001", 5, 5.0],
)
def test_bad_amounts_are_refused(holder: TestClient, amount: Any) -> None:
    answer = deposit(holder, amount)
    assert answer.status_code == 422, answer.text
    assert holder.get("/api/wallet").json()["available"] == "0.00"


def test_unknown_fields_and_gateways_are_refused(holder: TestClient) -> None:
    assert deposit(holder, "5.00", user_id=2).status_code == 422
    assert deposit(holder, "5.00", gateway="stripe").status_code == 422
    assert holder.post("/api/wallet/deposit", json={"amount": "5.00"}).status_code == 422
    assert deposit(holder, "5.00", key="with space").status_code == 422
    assert holder.get("/api/wallet").json()["available"] == "0.00"


def test_the_sandbox_gateway_is_closed_without_a_sandbox(services: Services) -> None:
    settings = services.settings.model_copy(update={"sandbox_control_url": None})
    with another(dataclasses.replace(services, settings=settings)) as real:
        sign_in(real, services, "ada@example.org")
        answer = deposit(real, "5.00")
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "gateway_closed"
        assert real.get("/api/wallet").json()["available"] == "0.00"


def test_strangers_have_no_wallet(client: TestClient) -> None:
    assert client.get("/api/wallet").status_code == 401
    assert deposit(client, "5.00").status_code == 401


def test_the_same_key_replays_byte_for_byte_and_binds_its_body(holder: TestClient) -> None:
    first = deposit(holder, "5.00")
    deposit(holder, "7.00", key="d2")
    again = deposit(holder, "5.00")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replay"] == "true"
    other = deposit(holder, "6.00")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert holder.get("/api/wallet").json()["available"] == "12.00"


def test_a_key_in_flight_is_told_when_to_come_again(holder: TestClient, services: Services) -> None:
    body = IntentBody(amount="5.00", gateway="sandbox")
    shape = idempotency.fingerprint("POST", "/api/wallet/deposits", body.model_dump_json().encode())
    with services.database.transaction() as unit:
        user_id = unit.scalar("select max(id) from app_user")
        idempotency.begin(
            unit, f"user:{user_id}", "k1", shape, now=utc_now(), lease=timedelta(seconds=30)
        )
    answer = open_deposit(holder, "5.00", key="k1")
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "5")


def open_deposit(client: TestClient, amount: str, key: str = "i1", **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    body = {"amount": amount, "gateway": "sandbox", **more}
    return client.post("/api/wallet/deposits", json=body, headers=headers)


def test_a_deposit_by_gateway_is_opened_once_and_listed(holder: TestClient) -> None:
    first = open_deposit(holder, "25.00")
    assert (first.status_code, first.json()["state"]) == (201, "booked")
    assert open_deposit(holder, "25.00").content == first.content
    assert open_deposit(holder, "26.00").status_code == 422
    assert open_deposit(holder, "25.00", key="i2", gateway="stripe").status_code == 403
    assert [found["id"] for found in holder.get("/api/wallet/deposits").json()] == [
        first.json()["id"]
    ]
    assert holder.get("/api/wallet").json()["available"] == "25.00"


def test_a_callback_nobody_signed_is_refused(client: TestClient) -> None:
    answer = client.post("/api/gateways/sandbox/callback", json={"event": "e"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "callback_refused")
    assert client.post("/api/gateways/stripe/callback", json={}).status_code == 403


def test_a_signed_callback_needs_no_session(client: TestClient, services: Services) -> None:
    gateway = services.gateways["sandbox"]
    body = b'{"event": "e1", "kind": "expired", "ticket": "nx1"}'
    headers = {"X-Sandbox-Signature": gateway.sign(body), "Content-Type": "application/json"}
    answer = client.post("/api/gateways/sandbox/callback", content=body, headers=headers)
    assert answer.json() == {"received": True}


def test_a_coupon_is_redeemed_in_any_case_and_guessing_is_slowed(
    holder: TestClient, services: Services
) -> None:
    with services.database.transaction() as unit:
        coupons.make(unit, coupons.Terms(amount=2_500_000), "x", utc_now(), "WELCOME1")
    answer = holder.post("/api/wallet/coupon", json={"code": " welcome-1 "})
    assert answer.json()["wallet"]["available"] == "2.50"
    codes = [
        holder.post("/api/wallet/coupon", json={"code": f"GUESS{n}"}).status_code for n in range(10)
    ]
    assert codes == [422] * 9 + [429]


def test_a_penalty_is_appealed_once_by_its_owner(holder: TestClient, services: Services) -> None:
    deposit(holder, "5.00")
    with services.database.transaction() as unit:
        wallet = int(unit.scalar("select id from wallet where available > 0"))
        charge = Charge(wallet, "velocity", "2026-11-01", 1_000_000, {"in_an_hour": 9})
        number = penalties.book(unit, charge, "system", utc_now())
    place = f"/api/wallet/penalties/{number}/appeal"
    assert holder.post(place, json={"text": "too short"}).status_code == 422
    with another(services) as bob:
        sign_in(bob, services, "bob@example.org")
        assert bob.post(place, json={"text": "It was not Ada."}).status_code == 404
        assert bob.get("/api/wallet/penalties").json() == []
    assert holder.post(place, json={"text": "All of them were dead."}).status_code == 204
    assert holder.post(place, json={"text": "All of them were dead."}).status_code == 409
    (told,) = holder.get("/api/wallet/penalties").json()
    assert (told["state"], told["appeal"]) == ("appealed", "All of them were dead.")
    assert (told["amount"], told["decision"]) == ("1.00", "")


def test_a_statement_adds_up_and_comes_as_a_file(holder: TestClient) -> None:
    deposit(holder, "5.00")
    today = utc_now().date().isoformat()
    span = {"since": today, "until": today}
    found = holder.get("/api/wallet/statement", params=span).json()
    assert (found["opening_available"], found["closing_available"]) == ("0.00", "5.00")
    assert found["lines"][0] == {
        "kind": "deposit",
        "title": "Deposit",
        "count": 1,
        "available": "5.00",
        "reserved": "0.00",
    }
    file = holder.get("/api/wallet/statement.csv", params=span)
    assert file.headers["content-type"].startswith("text/csv")
    assert "Deposit" in file.text
    assert (
        holder.get("/api/wallet/statement", params={**span, "until": "2020-01-01"}).status_code
        == 422
    )
