"""Wallets to move money in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.wallet import freezing, ledger
from nexnum_console.wallet.freezing import Seen
from nexnum_console.wallet.verify import CHECKS, run_checks

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
_numbers = count(1)


def cause(ref: str, reason: str = "") -> ledger.Cause:
    return ledger.Cause(ref, "test", NOW, reason)


@pytest.fixture
def open_wallet(database: Database) -> Callable[..., int]:
    """Makes a wallet, with a deposit where an amount is given; returns its id."""

    def make(amount: int = 0) -> int:
        number = next(_numbers)
        with database.transaction() as unit:
            user_id = unit.scalar(
                "insert into app_user (email, password_hash) values (:email, 'x') returning id",
                email=f"holder{number}@example.org",
            )
            wallet_id = ledger.open_wallet(unit, user_id, "USD")
            if amount:
                ledger.deposit(unit, wallet_id, amount, "sandbox", cause(f"opening:{number}"))
        return wallet_id

    return make


@pytest.fixture
def verified(database: Database) -> Iterator[Database]:
    """A database whose ledger must hold every invariant when the test ends."""
    yield database
    assert broken(database) == {}


def broken(database: Database) -> dict[str, tuple[str, ...]]:
    """Findings by check, of the checks that found any."""
    with database.transaction() as unit:
        return {r.name: r.findings for r in run_checks(unit, CHECKS, NOW) if r.breaks}


def seen_by_all(unit: UnitOfWork, wallet_id: int) -> Seen:
    """What a person has seen who has looked at all that is open about a wallet."""
    return Seen.of((one.kind, one.id) for one in freezing.standing(unit, wallet_id))
