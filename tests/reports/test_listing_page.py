"""Pages of real lists over a played world: rows, order, filters, counts, and whose they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nexnum_console.activations.purchase import Order
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.core.db import Database
from nexnum_console.operations.buying import buy_once
from nexnum_console.reports import listing_page
from nexnum_console.reports.activations_list import ACTIVATIONS
from nexnum_console.reports.listing import Listing, Query, parse
from nexnum_console.reports.listing_page import ListPage, read_all, read_page, total_of
from nexnum_console.reports.lists import LISTINGS
from tests.activations.world import UNIT, World, build

BOUGHT = 7


@pytest.fixture
def world(database: Database) -> World:
    return build(database, funds=10 * UNIT)


@pytest.fixture
def bought(world: World) -> list[int]:
    wish = {"service": "telegram", "country": "GB", "actor": f"user:{world.user_id}"}
    return [
        buy_once(world.desk, Order(user_id=world.user_id, **wish), f"{n:032x}")  # type: ignore[arg-type]
        for n in range(BOUGHT)
    ]


def look(world: World, listing: Listing = ACTIVATIONS, user_id: int = 0, **asked: str) -> ListPage:
    with world.desk.database.transaction() as unit:
        return read_page(unit, listing, parse(listing, asked), user_id)


def ids(page: ListPage) -> list[int]:
    return [int(row.id) for row in page.rows]


def test_newest_first_and_counted(world: World, bought: list[int]) -> None:
    page = look(world)
    assert ids(page) == bought[::-1]
    assert page.label == f"1 to {BOUGHT} of {BOUGHT}"
    assert page.heads["time"].order == "descending"
    row = page.rows[0]
    assert row.href == f"/console/activations/{bought[-1]}"
    assert row.cells["state"]["text"] == "Waiting for SMS"
    assert row.cells["price"]["text"] == "$0.15"
    assert "phone" not in row.cells, "a hidden column is not sent"


def test_order_by_a_column_both_ways(world: World, bought: list[int]) -> None:
    assert ids(look(world, sort="number")) == bought
    assert look(world, sort="number").heads["number"].href.endswith("sort=-number")


def test_filters_narrow_and_say_so(world: World, bought: list[int]) -> None:
    with world.desk.database.transaction() as unit:
        store_messages(unit, world.desk, bought[2], [Sms("1", "code 1", "T")], world.clock())
    page = look(world, state="received")
    assert ids(page) == [bought[2]]
    assert [(chip.title, chip.label) for chip in page.chips] == [("State", "Code received")]
    assert page.chips[0].clear == page.plain == "/console/activations"
    assert ids(look(world, q=str(bought[4]))) == [bought[4]]
    assert ids(look(world, service="TELE", country="gb")) == bought[::-1]
    assert look(world, service="whatsapp").label == "No rows"
    assert look(world, **{"from": "2200-01-01"}).rows == []


def test_a_search_text_is_never_a_pattern(world: World, bought: list[int]) -> None:
    assert look(world, q="%").rows == []
    assert look(world, q="_").rows == []
    assert look(world, q="'; drop table activation; --").rows == []
    assert len(look(world, q="example").rows) == len(bought)


def test_pages_do_not_overlap(
    world: World, bought: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_page, "PAGE_ROWS", 3)
    first, second, third = (look(world, page=str(n)) for n in (1, 2, 3))
    assert ids(first) + ids(second) + ids(third) == bought[::-1]
    assert (first.newer, first.older) == ("", "/console/activations?page=2")
    assert second.label == f"4 to 6 of {BOUGHT}"
    assert (third.newer, third.older) == ("/console/activations?page=2", "")
    assert look(world, page="9").label == "No rows"


def test_the_count_stops_where_nobody_reads_on(
    world: World, bought: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_page, "PAGE_ROWS", 2)
    monkeypatch.setattr(listing_page, "COUNTED", 5)
    assert look(world).label == "1 to 2 of more than 5"
    with world.desk.database.transaction() as unit:
        assert total_of(unit, ACTIVATIONS, Query(), 0, 100) == len(bought)


def test_a_list_of_ones_own_shows_nobody_elses(world: World, bought: list[int]) -> None:
    mine = replace(ACTIVATIONS, mine="a.user_id = :user_id")
    assert ids(look(world, mine, world.user_id)) == bought[::-1]
    assert look(world, mine, world.user_id + 1).rows == []


def test_everything_is_read_in_batches_in_the_same_order(
    world: World, bought: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_page, "EXPORT_BATCH", 3)
    query = parse(ACTIVATIONS, {"sort": "number"})
    with world.desk.database.transaction() as unit:
        batches = list(read_all(unit, ACTIVATIONS, query, 0, 100))
        few = list(read_all(unit, ACTIVATIONS, query, 0, 4))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert [row["id"] for batch in batches for row in batch] == bought
    assert [row["id"] for batch in few for row in batch] == bought[:4]


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=lambda listing: listing.name)
def test_every_list_reads_sorts_filters_and_exports(
    world: World, bought: list[int], listing: Listing
) -> None:
    sorts = [column.key for column in listing.columns if column.sort]
    everything = ".".join(column.key for column in listing.columns)
    for sort in (*sorts, *(f"-{key}" for key in sorts)):
        page = look(world, listing, world.user_id, sort=sort, cols=everything)
        assert all(set(row.cells) == set(page.heads) for row in page.rows)
    for one in listing.filters:
        value = one.choices[0].value if one.choices else "2026-01-31" if one.kind == "day" else "1"
        assert look(world, listing, world.user_id, **{one.key: value}).dropped == ""
    with world.desk.database.transaction() as unit:
        for rows in read_all(unit, listing, parse(listing, {}), world.user_id, 50):
            assert [[column.plain(row) for column in listing.columns] for row in rows]
