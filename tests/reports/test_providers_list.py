"""The list of providers: order by rank, state and name filtered, a rate with its sample."""

from __future__ import annotations

import pytest

from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.db import Database
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import ListPage, read_page
from nexnum_console.reports.providers_list import PROVIDERS
from tests.activations.world import World, build


@pytest.fixture
def world(database: Database) -> World:
    return build(database, names=("alpha", "beta", "gamma"))


def look(world: World, **asked: str) -> ListPage:
    with world.desk.database.transaction() as unit:
        return read_page(unit, PROVIDERS, parse(PROVIDERS, asked), 0)


def names(page: ListPage) -> list[str]:
    return [row.href.rpartition("/")[2] for row in page.rows]


def change(world: World, statement: str) -> None:
    with world.desk.database.transaction() as unit:
        unit.run(statement)


def test_by_rank_first(world: World) -> None:
    assert names(look(world)) == ["alpha", "beta", "gamma"]
    change(world, "update provider set priority = 9 where name = 'alpha'")
    assert names(look(world)) == ["beta", "gamma", "alpha"]


def test_found_by_name_and_state(world: World) -> None:
    change(world, "update provider set enabled = false where name = 'beta'")
    assert names(look(world, q="GAM")) == ["gamma"]
    assert names(look(world, q="%")) == [], "signs of SQL are letters"
    assert names(look(world, state="off")) == ["beta"]
    assert names(look(world, state="on")) == ["alpha", "gamma"]


def test_a_row_says_what_it_knows(world: World) -> None:
    purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    change(
        world,
        "update activation set state = 'expired', acquired_at = now() where state = 'waiting'",
    )
    cells = look(world, q="alpha").rows[0].cells
    assert cells["margin"]["text"] == "× 1.5"
    assert cells["offers"]["text"] == "1"
    assert (cells["success"]["text"], cells["success"]["sub"]) == ("0.0 %", "n = 1, 24 h")
    idle = look(world, q="beta").rows[0].cells
    assert idle["success"]["text"] == "–"
    assert "unknown" in idle["balance"]["text"]
