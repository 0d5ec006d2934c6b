"""The jobs that check and seal the ledger."""

from __future__ import annotations

from nexnum_console.accounts.service import admin_addresses
from nexnum_console.bootstrap import Services, services
from nexnum_console.core.clock import utc_now
from nexnum_console.notifications import alerts
from nexnum_console.operations import ledger_check


def verify() -> None:
    """Check every promise and keep the outcome, unless that was done a moment ago."""
    parts = services()
    with parts.database.transaction() as unit:
        due = ledger_check.is_due(unit, utc_now())
    if due:
        ledger_check.check(parts.ledger_watch)
        _tell(parts)


def verify_now() -> None:
    """The same because somebody asked, however lately it was done; not beside another one."""
    parts = services()
    ledger_check.check(parts.ledger_watch)
    _tell(parts)


def watch() -> None:
    """Check the newest journals, seal what is due, tell of new alerts."""
    parts = services()
    with parts.database.transaction() as unit:
        due = ledger_check.is_newest_due(unit, utc_now())
    if due:
        ledger_check.check_newest(parts.ledger_watch)
    ledger_check.seal_due(parts.ledger_watch)
    _tell(parts)


def _tell(parts: Services) -> None:
    with parts.database.transaction() as unit:
        recipients = admin_addresses(unit)
        alerts.mail_new(unit, parts.outbox, parts.secret_box, recipients, utc_now())
