"""Records are found by what people have at hand, and only by those who may see them."""

from __future__ import annotations

import pytest

from nexnum_console.accounts.capabilities import ADMIN, SUPPORT, USER
from nexnum_console.activations.purchase import Order
from nexnum_console.core.db import Database
from nexnum_console.operations.buying import buy_once
from nexnum_console.operations.registration import register
from nexnum_console.reports.finder import Found, Scope, find
from tests.activations.world import UNIT, World, build


@pytest.fixture
def world(database: Database) -> World:
    world = build(database, funds=10 * UNIT)
    order = Order(
        user_id=world.user_id, service="telegram", country="GB", actor=f"user:{world.user_id}"
    )
    buy_once(world.desk, order, "a" * 32)
    return world


def look(
    world: World, text: str, capabilities: frozenset[str] = ADMIN, who: int = 0
) -> list[Found]:
    with world.desk.database.transaction() as unit:
        return find(unit, Scope(who or world.user_id, capabilities), text)


def someone(world: World, email: str) -> int:
    return register(world.desk.database, email, "a long pass phrase 7", currency="USD")


def bought(world: World) -> tuple[int, str]:
    with world.desk.database.transaction() as unit:
        row = unit.first("select id, phone from activation")
    assert row is not None
    return row["id"], row["phone"]


def kinds(found: list[Found]) -> list[tuple[str, int]]:
    return [(one.kind, one.id) for one in found]


def test_a_number_is_found_by_id_and_by_either_end_of_its_phone(world: World) -> None:
    number, phone = bought(world)
    for text in (f"#{number}", phone, phone[:6], phone[-5:], f"#{phone[1:4]} {phone[4:8]}"):
        assert ("number", number) in kinds(look(world, text)), text
    assert look(world, phone[1:4]) == [], "three digits say too little"


def test_buyers_find_their_own_numbers_and_nothing_else(world: World) -> None:
    number, phone = bought(world)
    other = register(
        world.desk.database, "other@example.org", "a long pass phrase 7", currency="USD"
    )
    assert kinds(look(world, phone, USER)) == [("number", number)]
    for text in (phone, f"#{number}", "#1", "@other", "$1", "other@example.org"):
        assert look(world, text, USER, other) == [], text


def test_people_are_found_by_address_and_id(world: World) -> None:
    other = register(
        world.desk.database, "mara@example.org", "a long pass phrase 7", currency="USD"
    )
    for text in ("mara", "@mara@ex", f"@{other}", "EXAMPLE.org"):
        assert ("user", other) in kinds(look(world, text, SUPPORT)), text
    assert look(world, "@%") == []
    assert look(world, "@m_ra") == [], "wildcards are taken literally"


def test_a_ledger_line_says_what_moved(world: World) -> None:
    with world.desk.database.transaction() as unit:
        journal = unit.scalar("select id from journal where kind = 'hold'")
    (line,) = look(world, f"${journal}")
    assert (line.kind, line.title) == ("ledger", f"Hold, journal {journal}")
    assert line.detail == "$0.15"


def test_providers_are_found_by_name(world: World) -> None:
    with world.desk.database.transaction() as unit:
        title = unit.scalar("select title from provider limit 1")
    assert {one.kind for one in look(world, title)} == {"provider"}
    assert look(world, title, USER) == []


@pytest.mark.parametrize("text", ["", "#", "@", "$", ">", "> sync", "#" + "9" * 40, "$-1", "٣٣٣٣"])
def test_words_without_meaning_find_nothing(world: World, text: str) -> None:
    assert look(world, text) == []
