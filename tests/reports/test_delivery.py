"""Success and wait of offers come from activations that had time, and lead the orders."""

from __future__ import annotations

import pytest

from nexnum_console.activations.purchase import Order as Wish
from nexnum_console.activations.purchase import purchase
from nexnum_console.activations.settle import Sms, give_back, store_messages
from nexnum_console.core.db import Database
from nexnum_console.reports import shelf
from nexnum_console.reports.delivery import UNKNOWN, Delivery, deliveries, order_of
from tests.activations.world import World, build

SERVICE = "telegram"


@pytest.fixture
def world(database: Database) -> World:
    return build(database)


def sold(world: World, seconds: float | None) -> None:
    """One number whose code took ``seconds``, or that expired without one."""
    number = purchase(world.desk, Wish(world.user_id, SERVICE, "GB"))
    world.clock.advance(seconds or 0)
    with world.desk.database.transaction() as unit:
        if seconds is None:
            give_back(unit, world.desk, number, "expired", upstream="closing", now=world.clock())
        else:
            store_messages(unit, world.desk, number, [Sms("1", f"{number}", "")], world.clock())


def test_success_is_codes_among_numbers_that_had_time(world: World) -> None:
    for seconds in (10.0, 14.0, None, 90.0):
        sold(world, seconds)
    purchase(world.desk, Wish(world.user_id, SERVICE, "GB"))  # still waits: says nothing yet
    with world.desk.database.transaction() as unit:
        found = deliveries(unit, SERVICE, world.clock())
        offer = shelf.shelf(
            unit,
            found=shelf.Found(),
            service=SERVICE,
            country="GB",
            available=0,
            currency="USD",
            now=world.clock(),
        ).offers[0]
    whole = found.of("GB", "any")
    assert (whole.had_time, whole.coded, whole.wait_label) == (4, 3, "14 s")
    assert (offer.success, offer.sample, offer.wait) == ("75.0 %", "4", "14 s")
    assert (offer.cancel, offer.codes) == ("any time", "Those that come")
    assert found.of("GB", "vodafone") == UNKNOWN
    assert found.of("FR") == UNKNOWN


def test_what_is_older_than_a_day_is_not_told(world: World) -> None:
    sold(world, 10.0)
    world.clock.advance(25 * 3600)
    with world.desk.database.transaction() as unit:
        assert deliveries(unit, SERVICE, world.clock()).of("GB").sample_label == "no results yet"


def test_orders_weigh_price_success_and_speed() -> None:
    sure = (Delivery(100, 95, 40.0), 200)
    cheap = (Delivery(100, 30, 20.0), 100)
    lucky = (Delivery(1, 1, 60.0), 300)
    new = (UNKNOWN, 150)

    def by(order):
        offers = [sure, cheap, lucky, new]
        return sorted(offers, key=lambda one: one[0].rank(order, one[1]))

    assert by("price") == [cheap, new, sure, lucky]
    assert by("best") == [new, sure, cheap, lucky]
    assert by("success") == [sure, lucky, cheap, new]
    assert by("speed") == [cheap, sure, lucky, new]
    assert order_of("speed") == "speed"
    assert order_of("sideways") == "best"


def test_an_offer_says_when_it_can_be_cancelled_and_whether_it_gives_more_codes(
    world: World,
) -> None:
    with world.desk.database.transaction() as unit:
        unit.run(
            "update provider set config ="
            """ '{"lifetimes": {"cancelLockSeconds": 120}, "endpoints": {"resend": {}}}'"""
        )
        (offer,) = shelf.shelf(
            unit,
            found=shelf.Found(),
            service=SERVICE,
            country="GB",
            available=0,
            currency="USD",
            now=world.clock(),
        ).offers
    assert (offer.cancel, offer.codes) == ("after 2 min", "Many, on request")
    assert (offer.success, offer.sample, offer.wait) == ("", "no results yet", "–")
