"""Every open question is listed once, with what it may cost and what was seen of it."""

from __future__ import annotations

from nexnum_console.activations.cancel import cancel
from nexnum_console.core.db import Database
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import ListPage, read_page
from nexnum_console.reports.questions_list import QUESTIONS, tallies
from tests.activations.test_resolving import buy, closing, stray, unknown
from tests.activations.world import build


def look(database: Database, **asked: str) -> ListPage:
    with database.transaction() as unit:
        return read_page(unit, QUESTIONS, parse(QUESTIONS, asked), 0)


def test_every_kind_of_question_is_told(database: Database) -> None:
    world = build(database)
    strange = stray(world)
    closed = closing(world)
    world.carrier().listing_fails = True
    asking = buy(world)
    world.carrier().cancel_answer = "provider_error"
    cancel(world.desk, asking, world.user_id)
    lost = buy(world, "lose")
    rows = {row.id: row.cells for row in look(database).rows}
    kinds = {name.partition(":")[0]: name for name in rows}
    assert kinds.keys() == {"unknown", "cancelling", "closing", "stray"}
    assert kinds["stray"] == str(strange)
    assert kinds["closing"] == str(closed)
    told = {
        kind: (rows[name]["stake"]["text"], rows[name]["seen"]["text"])
        for kind, name in kinds.items()
    }
    assert told == {
        "unknown": ("$0.15", "No listing yet"),
        "cancelling": ("$0.15", "Asked 1 time"),
        "closing": ("$0.10", "Asked 0 times of 40"),
        "stray": ("$0.10", "Listed, bound to no order"),
    }
    assert rows[kinds["unknown"]]["seen"]["sub"] == "answer: provider unavailable"
    assert rows[kinds["cancelling"]]["seen"]["sub"] == "last: provider error"
    assert rows[kinds["unknown"]]["question"]["text"] == f"No. {lost}"
    assert rows[kinds["stray"]]["provider"]["sub"] == ""
    assert "@" in rows[kinds["unknown"]]["provider"]["sub"]
    with database.transaction() as unit:
        assert [(one.kind, one.number) for one in tallies(unit)] == [
            ("unknown", "1"),
            ("cancelling", "1"),
            ("closing", "1"),
            ("seen", "1"),
        ]


def test_a_filter_finds_one_kind_and_a_search_its_number(database: Database) -> None:
    world = build(database)
    stray(world)
    unknown(world)
    assert [row.cells["kind"]["text"] for row in look(database, kind="seen").rows] == ["Stray"]
    assert [row.cells["kind"]["text"] for row in look(database, kind="unknown").rows] == ["Unknown"]
    phone = world.carrier().numbers["alpha-1"].phone
    assert len(look(database, q=phone).rows) == 1
    assert look(database, provider="beta").rows == []


def test_what_is_settled_is_no_question(database: Database) -> None:
    world = build(database)
    buy(world)
    buy(world, "no_numbers")
    assert look(database).rows == []
