"""The ledger as its explorer shows it: balances, the lines that make them, what is held and why."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.reports import csv_file, ledger_book, ledger_lines
from nexnum_console.reports.holds_list import HOLDS
from nexnum_console.reports.ledger_lines import LINES, cause_of
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import read_all, read_page
from tests.activations.world import World, build


@pytest.fixture
def world(database: Database) -> World:
    """One number sold and paid for, and one whose answer was lost."""
    built = build(database)
    purchase(built.desk, Order(built.user_id, "telegram", "GB"))
    built.carrier().mood = lambda: "lose"
    purchase(built.desk, Order(built.user_id, "telegram", "GB"))
    return built


def account(unit: UnitOfWork, code: str) -> int:
    return int(unit.scalar("select id from account where code = :code", code=code))


def test_every_account_is_there_and_all_of_them_sum_to_zero(world: World) -> None:
    with world.desk.database.transaction() as unit:
        found = ledger_book.book(unit, "USD")
    assert found.off == ""
    assert {(line.title, line.part): line.amount for line in found.result} == {
        ("Numbers bought, less given back", "alpha"): "−$0.10",
        ("Sales, less refunds", ""): "$0.15",
    }
    assert {(line.title, line.part): line.amount for line in found.balances} == {
        ("With gateways", "sandbox"): "$100.00",
        ("With providers", "alpha"): "−$0.10",
        ("Owed to users", ""): "−$99.85",
    }
    assert found.standing == found.earned == "$0.05"
    facts = {fact.label: fact.value for fact in found.facts}
    assert (facts["Users may spend"], facts["Held for orders"]) == ("$99.70", "$0.15")
    assert facts["Earned so far"] == "$0.05"


def test_what_did_not_hold_at_the_last_look_stands_with_the_balances(world: World) -> None:
    with world.desk.database.transaction() as unit:
        assert ledger_book.book(unit, "USD").broken == ""
        unit.run(
            "insert into invariant_state (name, breaks, checked_at)"
            " values ('I11', 2, now()), ('I2', 1, now()), ('I3', 0, now())"
        )
        assert ledger_book.book(unit, "USD").broken == "I2, I11"


def test_an_entry_that_somebody_added_shows_in_the_sum(
    world: World, owner_database: Database
) -> None:
    with owner_database.transaction() as unit:
        unit.run("alter table entry disable trigger user")
        unit.run(
            "insert into entry (journal_id, account_id, amount) select max(id), :a, 70000"
            " from journal",
            a=account(unit, "revenue"),
        )
        assert ledger_book.book(unit, "USD").off == "$0.07"


def test_a_balance_is_made_of_its_lines_whatever_filter_hides_some(world: World) -> None:
    with world.desk.database.transaction() as unit:
        number = account(unit, f"wallet:{world.wallet_id}:available")
        whole = read_page(unit, LINES, parse(LINES, {"account": str(number)}))
        holds = read_page(unit, LINES, parse(LINES, {"account": str(number), "kind": "hold"}))
        head = ledger_lines.account_head(unit, number)
    shown = [(row.cells["amount"]["text"], row.cells["balance"]["text"]) for row in whole.rows]
    assert shown == [("−$0.15", "$99.70"), ("−$0.15", "$99.85"), ("+$100.00", "$100.00")]
    assert [row.cells["balance"]["text"] for row in holds.rows] == ["$99.70", "$99.85"]
    assert {fact.label: fact.value for fact in head.facts}["Balance now"] == "$99.70"
    assert head.title == "Available · buyer@example.org"
    assert whole.rows[0].href.startswith("/console/ledger/journals/")


def test_the_file_of_a_house_account_runs_to_its_balance(world: World) -> None:
    with world.desk.database.transaction() as unit:
        query = parse(LINES, {"account": str(account(unit, "float:alpha")), "sort": "time"})
        rows = [row for batch in read_all(unit, LINES, query, 0, 100) for row in batch]
        text = csv_file.head(LINES.columns) + csv_file.body(LINES.columns, rows)
    running = Decimal(0)
    for row in csv.DictReader(io.StringIO(text)):
        running += Decimal(row["Amount"])
        assert Decimal(row["Balance after"]) == running
    assert running == Decimal("-0.10")


def test_an_account_that_is_not_there_is_not_found(world: World) -> None:
    with world.desk.database.transaction() as unit, pytest.raises(NotFound):
        ledger_lines.account_head(unit, 4711)


@pytest.mark.parametrize(
    ("ref", "words", "href"),
    [
        ("activation:7", "No. 7", "/console/activations/7"),
        ("deposit:3", "Deposit 3", "/console/deposits?no=d3"),
        ("suspense:4", "Suspense 4", "/console/deposits/suspense?no=4"),
        ("user:9:abc", "User", "/console/users/9"),
        ("stripe:po_1", "stripe po_1", ""),
        ("", "", ""),
    ],
)
def test_a_line_leads_to_what_caused_it(ref: str, words: str, href: str) -> None:
    assert cause_of(ref, 9) == (words, href)


def test_a_hold_says_why_it_is_open_and_what_ends_it(world: World) -> None:
    with world.desk.database.transaction() as unit:
        page = read_page(unit, HOLDS, parse(HOLDS, {"state": "open"}))
        ended = read_page(unit, HOLDS, parse(HOLDS, {"state": "committed"}))
    (row,) = page.rows
    assert row.cells["activation"]["text"] == "Confirming with the carrier"
    assert "answer was lost" in row.cells["why"]["text"]
    assert "two listings in a row without it (0 so far)" in row.cells["why"]["sub"]
    assert row.cells["ends"]["ms"] > 0
    assert ended.rows[0].cells["why"]["text"] == "$0.15 was charged"
    assert ended.rows[0].cells["ends"]["ms"] == 0
