"""One journal, proved again whenever somebody looks: whatever was touched is told."""

from __future__ import annotations

import pytest

from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.db import Database
from nexnum_console.core.errors import NotFound
from nexnum_console.reports.journal import JournalStory, journal
from nexnum_console.wallet import seals
from nexnum_console.wallet.seals import SealKey
from tests.activations.world import World, build

KEY = SealKey("k" * 40)
TRUSTED = frozenset({KEY.public})


@pytest.fixture
def world(database: Database) -> World:
    """A deposit and a number bought, sealed; then another number, not sealed yet."""
    built = build(database)
    purchase(built.desk, Order(built.user_id, "telegram", "GB"))
    for _ in range(2):
        with database.transaction() as unit:
            seals.seal(unit, KEY, built.clock())
        built.clock.advance(20)
    purchase(built.desk, Order(built.user_id, "telegram", "GB"))
    return built


def looked(world: World, kind: str, which: str = "min") -> JournalStory:
    with world.desk.database.transaction() as unit:
        number = unit.scalar(f"select {which}(id) from journal where kind = :kind", kind=kind)
        return journal(unit, number, TRUSTED, world.clock())


def test_a_sealed_journal_is_verified_with_its_entries_and_neighbours(world: World) -> None:
    found = looked(world, "commit")
    assert (found.chip_word, found.total) == ("Verified", "$0.00")
    assert [one.title for one in found.promises] == [
        "Its entries sum to zero",
        "Its hash covers what it says",
        "It continues its wallet's chain",
        "Seal 1 covers it",
    ]
    assert {(leg.account, leg.debit, leg.credit, leg.after) for leg in found.legs} == {
        (f"Held · wallet {world.wallet_id}", "$0.15", "", "$0.00"),
        ("Sales, less refunds", "", "$0.15", ""),
        ("Numbers bought, less given back · alpha", "$0.10", "", ""),
        ("With providers · alpha", "", "$0.10", ""),
    }
    assert (found.debits, found.credits) == ("$0.25", "$0.25")
    assert found.before != found.next
    assert {fact.label: fact.href for fact in found.facts}["For"].startswith("/console/activations")


def test_the_first_and_the_newest_one_have_no_neighbour_there(world: World) -> None:
    first, newest = looked(world, "deposit"), looked(world, "commit", "max")
    assert (first.before, newest.next) == ("", "")
    assert newest.chip_word == "Holds, not sealed yet"


@pytest.mark.parametrize(
    ("fraud", "word"),
    [
        ("update journal set reason = 'x' where id = :id", "Not so: its hash covers what it says"),
        (
            "update entry set amount = amount + 1 where id ="
            " (select min(id) from entry where journal_id = :id)",
            "Not so: its entries sum to zero",
        ),
        (
            "update journal set previous_hash = hash where id = :id",
            "Not so: it continues its wallet's chain",
        ),
        ("update ledger_block set root = hash where :id > 0", "Seal 1 is broken"),
        ("update ledger_block set signature = root || root where :id > 0", "Seal 1 is broken"),
    ],
)
def test_a_superuser_s_edit_is_told(
    world: World, owner_database: Database, fraud: str, word: str
) -> None:
    with owner_database.transaction() as unit:
        number = unit.scalar("select id from journal where kind = 'commit' order by id limit 1")
        for table in ("journal", "entry", "ledger_block"):
            unit.run(f"alter table {table} disable trigger user")
        unit.run(fraud, id=number)
        found = journal(unit, number, TRUSTED, world.clock())
    assert found.chip_word == "Broken"
    assert word in [one.title for one in found.promises]


def test_a_seal_by_another_key_is_not_ours(world: World) -> None:
    with world.desk.database.transaction() as unit:
        number = unit.scalar("select id from journal where kind = 'commit' order by id limit 1")
        found = journal(unit, number, frozenset({b"x" * 32}), world.clock())
    assert found.promises[-1].detail.endswith("its signature is not ours")


def test_no_journal_is_not_found(world: World) -> None:
    with world.desk.database.transaction() as unit, pytest.raises(NotFound):
        journal(unit, 10**12, TRUSTED, world.clock())
