"""Many at once over real HTTP: one wallet, one key."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from bench.harness import COUNTRY, SERVICE, Console

pytestmark = [pytest.mark.torture, pytest.mark.timeout(240)]

AT_ONCE = 200
AFFORDABLE = 100
SAME = 20


@pytest.fixture(scope="module")
def store(console: Console) -> Console:
    """The store is open."""
    console.web()
    console.workers()
    console.await_ready("web")
    return console


def _price(console: Console) -> Decimal:
    offers = console.rows(
        "select min(price_micro) as price from offer where service = :service"
        " and country = :country and operator = 'any' and stock > 0",
        service=SERVICE,
        country=COUNTRY,
    )
    return Decimal(offers[0]["price"]) / 1_000_000


def test_two_hundred_on_one_wallet_with_funds_for_half(store: Console) -> None:
    price = _price(store)
    shopper = store.shopper(funds=str(price * AFFORDABLE))
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            pool.map(lambda n: shopper.buy(f"buy-{n}", max_price=str(price)), range(AT_ONCE))
        )
    took = time.monotonic() - began
    assert Counter(answer.status_code for answer in answers) == {
        201: AFFORDABLE,
        402: AT_ONCE - AFFORDABLE,
    }, Counter(answer.text[:120] for answer in answers if answer.status_code not in {201, 402})
    refused = [answer.json()["error"] for answer in answers if answer.status_code == 402]
    assert {error["code"] for error in refused} == {"insufficient_funds"}
    assert all("nothing was bought" in error["message"] for error in refused)
    numbers = [answer.json()["number"] for answer in answers if answer.status_code == 201]
    assert len(set(numbers)) == AFFORDABLE
    store.audit()
    assert took < 60, f"{took:.0f} s for {AT_ONCE} purchases"


def test_one_key_sent_twenty_times_at_once_buys_once(store: Console) -> None:
    shopper = store.shopper()
    key = secrets.token_hex(8)
    with ThreadPoolExecutor(SAME) as pool:
        answers = list(pool.map(lambda _: shopper.buy(key), range(SAME)))
    (order,) = store.orders_of(shopper)
    first = shopper.buy(key)
    assert first.status_code == 201
    assert first.headers["Idempotent-Replay"] == "true"
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["error"]["code"] == "in_flight"
            assert answer.json()["error"]["details"]["ref"] == f"activation:{order['id']}"
            assert int(answer.headers["Retry-After"]) > 0
        else:
            assert (answer.status_code, answer.content) == (201, first.content)
    assert sum("Idempotent-Replay" not in a.headers for a in answers if a.status_code == 201) == 1
    assert shopper.buy(key).content == first.content


def test_the_same_key_for_another_wish_is_refused(store: Console) -> None:
    shopper = store.shopper()
    key = secrets.token_hex(8)
    assert shopper.buy(key).status_code == 201
    answer = shopper.buy(key, country="DE")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "idempotency_key_reused"
    assert len(store.orders_of(shopper)) == 1


def test_people_do_not_share_keys(store: Console) -> None:
    ada, bob = store.shopper(), store.shopper()
    answers = [person.buy("the-same-key").json()["id"] for person in (ada, bob)]
    assert answers[0] != answers[1]


def test_everything_ends_and_the_books_agree(store: Console) -> None:
    store.await_quiet()
    store.audit()
