"""The same number once more: a purchase like any other, of that number and no other."""

from __future__ import annotations

import pytest

from nexnum_console.activations import aftercare
from nexnum_console.activations.errors import ActivationNotFound, NothingForSale, NotReusable
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.reconcile import reconcile
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.reports.again import again
from tests.activations.world import UNIT

FULL = 100 * UNIT
PRICE = 150_000


@pytest.fixture
def served(world) -> int:
    """A finished order of alpha, which offers its numbers twice."""
    world.carrier().offers.add("reuse")
    bought = purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    with world.desk.database.transaction() as unit:
        store_messages(unit, world.desk, bought, [Sms("1234", "1234", "T")], world.clock())
    aftercare.finish(world.desk, bought, world.user_id)
    return bought


def take(world, activation_id: int, mood: str = "sell", **wish) -> dict:
    world.carrier().mood = lambda: mood
    order = Order(wish.pop("user_id", world.user_id), "", "", reuse=activation_id, **wish)
    return world.row(purchase(world.desk, order))


def test_the_number_comes_again_by_a_new_order_at_the_present_price(world, served):
    row = take(world, served)
    before = world.row(served)
    assert (row["state"], row["phone"], row["reuse_of"]) == ("waiting", before["phone"], served)
    assert row["upstream_id"] != before["upstream_id"]
    assert (row["service"], row["country"], row["charged"]) == ("telegram", "GB", PRICE)
    assert world.balance() == (FULL - 2 * PRICE, 0)
    assert world.carrier().calls.count("reuse") == 1
    assert world.carrier().told[-1] == {
        "country": "england",
        "service": "tg",
        "phone": before["phone"],
        "state": "received",
    }


def test_a_carrier_that_gave_the_number_away_costs_nothing_and_nobody_else_is_asked(world, served):
    row = take(world, served, "reuse_unavailable")
    assert (row["state"], row["reason"]) == ("failed", "reuse_unavailable")
    assert world.balance() == (FULL - PRICE, 0)
    assert "buy" not in world.carrier("beta").calls


def test_a_lost_answer_is_settled_by_that_number_alone(world, served):
    lost = take(world, served, "sell_and_lose")
    assert lost["state"] == "confirming"
    world.carrier().mood = lambda: "sell_and_lose"
    other = purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    assert world.carrier().calls.count("reuse") == 1
    reconcile(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(lost["id"])["phone"] == world.row(served)["phone"]
    assert world.row(other)["phone"] != world.row(served)["phone"]


def test_another_number_in_the_listing_is_not_taken_for_it(world, served):
    lost = take(world, served, "lose")
    world.carrier()._sell("england", "tg")
    world.clock.advance(60)
    for _ in range(2):
        reconcile(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(lost["id"])["state"] == "failed"


def test_only_finished_orders_of_ones_own_at_carriers_that_do_it(world, served):
    live = purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    with pytest.raises(NotReusable, match="finished"):
        take(world, live)
    with pytest.raises(ActivationNotFound):
        take(world, served, user_id=world.user_id + 1)
    with pytest.raises(ActivationNotFound):
        take(world, served + 1000)
    world.carrier().offers.discard("reuse")
    with pytest.raises(NotReusable, match="does not give a number twice"):
        take(world, served)
    assert "reuse" not in world.carrier().calls


def test_the_cap_holds(world, served):
    with pytest.raises(NothingForSale):
        take(world, served, max_price=PRICE - 1)
    assert "reuse" not in world.carrier().calls


def test_the_page_tells_the_price_or_why_not(world, served):
    with world.desk.database.transaction() as unit:
        offer = again(unit, world.desk, served, world.user_id, FULL)
        assert (offer.price_micro, offer.price, offer.missing, offer.why) == (
            PRICE,
            "$0.15",
            "",
            "",
        )
        assert again(unit, world.desk, served, world.user_id, 0).missing == "$0.15"
        assert again(unit, world.desk, served, world.user_id + 1, FULL).id == 0
        unit.run("update offer set stock = 0")
        assert "has nothing" in again(unit, world.desk, served, world.user_id, FULL).why
        world.carrier().offers.discard("reuse")
        assert "twice" in again(unit, world.desk, served, world.user_id, FULL).why
