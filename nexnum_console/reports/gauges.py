"""The business figures that monitoring watches, cheap enough to read every few seconds."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.core.db import UnitOfWork

# What users see as a transaction; holds and their release move nothing in or out.
TRANSACTION_TYPES: Final = {
    "deposit": "DEPOSIT",
    "commit": "PURCHASE",
    "refund": "REFUND",
    "penalty": "PENALTY",
    "adjustment": "ADJUSTMENT",
    "coupon": "COUPON",
}
# No statement runs this long, so ids older than this are all visible.
_SETTLED_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class InvariantGauge:
    """Breaks at the last check of an invariant, and how long ago that was."""

    name: str
    breaks: int
    age_seconds: float


@dataclass(frozen=True, slots=True)
class Gauges:
    """Counts, and sums in micro-units of the wallet currency.

    ``reserved_gap`` is reserved money minus open holds; anything but zero is a broken ledger.
    """

    active_numbers: int
    confirming_orders: int
    open_holds: int
    available: int
    reserved: int
    reserved_gap: int
    unsealed: int = 0
    frozen: int = 0
    suspense: int = 0
    alerts: int = 0
    invariants: tuple[InvariantGauge, ...] = ()
    transactions: dict[str, int] = field(default_factory=dict)


_FIGURES = """
select
  (select count(*) from activation where state in ('waiting','received')) as active_numbers,
  (select count(*) from activation where state = 'confirming') as confirming_orders,
  (select count(*) from hold where state = 'open') as open_holds,
  (select coalesce(sum(amount), 0) from hold where state = 'open') as held,
  (select coalesce(sum(available), 0) from wallet) as available,
  (select coalesce(sum(reserved), 0) from wallet) as reserved,
  (select count(*) from wallet where frozen_reason is not null) as frozen,
  (select count(*) from suspense where state = 'open') as suspense,
  (select count(*) from alert where closed_at is null) as alerts,
  (select count(*) from journal where id > coalesce(
    (select journal_id from ledger_mark where name = 'rollup'), 0)) as unsealed
"""
_INVARIANTS = (
    "select name, breaks, extract(epoch from cast(:now as timestamptz) - checked_at) as age"
    " from invariant_state order by cast(substring(name from 2) as integer)"
)
_SETTLED = "select coalesce(max(id), 0) from journal where id > :from_id and created_at < :before"
_COUNT = """
select kind, count(*) as number from journal
where id > :from_id and (cast(:to_id as bigint) is null or id <= :to_id) group by kind
"""


class GaugeReader:
    """Reads the figures; remembers counts of journals that can no longer change."""

    def __init__(self) -> None:
        self._settled_id = 0
        self._settled: dict[str, int] = {}
        self._lock = threading.Lock()

    def read(self, unit: UnitOfWork, now: datetime) -> Gauges:
        """Today's figures. Work grows with the journals of the last minutes, not with all."""
        row = unit.first(_FIGURES)
        assert row is not None, "a select without from has one row"
        return Gauges(
            active_numbers=row["active_numbers"],
            confirming_orders=row["confirming_orders"],
            open_holds=row["open_holds"],
            available=int(row["available"]),
            reserved=int(row["reserved"]),
            reserved_gap=int(row["reserved"] - row["held"]),
            unsealed=row["unsealed"],
            frozen=row["frozen"],
            suspense=row["suspense"],
            alerts=row["alerts"],
            invariants=tuple(
                InvariantGauge(each["name"], each["breaks"], float(each["age"]))
                for each in unit.all(_INVARIANTS, now=now)
            ),
            transactions=self._transactions(unit, now),
        )

    def _transactions(self, unit: UnitOfWork, now: datetime) -> dict[str, int]:
        with self._lock:
            settled_id = max(
                self._settled_id,
                unit.scalar(_SETTLED, from_id=self._settled_id, before=now - _SETTLED_AFTER),
            )
            if settled_id > self._settled_id:
                _add(self._settled, unit, self._settled_id, settled_id)
                self._settled_id = settled_id
            counts = dict(self._settled)
        _add(counts, unit, settled_id, None)
        return {shown: counts.get(kind, 0) for kind, shown in TRANSACTION_TYPES.items()}


def _add(counts: dict[str, int], unit: UnitOfWork, from_id: int, to_id: int | None) -> None:
    for row in unit.all(_COUNT, from_id=from_id, to_id=to_id):
        counts[row["kind"]] = counts.get(row["kind"], 0) + row["number"]
