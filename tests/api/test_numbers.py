"""Buying, looking and giving back over HTTP; the carriers are played, the rest is real."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.bootstrap import Services
from tests.activations.world import World, build
from tests.api.people import another, played, sign_in

LOCK = 30
WISH = {"service": "telegram", "country": "GB"}


@pytest.fixture
def world(services: Services) -> World:
    return build(services.database, lock=LOCK, funds=0)


@pytest.fixture
def store(services: Services, world: World) -> Iterator[TestClient]:
    with another(played(services, world)) as client:
        sign_in(client, services, "ada@example.org")
        deposit(client, "10.00")
        yield client


def deposit(client: TestClient, amount: str) -> None:
    headers = {"Idempotency-Key": f"deposit-{amount}"}
    answer = client.post("/api/wallet/deposit", json={"amount": amount}, headers=headers)
    assert answer.status_code == 201, answer.text


def buy(client: TestClient, key: str = "k1", **wish: Any) -> httpx.Response:
    return client.post("/api/numbers/purchase", json=WISH | wish, headers={"Idempotency-Key": key})


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def wallet(client: TestClient) -> tuple[str, str]:
    found = client.get("/api/wallet").json()
    return found["available"], found["reserved"]


def test_a_purchase_shows_the_number_and_takes_the_money(store: TestClient) -> None:
    answer = buy(store)
    assert answer.status_code == 201
    bought = answer.json()
    assert bought["state"] == "waiting"
    assert bought["number"].startswith("+44")
    assert (bought["provider"], bought["charged"], bought["currency"]) == ("alpha", "0.15", "USD")
    assert store.get(f"/api/numbers/{bought['id']}").json()["number"] == bought["number"]
    assert wallet(store) == ("9.85", "0.00")


def test_the_same_key_replays_the_answer_byte_for_byte(store: TestClient, world: World) -> None:
    first, second = buy(store), buy(store)
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert world.carrier().calls.count("buy") == 1


def test_the_same_key_for_another_wish_is_refused(store: TestClient) -> None:
    buy(store)
    answer = buy(store, country="DE")
    assert (answer.status_code, code(answer)) == (422, "idempotency_key_reused")


def test_a_key_in_flight_is_answered_as_soon_as_the_order_is_settled(
    store: TestClient, services: Services
) -> None:
    """The process that took the order died after it was bound, before it answered."""
    bought = buy(store).json()
    with services.database.transaction() as unit:
        unit.run("update idempotency_key set state = 'open', status = null, body = null")
    retried = buy(store)
    assert (retried.status_code, retried.json()["id"]) == (201, bought["id"])
    assert buy(store).content == retried.content


def test_a_key_in_flight_names_the_order_while_it_is_being_bought(
    store: TestClient, services: Services
) -> None:
    bought = buy(store).json()
    with services.database.transaction() as unit:
        unit.run("update idempotency_key set state = 'open', status = null, body = null")
        unit.run("update activation set state = 'buying'")
    answer = buy(store)
    assert (answer.status_code, code(answer)) == (409, "in_flight")
    assert answer.json()["error"]["details"]["ref"] == f"activation:{bought['id']}"
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "wish",
    [
        {"colour": "red"},
        {"country": "gb"},
        {"country": "GBR"},
        {"service": ""},
        {"service": 7},
        {"operator": ""},
        {"max_price": 0.5},
        {"max_price": "a lot"},
        {"max_price": "NaN"},
        {"max_price": "0.0000001"},
        {"provider": "x" * 65},
    ],
)
def test_what_is_no_wish_is_refused_and_costs_nothing(
    store: TestClient, world: World, wish: dict[str, Any]
) -> None:
    answer = buy(store, **wish)
    assert answer.status_code == 422, answer.text
    assert wallet(store) == ("10.00", "0.00")
    assert world.carrier().calls == []


def test_a_key_is_asked_for(store: TestClient) -> None:
    assert store.post("/api/numbers/purchase", json=WISH).status_code == 422
    for key in ("", "with space", "x" * 129):
        assert buy(store, key=key).status_code == 422


def test_nothing_for_sale_says_what_it_would_cost(store: TestClient) -> None:
    answer = buy(store, max_price="0.01")
    assert (answer.status_code, code(answer)) == (409, "no_numbers")
    assert answer.json()["error"]["details"] == {"cheapest": "0.15"}
    assert code(buy(store, key="k2", service="unknown")) == "no_numbers"
    assert wallet(store) == ("10.00", "0.00")


def test_a_refusal_leaves_the_key_free(store: TestClient) -> None:
    assert code(buy(store, max_price="0.01")) == "no_numbers"
    assert buy(store).status_code == 201


def test_too_little_money_is_a_clear_402(services: Services, world: World) -> None:
    with another(played(services, world)) as poor:
        sign_in(poor, services, "poor@example.org")
        answer = buy(poor)
    assert (answer.status_code, code(answer)) == (402, "insufficient_funds")
    assert "nothing was bought" in answer.json()["error"]["message"]
    assert world.carrier().calls == []


def test_no_provider_sells_and_the_money_is_back(store: TestClient, world: World) -> None:
    for carrier in world.carriers.values():
        carrier.mood = lambda: "no_numbers"
    answer = buy(store)
    assert (answer.status_code, code(answer)) == (409, "no_numbers")
    assert wallet(store) == ("10.00", "0.00")
    assert buy(store).content == answer.content


def test_an_unknown_answer_is_202_with_the_money_held(store: TestClient, world: World) -> None:
    world.carrier().mood = lambda: "sell_and_lose"
    answer = buy(store)
    assert (answer.status_code, answer.json()["state"]) == (202, "confirming")
    assert wallet(store) == ("9.85", "0.15")


def test_others_cannot_see_or_cancel_it(
    store: TestClient, services: Services, world: World
) -> None:
    bought = buy(store).json()["id"]
    world.clock.advance(LOCK)
    with another(played(services, world)) as stranger:
        sign_in(stranger, services, "eve@example.org")
        assert stranger.get(f"/api/numbers/{bought}").status_code == 404
        assert stranger.post(f"/api/numbers/{bought}/cancel", json={}).status_code == 404
        assert stranger.get("/api/numbers/999999").status_code == 404
        # What is not hers looks exactly like what does not exist.
        foreign, missing = (
            stranger.get(f"/api/numbers/{one}").json()["error"] for one in (bought, 999_999)
        )
        assert foreign["code"] == missing["code"]
    assert store.get(f"/api/numbers/{bought}").json()["state"] == "waiting"


def test_cancelling_waits_for_the_lock_and_refunds_once(store: TestClient, world: World) -> None:
    path = f"/api/numbers/{buy(store).json()['id']}/cancel"
    early = store.post(path, json={})
    assert (early.status_code, code(early)) == (409, "cancel_too_early")
    assert 0 < int(early.headers["Retry-After"]) <= LOCK
    world.clock.advance(LOCK)
    done = store.post(path, json={})
    assert (done.status_code, done.json()["state"]) == (200, "cancelled")
    assert wallet(store) == ("10.00", "0.00")
    again = store.post(path, json={})
    assert (again.status_code, code(again)) == (409, "not_cancellable")
    assert wallet(store) == ("10.00", "0.00")


def test_a_cancellation_without_an_answer_is_202(store: TestClient, world: World) -> None:
    bought = buy(store).json()["id"]
    world.clock.advance(LOCK)
    world.carrier().cancel_answer = "provider_error"
    answer = store.post(f"/api/numbers/{bought}/cancel", json={})
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelling")
    assert wallet(store) == ("9.85", "0.00")


def test_strangers_and_junk_ids_get_nowhere(store: TestClient, client: TestClient) -> None:
    assert buy(client).status_code == 401
    assert client.get("/api/numbers/1").status_code == 401
    assert client.post("/api/numbers/1/cancel", json={}).status_code == 401
    for junk in ("x", "1.5", "-", "%27"):
        assert store.get(f"/api/numbers/{junk}").status_code == 422


@pytest.mark.parametrize("huge", [2**63, 10**30, -(2**63) - 1])
def test_an_id_larger_than_any_is_not_found(store: TestClient, huge: int) -> None:
    assert store.get(f"/api/numbers/{huge}").status_code in {404, 422}
    assert store.post(f"/api/numbers/{huge}/cancel", json={}).status_code in {404, 422}


def test_a_number_with_its_code_is_asked_for_another_and_finished(
    store: TestClient, world: World
) -> None:
    bought = buy(store).json()["id"]
    for errand in ("resend", "finish"):
        assert code(store.post(f"/api/numbers/{bought}/{errand}")) == "no_code_yet"
    with world.desk.database.transaction() as unit:
        store_messages(unit, world.desk, bought, [Sms("123456", "code", "")], world.clock())
    assert store.post(f"/api/numbers/{bought}/resend").json()["state"] == "received"
    world.carrier().aftercare_answer = "provider_error"
    silent = store.post(f"/api/numbers/{bought}/finish")
    assert (silent.status_code, code(silent)) == (503, "carrier_silent")
    world.carrier().aftercare_answer = None
    assert store.post(f"/api/numbers/{bought}/finish").json()["state"] == "finished"
    assert wallet(store) == ("9.85", "0.00")


def test_a_reported_number_is_refunded_on_the_carriers_word(
    store: TestClient, world: World
) -> None:
    bought = buy(store).json()["id"]
    assert code(store.post(f"/api/numbers/{bought}/report")) == "cancel_too_early"
    world.carrier().offers.add("ban")
    answer = store.post(f"/api/numbers/{bought}/report")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert wallet(store) == ("10.00", "0.00")


def ask(client: TestClient, **wish: Any) -> httpx.Response:
    return client.post("/api/numbers/quote", json=WISH | wish)


def buy_quoted(client: TestClient, quote: str, key: str = "q1", **more: Any) -> httpx.Response:
    body = {"quote": quote, **more}
    return client.post("/api/numbers/purchase", json=body, headers={"Idempotency-Key": key})


def test_a_quote_tells_the_cap_and_the_purchase_keeps_to_it(store: TestClient) -> None:
    answer = ask(store, max_price="0.20", strategy="cheapest")
    assert answer.status_code == 201, answer.text
    quote = answer.json()
    assert (quote["price_cap"], quote["currency"], quote["strategy"]) == ("0.16", "USD", "cheapest")
    assert [(o["provider"], o["price"]) for o in quote["offers"]] == [
        ("alpha", "0.15"),
        ("beta", "0.16"),
    ]
    bought = buy_quoted(store, quote["quote"])
    assert (bought.status_code, bought.json()["charged"]) == (201, "0.15")
    assert buy_quoted(store, quote["quote"]).content == bought.content
    again = buy_quoted(store, quote["quote"], "q2")
    assert (again.status_code, code(again)) == (409, "quote_used")


def test_a_quote_of_somebody_else_is_unknown(
    services: Services, world: World, store: TestClient
) -> None:
    quote = ask(store).json()["quote"]
    with another(played(services, world)) as client:
        sign_in(client, services, "eve@example.org")
        answer = buy_quoted(client, quote)
    assert (answer.status_code, code(answer)) == (404, "quote_not_found")


def test_a_quote_decides_everything_itself(store: TestClient) -> None:
    quote = ask(store).json()["quote"]
    answer = buy_quoted(store, quote, max_price="9")
    assert answer.status_code == 422
    told = answer.json()["error"]["message"]
    assert told == "the request: with a quote leave out max_price"
    assert buy(store, strategy="luckiest").status_code == 422
    assert buy_quoted(store, quote).status_code == 201


def test_this_provider_only(store: TestClient) -> None:
    assert ask(store, provider="beta").json()["price_cap"] == "0.16"
    assert buy(store, provider="beta", max_price="0.16").json()["provider"] == "beta"
    answer = ask(store, provider="gamma")
    assert (answer.status_code, code(answer)) == (409, "no_numbers")
