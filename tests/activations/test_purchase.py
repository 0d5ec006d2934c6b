from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nexnum_console.activations.errors import ActivationNotFound, NothingForSale
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.reading import view
from nexnum_console.wallet.errors import InsufficientFunds
from tests.activations.world import UNIT

CAP = 200_000


def order(world, **changes) -> Order:
    return Order(**{"user_id": world.user_id, "service": "telegram", "country": "GB", **changes})


def test_a_sold_number_is_bound_and_charged_at_the_shown_price(world):
    activation_id = purchase(world.desk, order(world))
    row = world.row(activation_id)
    assert (row["state"], row["charged"], row["upstream_id"]) == ("waiting", 150_000, "alpha-1")
    assert world.balance() == (100 * UNIT - 150_000, 0)


def test_a_known_no_goes_to_the_next_provider_within_the_cap(world):
    world.carrier("alpha").mood = lambda: "no_numbers"
    activation_id = purchase(world.desk, order(world, max_price=CAP))
    row = world.row(activation_id)
    assert (row["upstream_id"], row["charged"], row["price_cap"]) == ("beta-1", 160_000, 160_000)


def test_without_a_higher_cap_the_shown_price_is_the_most_a_buyer_pays(world):
    world.carrier("alpha").mood = lambda: "no_numbers"
    row = world.row(purchase(world.desk, order(world)))
    assert (row["state"], row["reason"]) == ("failed", "no_numbers")
    assert world.carrier("beta").calls == []
    assert world.balance() == (100 * UNIT, 0)


def test_a_refused_connection_sold_nothing(world):
    for carrier in world.carriers.values():
        carrier.mood = lambda: "refuse"
    row = world.row(purchase(world.desk, order(world, max_price=CAP)))
    assert row["state"] == "failed"
    assert world.balance() == (100 * UNIT, 0)


@pytest.mark.parametrize("mood", ["lose", "sell_and_lose"])
def test_an_unknown_answer_is_neither_retried_nor_released(world, mood):
    world.carrier("alpha").mood = lambda: mood
    row = world.row(purchase(world.desk, order(world, max_price=CAP)))
    assert row["state"] == "confirming"
    assert world.carrier("alpha").calls == ["buy"]
    assert world.carrier("beta").calls == []
    assert world.balance() == (100 * UNIT - 160_000, 160_000)


def test_one_number_sold_twice_is_not_two_orders(world):
    first = purchase(world.desk, order(world))
    world.carrier("alpha").mood = lambda: "twice"
    second = world.row(purchase(world.desk, order(world)))
    assert world.row(first)["upstream_id"] == "alpha-1"
    assert (second["state"], second["upstream_id"]) == ("confirming", None)


def test_nothing_for_sale_holds_nothing(world):
    with pytest.raises(NothingForSale):
        purchase(world.desk, order(world, country="FR"))
    with pytest.raises(NothingForSale) as refusal:
        purchase(world.desk, order(world, max_price=100_000))
    assert refusal.value.details == {"cheapest": "0.15"}
    assert world.balance() == (100 * UNIT, 0)


def test_a_purchase_beyond_the_balance_asks_no_provider(make_world):
    world = make_world(funds=100_000)
    with pytest.raises(InsufficientFunds):
        purchase(world.desk, order(world))
    assert world.carrier().calls == []


def test_two_hundred_purchases_at_once_on_funds_for_a_hundred(make_world):
    world = make_world(funds=100 * 150_000)

    def buy(_: int) -> bool:
        try:
            return world.row(purchase(world.desk, order(world)))["state"] == "waiting"
        except InsufficientFunds:
            return False

    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(buy, range(200)))
    assert outcomes.count(True) == 100
    assert world.carrier().calls.count("buy") == 100
    assert world.balance() == (0, 0)


def test_an_activation_is_its_owners_alone(world):
    activation_id = purchase(world.desk, order(world))
    with world.desk.database.transaction() as unit:
        assert view(unit, activation_id, world.user_id).provider == "alpha"
        with pytest.raises(ActivationNotFound):
            view(unit, activation_id, world.user_id + 1)
