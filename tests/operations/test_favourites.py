"""Favourites: kept with a cap, limited, bought with one click and never above the cap."""

from __future__ import annotations

import pytest

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.activations.errors import NothingForSale
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.operations import favourites
from nexnum_console.reports import habits
from tests.activations.world import UNIT, World, build

KEY = "a" * 32
PRICE = 150_000


@pytest.fixture
def world(database: Database) -> World:
    return build(database, funds=10 * UNIT)


def buyer(world: World) -> Actor:
    return Actor(world.user_id, "buyer@example.org", "user", capabilities_of("user"))


def keep(world: World, cap: int = PRICE, service: str = "telegram", country: str = "GB") -> None:
    with world.desk.database.transaction() as unit:
        favourites.keep(unit, world.user_id, service, country, cap)


def kept(world: World) -> list[habits.Habit]:
    with world.desk.database.transaction() as unit:
        return habits.favourites(unit, world.user_id, "USD")


def test_a_favourite_is_bought_with_one_click_and_once_for_a_key(world: World) -> None:
    keep(world)
    bought = favourites.quick_buy(world.desk, buyer(world), "telegram", "GB", KEY)
    assert favourites.quick_buy(world.desk, buyer(world), "telegram", "GB", KEY) == bought
    assert world.carrier().calls.count("buy") == 1
    assert world.balance() == (10 * UNIT - PRICE, 0)


def test_above_its_cap_nothing_is_bought(world: World) -> None:
    keep(world, cap=PRICE - 1)
    assert kept(world)[0].why_not == "now $0.15"
    with pytest.raises(NothingForSale):
        favourites.quick_buy(world.desk, buyer(world), "telegram", "GB", KEY)
    assert "buy" not in world.carrier().calls
    assert world.balance() == (10 * UNIT, 0)


def test_what_is_no_favourite_is_not_bought(world: World) -> None:
    keep(world)
    with world.desk.database.transaction() as unit:
        favourites.drop(unit, world.user_id, "telegram", "GB")
    assert kept(world) == []
    with pytest.raises(NotFound):
        favourites.quick_buy(world.desk, buyer(world), "telegram", "GB", KEY)


def test_keeping_again_sets_the_cap_and_unknown_things_are_refused(world: World) -> None:
    keep(world)
    keep(world, cap=200_000)
    assert [(one.cap, one.why_not) for one in kept(world)] == [("$0.20", "")]
    for wish in ({"service": "nope"}, {"country": "ZZ"}, {"cap": 0}):
        with pytest.raises(InvalidInput):
            keep(world, **wish)


def test_there_is_a_most(world: World) -> None:
    with world.desk.database.transaction() as unit:
        for n in range(favourites.MOST_FAVOURITES + 1):
            unit.run("insert into service (code, name) values (:c, :c)", c=f"s{n}")
    for n in range(favourites.MOST_FAVOURITES):
        keep(world, service=f"s{n}")
    with pytest.raises(InvalidInput, match="remove one"):
        keep(world, service=f"s{favourites.MOST_FAVOURITES}")
    keep(world, cap=5, service="s0")


def test_recent_is_what_was_bought_and_not_kept(world: World) -> None:
    keep(world)
    favourites.quick_buy(world.desk, buyer(world), "telegram", "GB", KEY)
    with world.desk.database.transaction() as unit:
        assert habits.recent(unit, world.user_id) == []
        favourites.drop(unit, world.user_id, "telegram", "GB")
        (last,) = habits.recent(unit, world.user_id)
        assert habits.recent(unit, world.user_id + 1) == []
    assert (last.service_name, last.country) == ("Telegram", "GB")
