"""The job that checks the ledger."""

from __future__ import annotations

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import ledger_check


def verify() -> None:
    """Check every promise and keep the outcome, unless that was done a moment ago."""
    parts = services()
    with parts.database.transaction() as unit:
        due = ledger_check.is_due(unit, utc_now())
    if due:
        ledger_check.check(parts.database, parts.events, utc_now)
