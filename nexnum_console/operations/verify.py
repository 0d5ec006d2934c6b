"""All invariants of money and orders, in one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nexnum_console.activations import verify as activations
from nexnum_console.core.db import Database
from nexnum_console.wallet import verify as wallet
from nexnum_console.wallet.verify import CheckResult, run_checks

CHECKS = wallet.CHECKS + activations.CHECKS


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of every check, and how much was looked at."""

    results: tuple[CheckResult, ...]
    journals: int
    entries: int
    wallets: int

    @property
    def ok(self) -> bool:
        """Whether every promise holds."""
        return all(result.breaks == 0 for result in self.results)


def verify(database: Database, now: datetime) -> Report:
    """Check everything. Reads only: a break is reported and left as evidence."""
    with database.transaction() as unit:
        unit.run("set transaction isolation level repeatable read, read only")
        unit.run("set local statement_timeout = '10min'")
        results = tuple(run_checks(unit, CHECKS, now))
        counts = unit.first(
            "select (select count(*) from journal) as journals,"
            " (select count(*) from entry) as entries, (select count(*) from wallet) as wallets"
        )
    assert counts is not None
    return Report(results, **counts)
