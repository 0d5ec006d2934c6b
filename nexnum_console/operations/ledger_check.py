"""Checking the ledger again and again, keeping what came of it, and stopping a broken wallet.

Every minute the newest journals are checked, the whole ledger as often as it takes little of the
time. A break is written down, told, and stops what leaves its wallet; nothing repairs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from redis.exceptions import RedisError

from nexnum_console.audit import log as audit
from nexnum_console.core import job_runs
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import Unavailable
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.job_runs import AlreadyRunning
from nexnum_console.core.queue import CATALOGUE, JobQueue
from nexnum_console.notifications import alerts
from nexnum_console.operations.verify import (
    Report,
    Seals,
    note_settled,
    verify,
    verify_newest,
)
from nexnum_console.wallet import freezing, seals
from nexnum_console.wallet.seals import SealKey
from nexnum_console.wallet.verify import CheckResult

KIND: Final = "ledger.verify"
SUBJECT: Final = "all"
EVERY: Final = timedelta(minutes=1)
NEWEST: Final = "newest"
# A check of a large ledger takes long; it may take this share of the time at most.
REST: Final = 20
ALERT: Final = "ledger-broken"
CHECK_NOW: Final = "workers.jobs.ledger.verify_now"
CHECK_SECONDS: Final = 900
TELL_EVERY: Final = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class Watch:
    """What these jobs work with; ``seals`` where their files and keys are at hand."""

    database: Database
    events: Events
    clock: Callable[[], datetime]
    seals: Seals | None = None
    key: SealKey | None = None


def is_due(unit: UnitOfWork, now: datetime) -> bool:
    """Whether the last whole check is long enough ago for what it took."""
    last = job_runs.latest(unit, KIND, SUBJECT)
    if last is None:
        return True
    if last.finished_at is None:
        return now - last.beat_at > job_runs.SILENT
    return now - last.finished_at >= max(EVERY, REST * (last.finished_at - last.started_at))


def is_newest_due(unit: UnitOfWork, now: datetime) -> bool:
    """Whether the newest journals were last looked at a minute ago."""
    at = unit.scalar("select max(checked_at) from invariant_state")
    return at is None or bool(now - at >= EVERY)


def check(watch: Watch) -> bool | None:
    """Verify everything and keep the outcome; whether all held, None while another one runs."""
    clock = watch.clock
    try:
        with watch.database.transaction() as unit:
            run_id = job_runs.start(unit, KIND, SUBJECT, now=clock())
    except AlreadyRunning:
        return None
    try:
        heard = partial(_tell_progress, watch, run_id, [clock()])
        report = verify(watch.database, clock(), watch.seals, heard=heard)
    except Exception as error:
        with watch.database.transaction() as unit:
            job_runs.fail(unit, run_id, f"not finished: {type(error).__name__}", now=clock())
        raise
    broken = [result.name for result in report.results if result.breaks]
    with watch.database.transaction() as unit:
        keep(unit, report, clock(), whole=True)
        job_runs.finish(
            unit,
            run_id,
            {"broken": broken, "checks": len(report.results), "journals": report.journals},
            now=clock(),
        )
        unit.after_commit(lambda: watch.events.publish(ADMIN_CHANNEL, "ledger"))
    return report.ok


def ask(database: Database, jobs: JobQueue, actor: Actor, now: datetime) -> None:
    """Have the whole proof run as soon as a worker is free, however lately it ran; Unavailable."""
    with database.transaction() as unit:
        audit.record(unit, actor, "ledger.check", f"ledger:{SUBJECT}", now=now)
    try:
        jobs.enqueue(CATALOGUE, CHECK_NOW, timeout_seconds=CHECK_SECONDS)
    except RedisError as error:
        raise Unavailable(
            "The job queue does not answer, so no check was begun. Try again in a minute, or run"
            " ./nexnum ledger verify on the server."
        ) from error


def _tell_progress(
    watch: Watch, run_id: int, told_at: list[datetime], done: int, total: int
) -> None:
    """Write down how far the check is, at most twice a second; ``told_at`` holds the last time."""
    now = watch.clock()
    if 1 < done < total and now - told_at[0] < TELL_EVERY:
        return
    told_at[0] = now
    with watch.database.transaction() as unit:
        job_runs.progress(unit, run_id, f"part {done} of {total}", done=done, total=total, now=now)
        unit.after_commit(lambda: watch.events.publish(ADMIN_CHANNEL, "ledger"))


def check_newest(watch: Watch) -> bool:
    """Verify what came since the last such look, and keep the outcome; whether all held."""
    report = verify_newest(watch.database, watch.clock())
    with watch.database.transaction() as unit:
        keep(unit, report, watch.clock(), whole=False)
        if not report.ok:
            unit.after_commit(lambda: watch.events.publish(ADMIN_CHANNEL, "ledger"))
    return report.ok


def seal_due(watch: Watch) -> int:
    """Seal every block that is due and tell its head outside; returns how many."""
    assert watch.key is not None, "sealing needs the key"
    assert watch.seals is not None, "and a place to tell of it"
    sealed = 0
    while True:
        with watch.database.transaction() as unit:
            block = seals.seal(unit, watch.key, watch.clock())
            if block is None:
                return sealed
            unit.after_commit(partial(seals.export, watch.seals.folder, block))
            unit.publish(ADMIN_CHANNEL, "ledger")
        sealed += 1


def keep(unit: UnitOfWork, report: Report, now: datetime, *, whole: bool) -> None:
    """Write down each check's outcome and each break, freeze its wallet, raise an alert.

    A look at the newest journals does not unsay what a whole one found in older ones.
    """
    note_settled(unit, report)
    for result in report.results:
        unit.run(
            "insert into invariant_state (name, breaks, checked_at, whole_at)"
            " values (:name, :breaks, :now, case when :whole then cast(:now as timestamptz) end)"
            " on conflict (name) do update set checked_at = excluded.checked_at,"
            " whole_at = coalesce(excluded.whole_at, invariant_state.whole_at),"
            " breaks = case when :whole then excluded.breaks"
            "  else greatest(excluded.breaks, invariant_state.breaks) end",
            name=result.name,
            breaks=result.breaks,
            now=now,
            whole=whole,
        )
        for finding, wallet_id in zip(result.findings, result.about, strict=True):
            freezing.write_down(unit, result.name, finding, wallet_id, now)
    # All evidence before any wallet, as whoever lets a wallet go takes them.
    for result in report.results:
        for wallet_id in sorted(result.wallets):
            freezing.freeze_for_break(unit, wallet_id, result.name, now)
        if result.breaks:
            alerts.raise_alert(unit, ALERT, result.name, _told(result), now)


def _told(result: CheckResult) -> str:
    stopped = "No wallet is stopped for it"
    if result.wallets:
        stopped = "Outgoing moves of the wallets concerned are stopped"
    return (
        f"{result.name} does not hold ({result.promise}). Breaks: {result.breaks}. First:"
        f" {result.findings[0]}. {stopped}; nothing was changed. See the evidence in the console,"
        " under Ledger."
    )
