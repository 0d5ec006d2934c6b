"""What waits and who works on it: queues, money held for an answer, the ledger's last check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.queue import CATALOGUE, ERRANDS, POLLING, SETTLING, QueueLook
from nexnum_console.reports.words import count, millis, money

LEDGER_KIND: Final = "ledger.verify"
_LATE_SECONDS: Final = {POLLING: 15, SETTLING: 15, CATALOGUE: 300, ERRANDS: 60}
_TITLES: Final = {
    POLLING: "Polling",
    SETTLING: "Settling",
    CATALOGUE: "Catalogue sync",
    ERRANDS: "Mail and files",
}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue; ``tone`` warns when nobody serves it or its oldest job waits too long."""

    name: str
    title: str
    workers: str
    waiting: str
    oldest: str
    tone: str


@dataclass(frozen=True, slots=True)
class LedgerBadge:
    """What the last check of the whole ledger said."""

    tone: str = ""
    icon: str = "clock"
    word: str = "Not checked yet"
    detail: str = ""
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """The card of queues and workers; ``silent`` when Redis tells nothing."""

    queues: list[QueueLine] = field(default_factory=list)
    silent: bool = False
    held: str = ""
    held_tone: str = ""
    overdue: str = ""
    overdue_tone: str = ""
    failed: str = ""
    failed_tone: str = ""
    orphans: str = ""
    orphans_tone: str = ""
    alerts: str = ""
    alerts_tone: str = ""
    dead: str = ""
    dead_tone: str = ""
    ledger: LedgerBadge = LedgerBadge()


def work(unit: UnitOfWork, looks: Sequence[QueueLook] | None, now: datetime, currency: str) -> Work:
    """``looks`` is None where the queue could not be asked."""
    row = unit.first(_WAITING, now=now)
    assert row is not None, "a select without from has one row"
    failed = sum(look.failed for look in looks or ())
    return Work(
        queues=[_queue(look, now) for look in looks or ()],
        silent=looks is None,
        held=f"{count(row['confirming'])} · {money(int(row['held']), currency)}",
        held_tone="warn" if row["confirming"] else "",
        overdue=count(row["overdue"]),
        overdue_tone="warn" if row["overdue"] else "",
        failed=count(failed),
        failed_tone="warn" if failed else "",
        orphans=count(row["orphans"]),
        orphans_tone="warn" if row["orphans"] else "",
        alerts=count(row["alerts"]),
        alerts_tone="danger" if row["alerts"] else "",
        dead=count(row["dead"]),
        dead_tone="warn" if row["dead"] else "",
        ledger=_ledger(unit),
    )


def _queue(look: QueueLook, now: datetime) -> QueueLine:
    age = 0.0 if look.oldest is None else max(0.0, (now - _aware(look.oldest)).total_seconds())
    late = age > _LATE_SECONDS[look.name]
    tone = "danger" if not look.workers else "warn" if late else ""
    return QueueLine(
        name=look.name,
        title=_TITLES[look.name],
        workers=_plural(look.workers, "worker") if look.workers else "no worker",
        waiting=count(look.waiting),
        oldest=f"oldest {age:.1f} s" if look.waiting else _busy(look.running),
        tone=tone,
    )


def _busy(running: int) -> str:
    return f"{running} running" if running else "idle"


def _plural(number: int, word: str) -> str:
    return f"{count(number)} {word}{'s' * (number != 1)}"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _ledger(unit: UnitOfWork) -> LedgerBadge:
    row = unit.first(
        "select state, result, error, finished_at from job_run"
        " where kind = :kind and finished_at is not null order by id desc limit 1",
        kind=LEDGER_KIND,
    )
    if row is None:
        return LedgerBadge()
    at = millis(row["finished_at"])
    if row["state"] != "done":
        return LedgerBadge("warn", "alert", "Check not finished", row["error"] or "", at)
    return _verdict(row["result"], at)


def _verdict(result: dict[str, Any], at_ms: int) -> LedgerBadge:
    if result["broken"]:
        named = ", ".join(result["broken"])
        return LedgerBadge("danger", "alert", "Broken", f"does not hold: {named}", at_ms)
    detail = f"{result['checks']} checks over {count(result['journals'])} journals hold"
    return LedgerBadge("ok", "check", "Verified", detail, at_ms)


_WAITING: Final = """
select
  (select count(*) from activation where state in ('buying','confirming')) as confirming,
  (select coalesce(sum(price_cap), 0) from activation where state in ('buying','confirming'))
    as held,
  (select count(*) from activation where state in ('waiting','received','cancelling')
     and next_at <= cast(:now as timestamptz) - interval '15 seconds') as overdue,
  (select count(*) from sighting where state = 'orphan') as orphans,
  (select count(*) from alert where closed_at is null) as alerts,
  (select count(*) from outbox where state = 'dead') as dead
"""
