"""A lane with too many numbers for its limit looks first where a code is likely."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nexnum_console.activations.pace import RECEIVED_SLOWDOWN, Pace
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.providers import performance_rows
from nexnum_console.providers.listed import Listing
from nexnum_console.providers.performance import Observation, Scope
from tests.activations.world import World

NUMBERS = 40


@pytest.fixture
def crowded(world: World) -> World:
    """So many numbers at one account; its provider's codes come after ten seconds or so."""
    for _ in range(NUMBERS):
        purchase(world.desk, Order(world.user_id, "telegram", "GB", provider="alpha"))
    with world.desk.database.transaction() as unit:
        provider = unit.scalar("select id from provider where name = 'alpha'")
        scope = Scope(provider, "telegram", "GB", "any")
        now = world.clock()
        seen = [Observation(scope, "delivered", now, 9.0 + n % 4) for n in range(200)]
        performance_rows.learn(unit, seen)
        unit.run(
            "update activation set acquired_at = cast(:now as timestamptz) - id * interval '8 s'",
            now=now,
        )
    return world


def pace(world: World, reads_per_second: float, listing: Listing | None = None) -> Pace:
    terms = replace(
        world.desk.carriers.get(world.account()).terms, reads_per_second=reads_per_second
    )
    made = Pace(world.desk, terms, listing)
    made.refresh()
    return made


def wait(made: Pace, world: World, age: float, *, received: bool = False, **row: object) -> float:
    now = world.clock()
    about = {
        "service": "telegram",
        "country": "GB",
        "state": "waiting",
        "acquired_at": now - timedelta(seconds=age),
        "expires_at": now + timedelta(hours=1),
        **row,
    }
    return (made.next_look(about, now, received=received) - now).total_seconds()


def test_while_there_is_room_every_number_is_asked_at_its_providers_pace(crowded):
    made = pace(crowded, reads_per_second=100.0)
    assert {wait(made, crowded, age) for age in (0, 5, 60, 500)} == {1.0}
    assert wait(made, crowded, 5, received=True) == RECEIVED_SLOWDOWN


def test_without_room_the_likely_come_first_and_none_is_forgotten(crowded):
    made = pace(crowded, reads_per_second=8.0)
    young, hot, old = (wait(made, crowded, age) for age in (1, 9, 300))
    assert 1.0 <= hot < young < old <= 60.0
    assert hot < old / 5
    assert wait(made, crowded, 300, state="cancelling") < old


def test_a_list_of_all_has_room_for_any_number(crowded):
    made = pace(crowded, reads_per_second=2.0, listing=Listing("active", None))
    assert wait(made, crowded, 300) == 1.0
    batched = pace(crowded, reads_per_second=2.0, listing=Listing("statuses", 50))
    assert wait(batched, crowded, 300) == 1.0


def test_a_number_is_looked_at_when_its_time_is_over(crowded):
    made = pace(crowded, reads_per_second=4.0)
    soon = crowded.clock() + timedelta(seconds=2)
    assert wait(made, crowded, 598) > 5
    assert wait(made, crowded, 598, expires_at=soon) == pytest.approx(2.0, abs=0.1)


def test_a_service_nobody_knows_is_as_assumed(crowded):
    made = pace(crowded, reads_per_second=4.0)
    assert wait(made, crowded, 300, service="other") > wait(made, crowded, 30, service="other")
