"""The figures that monitoring watches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nexnum_console.accounts import service as accounts
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.reports.gauges import GaugeReader
from nexnum_console.wallet import deposits, ledger

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def _deposit(database: Database, wallet_id: int, reference: str) -> None:
    with database.transaction() as unit:
        deposits.deposit(
            unit,
            wallet_id=wallet_id,
            amount=5_000_000,
            gateway="manual",
            gateway_ref=reference,
            actor="test",
            now=NOW,
        )


def _wallet(database: Database) -> int:
    with database.transaction() as unit:
        user_id = accounts.create(unit, "ada@example.org", "no hash")
        return ledger.open_wallet(unit, user_id, "USD")


def test_transactions_are_counted_once_however_old_they_are(database: Database) -> None:
    wallet_id = _wallet(database)
    reader = GaugeReader()
    soon = utc_now()
    later = soon + timedelta(minutes=10)
    for number, now in enumerate((soon, soon, later, later, later), start=1):
        _deposit(database, wallet_id, f"d{number}")
        with database.transaction() as unit:
            gauges = reader.read(unit, now)
        assert gauges.transactions["DEPOSIT"] == number
        assert gauges.transactions["REFUND"] == 0


def test_reserved_money_equals_open_holds(database: Database) -> None:
    wallet_id = _wallet(database)
    _deposit(database, wallet_id, "d1")
    with database.transaction() as unit:
        ledger.hold(unit, wallet_id, 2_000_000, ledger.Cause("activation:1", "test", NOW))
        gauges = GaugeReader().read(unit, NOW)
        assert (gauges.available, gauges.reserved) == (3_000_000, 2_000_000)
        assert (gauges.open_holds, gauges.reserved_gap) == (1, 0)
        unit.run("update wallet set reserved = reserved + 7")
        assert GaugeReader().read(unit, NOW).reserved_gap == 7
