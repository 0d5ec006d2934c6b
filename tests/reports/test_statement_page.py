"""A statement as a page shows it meets the chain's own balances, whatever the clocks said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from nexnum_console.core.db import Database
from nexnum_console.reports.statement_page import StatementView, user_view
from nexnum_console.wallet import ledger
from tests.activations.world import UNIT, World, build

FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 2)
MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)
INSTANT = timedelta(milliseconds=1)


@pytest.fixture
def world(database: Database) -> World:
    """The move that was booked first is told by the clock of the next day, and the last one of
    the second day comes by a clock that is behind."""
    built = build(database)
    times = (MIDNIGHT + INSTANT, MIDNIGHT - INSTANT, MIDNIGHT + timedelta(hours=1))
    with database.transaction() as unit:
        for number, at in enumerate(times, 1):
            cause = ledger.Cause(f"user:{number}", "x", at, "correction")
            ledger.adjust(unit, built.wallet_id, number * UNIT, cause)
    return built


def _view(database: Database, world: World, until: date) -> StatementView:
    with database.snapshot() as unit:
        user = SimpleNamespace(id=world.user_id, email="buyer@example.org")
        return user_view(unit, user, FIRST, until)


def test_moves_around_midnight_add_up_on_both_days(database: Database, world: World) -> None:
    first, both = _view(database, world, FIRST), _view(database, world, SECOND)
    assert (first.off, first.rows[-1].amount) == ("", "$102.00")
    assert (both.off, both.rows[-1].amount) == ("", "$106.00")


@pytest.mark.parametrize("until", [FIRST, SECOND])
def test_a_balance_that_somebody_wrote_into_the_chain_is_told(
    database: Database, owner_database: Database, world: World, until: date
) -> None:
    with owner_database.transaction() as unit:
        unit.run("alter table entry disable trigger user")
        unit.run(
            "update entry set after = after + 7000000 where journal_id in (select id from journal"
            " where ref in ('user:2','user:3') and wallet_id = :w) and after is not null",
            w=world.wallet_id,
        )
    assert "The chain says" in _view(database, world, until).off
