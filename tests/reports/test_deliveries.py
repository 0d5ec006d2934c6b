"""Success and wait of offers come from activations that had time, and lead the orders."""

from __future__ import annotations

import pytest

from nexnum_console.activations.purchase import Order as Wish
from nexnum_console.activations.purchase import purchase
from nexnum_console.activations.settle import Sms, give_back, store_messages
from nexnum_console.core.db import Database
from nexnum_console.reports import shelf
from nexnum_console.reports.deliveries import NOTHING_YET, Delivery, by_country, by_operator
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


def look(world: World, sort: str = "best") -> shelf.Shelf:
    with world.desk.database.transaction() as unit:
        return shelf.shelf(
            unit,
            found=shelf.Found(),
            service=SERVICE,
            country="GB",
            available=0,
            currency="USD",
            now=world.clock(),
            sort=sort,
        )


def test_success_is_codes_among_numbers_that_had_time(world: World) -> None:
    for seconds in (10.0, 14.0, None, 90.0):
        sold(world, seconds)
    purchase(world.desk, Wish(world.user_id, SERVICE, "GB"))  # still waits: says nothing yet
    seen = look(world)
    with world.desk.database.transaction() as unit:
        told = by_operator(unit, SERVICE, "GB", world.clock())
        assert by_operator(unit, SERVICE, "FR", world.clock()).get("any", NOTHING_YET).share == ""
    assert (told[""].had_time, told[""].coded) == (4, 3)
    assert "vodafone" not in told
    (offer,) = seen.offers
    assert (offer.success, offer.sample, offer.wait) == ("75.0 %", "· 4", "14 s")
    assert seen.countries[0].success == "75.0 % · 4"


def test_what_is_older_than_a_day_is_not_told(world: World) -> None:
    sold(world, 10.0)
    world.clock.advance(25 * 3600)
    with world.desk.database.transaction() as unit:
        assert by_country(unit, SERVICE, world.clock()).get("GB", NOTHING_YET) == NOTHING_YET
    assert look(world).offers[0].sample == "no results yet"


def test_countries_follow_the_order_that_is_asked_for(world: World) -> None:
    """France is dear and quick, Britain cheap and slow."""
    sold(world, 90.0)
    with world.desk.database.transaction() as unit:
        unit.run("insert into country (iso2, name, dial) values ('FR', 'France', '33')")
        unit.run(
            "insert into offer (provider_id, country, service, external_country, external_service,"
            " cost_micro, price_micro, stock, sync_no)"
            " select provider_id, 'FR', service, 'france', external_service, cost_micro, 900000,"
            " stock, 1 from offer where country = 'GB' limit 1"
        )
    number = purchase(world.desk, Wish(world.user_id, SERVICE, "FR"))
    world.clock.advance(5)
    with world.desk.database.transaction() as unit:
        store_messages(unit, world.desk, number, [Sms("1", "fr", "")], world.clock())
    orders = {sort: [row.iso2 for row in look(world, sort).countries] for sort in shelf.SORTS}
    assert orders["price"] == orders["best"] == ["GB", "FR"]
    assert orders["speed"] == ["FR", "GB"]
    assert look(world, "speed").countries_label == "2 countries, quickest first"


def test_a_small_sample_says_little() -> None:
    assert Delivery(1, 1).chance < Delivery(100, 95).chance
    assert (Delivery(1, 0).tone, Delivery(100, 30).tone, NOTHING_YET.tone) == ("few", "warn", "few")


def test_an_offer_says_when_it_can_be_cancelled_and_whether_it_gives_more_codes(
    world: World,
) -> None:
    (offer,) = look(world).offers
    assert (offer.cancel, offer.codes) == ("any time", "Those that come")
    with world.desk.database.transaction() as unit:
        unit.run(
            "update provider set config ="
            """ '{"lifetimes": {"cancelLockSeconds": 120}, "endpoints": {"resend": {}}}'"""
        )
    (offer,) = look(world).offers
    assert (offer.cancel, offer.codes) == ("after 2 min", "Many, on request")
