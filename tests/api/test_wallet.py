"""Balance and deposits over HTTP."""

from __future__ import annotations

import dataclasses
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from nexnum_console.bootstrap import Services
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
