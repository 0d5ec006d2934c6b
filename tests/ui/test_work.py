"""Figures that a page compares are of one moment, however busy the ledger is while it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.ui.admin.ledger import state, statement_state
from nexnum_console.ui.shell import work
from nexnum_console.wallet import ledger
from tests.activations.world import START, UNIT, World, build
from tests.support.loops import finish

Busy = Callable[[str], None]


@pytest.fixture
def world(database: Database) -> World:
    return build(database)


@pytest.fixture
def busy(
    database: Database, owner_database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> Busy:
    """Somebody pays in $25 before the page's first statement with those words in it."""
    monkeypatch.setattr(work, "services", lambda: SimpleNamespace(database=database))
    waiting: list[str] = []

    class Interrupted(UnitOfWork):
        def execute(self, statement: str, parameters: Mapping[str, Any], *, named: bool):
            if waiting and waiting[0] in statement:
                waiting.pop()
                with owner_database.transaction() as beside:
                    cause = ledger.Cause("payment:1", "x", START)
                    ledger.deposit(beside, world.wallet_id, 25 * UNIT, "sandbox", cause)
            return super().execute(statement, parameters, named=named)

    database.unit = Interrupted
    return waiting.append


def test_a_payment_while_the_balances_are_read_does_not_look_like_money_missing(
    busy: Busy,
) -> None:
    busy("from wallet group by currency")
    found = finish(state.read_book("USD"))
    assert (found.off, found.standing) == ("", "$0.00")
    assert finish(state.read_book("USD")).off == ""


def test_a_payment_while_a_statement_is_read_does_not_look_like_a_wrong_sum(busy: Busy) -> None:
    busy("with last as")
    asked = ("buyer@example.org", "2026-11-01", "2026-11-30", "USD")
    found = finish(statement_state.read_statement(*asked))
    assert (found.off, found.rows[-1].amount) == ("", "$100.00")
    assert finish(statement_state.read_statement(*asked)).rows[-1].amount == "$125.00"
