"""Checking the whole ledger now and then, and keeping what came of it for the console."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.core import job_runs
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.job_runs import AlreadyRunning
from nexnum_console.operations.verify import verify

KIND: Final = "ledger.verify"
SUBJECT: Final = "all"
EVERY: Final = timedelta(minutes=5)
# A check of a large ledger takes long; it may take this share of the time at most.
REST: Final = 20


def is_due(unit: UnitOfWork, now: datetime) -> bool:
    """Whether the last check is long enough ago for what it took."""
    last = job_runs.latest(unit, KIND, SUBJECT)
    if last is None:
        return True
    if last.finished_at is None:
        return now - last.beat_at > job_runs.SILENT
    return now - last.finished_at >= max(EVERY, REST * (last.finished_at - last.started_at))


def check(database: Database, events: Events, clock: Callable[[], datetime]) -> bool | None:
    """Verify everything and keep the outcome; whether all held, None while another one runs."""
    try:
        with database.transaction() as unit:
            run_id = job_runs.start(unit, KIND, SUBJECT, now=clock())
    except AlreadyRunning:
        return None
    try:
        report = verify(database, clock())
    except Exception as error:
        with database.transaction() as unit:
            job_runs.fail(unit, run_id, f"not finished: {type(error).__name__}", now=clock())
        raise
    broken = [result.name for result in report.results if result.breaks]
    with database.transaction() as unit:
        job_runs.finish(
            unit,
            run_id,
            {"broken": broken, "checks": len(report.results), "journals": report.journals},
            now=clock(),
        )
        unit.after_commit(lambda: events.publish(ADMIN_CHANNEL, "ledger"))
    return report.ok
