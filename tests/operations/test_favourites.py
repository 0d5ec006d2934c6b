"""Favourites: kept and let go by the same click, only pairs that exist, not without end."""

from __future__ import annotations

import pytest

from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.operations import favourites
from nexnum_console.reports import shelf
from tests.activations.world import UNIT, World, build


@pytest.fixture
def world(database: Database) -> World:
    return build(database, funds=10 * UNIT)


def toggle(world: World, service: str = "telegram", country: str = "GB") -> bool:
    with world.desk.database.transaction() as unit:
        return favourites.toggle(unit, world.user_id, service, country)


def kept(world: World) -> list[shelf.Pair]:
    with world.desk.database.transaction() as unit:
        return shelf.favourites(unit, world.user_id, "USD")


def test_the_same_click_keeps_and_lets_go(world: World) -> None:
    assert toggle(world)
    (pair,) = kept(world)
    assert (pair.service, pair.country, pair.price) == ("telegram", "GB", "$0.15")
    assert pair.href == "/store?service=telegram&country=GB"
    assert not toggle(world)
    assert kept(world) == []


@pytest.mark.parametrize(("service", "country"), [("nothing", "GB"), ("telegram", "ZZ")])
def test_only_what_exists(world: World, service: str, country: str) -> None:
    with pytest.raises(InvalidInput):
        toggle(world, service, country)


def test_not_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(favourites, "MOST", 0)
    with pytest.raises(InvalidInput, match="let one go first"):
        toggle(world)


def test_a_sold_out_favourite_says_so(world: World) -> None:
    toggle(world)
    with world.desk.database.transaction() as unit:
        unit.run("update offer set available = false")
    (pair,) = kept(world)
    assert (pair.price, pair.price_micro) == ("sold out", 0)
