"""What was learned and what was decided, as lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from nexnum_console.activations import purchase
from nexnum_console.activations.learning import learn
from nexnum_console.activations.purchase import Order
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.core.db import Database
from nexnum_console.reports.listing import Listing, parse
from nexnum_console.reports.listing_page import ListPage, read_page
from nexnum_console.reports.routing_decisions import DECISIONS
from nexnum_console.reports.routing_learned import LEARNED
from tests.activations.world import World, build


@pytest.fixture
def make_world(database: Database) -> Iterator[Callable[..., World]]:
    return lambda **options: build(database, **options)


def look(world: World, listing: Listing, **asked: str) -> ListPage:
    with world.desk.database.transaction() as unit:
        return read_page(unit, listing, parse(listing, asked), 0)


def delivered(world: World, number: int) -> int:
    order = Order(world.user_id, "telegram", "GB", max_price=200_000)
    activation_id = purchase.purchase(world.desk, order)
    with world.desk.database.transaction() as unit:
        sms = [Sms(f"1234{number:02}", "code", "x")]
        store_messages(unit, world.desk, activation_id, sms, world.clock())
    world.clock.advance(10)
    return activation_id


def test_what_was_learned_is_read_level_by_level(make_world):
    world = make_world(names=("alpha",))
    for number in range(6):
        delivered(world, number)
    world.clock.advance(60)
    learn(world.desk)
    with world.desk.database.transaction() as unit:
        unit.run("update performance set at = now()")  # the list reads it by the wall clock
    whole = look(world, LEARNED, level="provider")
    (row,) = whole.rows
    assert row.cells["service"]["text"] == "every service"
    assert row.cells["samples"]["text"] == "6"
    near = look(world, LEARNED, level="country", country="GB").rows[0].cells
    mean = float(near["delivery"]["text"].removesuffix(" %"))
    low, high = (float(one.removesuffix(" %")) for one in near["delivery"]["sub"].split(" to "))
    assert 50 < low < 80 < mean < high <= 100
    assert near["order"]["tone"] == "ok"
    assert look(world, LEARNED, provider="beta").rows == []


def test_decisions_lead_to_their_activations(make_world):
    world = make_world(names=("alpha", "beta"))
    activation_id = delivered(world, 1)
    (row,) = look(world, DECISIONS).rows
    assert row.href == f"/console/activations/{activation_id}"
    assert row.cells["considered"] == {"text": "2", "sub": "2 could be asked"}
    assert row.cells["first"]["text"] == row.cells["sold"]["text"]
    assert look(world, DECISIONS, how="explored").rows == []
