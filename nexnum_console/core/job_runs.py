"""Runs of long jobs: one at a time for a subject, progress to watch, evidence when they fail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError

# A run that has not moved for this long belongs to a process that died.
SILENT: Final = timedelta(minutes=3)


class AlreadyRunning(BusinessError):
    """A run of this kind for this subject is under way."""

    code = "already_running"
    status = 409


@dataclass(frozen=True, slots=True)
class Run:
    """One run; ``state`` is running, done or failed."""

    id: int
    kind: str
    subject: str
    state: str
    done: int
    total: int | None
    step: str
    error: str | None
    result: dict[str, Any] | None
    started_at: datetime
    beat_at: datetime
    finished_at: datetime | None


_COLUMNS: Final = (
    "select id, kind, subject, state, done, total, step, error, result,"
    " started_at, beat_at, finished_at from job_run"
)


def start(unit: UnitOfWork, kind: str, subject: str, *, now: datetime) -> int:
    """Begin a run and return its id; AlreadyRunning. Runs that fell silent are marked failed."""
    unit.run("select pg_advisory_xact_lock(hashtext(:name))", name=f"job:{kind}:{subject}")
    unit.run(
        "update job_run set state = 'failed', error = 'the process running it ended',"
        " finished_at = :now where kind = :kind and subject = :subject and state = 'running'"
        " and beat_at < :silent",
        kind=kind,
        subject=subject,
        now=now,
        silent=now - SILENT,
    )
    running = unit.scalar(
        "select id from job_run where kind = :kind and subject = :subject and state = 'running'",
        kind=kind,
        subject=subject,
    )
    if running is not None:
        raise AlreadyRunning(f"{kind} of {subject} is running already.", run_id=running)
    return int(
        unit.scalar(
            "insert into job_run (kind, subject, state, started_at, beat_at)"
            " values (:kind, :subject, 'running', :now, :now) returning id",
            kind=kind,
            subject=subject,
            now=now,
        )
    )


def progress(
    unit: UnitOfWork, run_id: int, step: str, *, done: int, total: int | None, now: datetime
) -> None:
    """Say what the run does now and how far it is."""
    unit.run(
        "update job_run set step = :step, done = :done, total = :total, beat_at = :now"
        " where id = :id",
        id=run_id,
        step=step[:200],
        done=done,
        total=total,
        now=now,
    )


def finish(unit: UnitOfWork, run_id: int, result: dict[str, Any], *, now: datetime) -> None:
    """End the run well; ``result`` is shown to admins."""
    unit.run(
        "update job_run set state = 'done', step = '', result = cast(:result as jsonb),"
        " beat_at = :now, finished_at = :now where id = :id",
        id=run_id,
        result=json.dumps(result),
        now=now,
    )


def fail(unit: UnitOfWork, run_id: int, error: str, *, now: datetime) -> None:
    """End the run with the reason an admin can act on."""
    unit.run(
        "update job_run set state = 'failed', error = :error, beat_at = :now, finished_at = :now"
        " where id = :id",
        id=run_id,
        error=error,
        now=now,
    )


def latest(unit: UnitOfWork, kind: str, subject: str) -> Run | None:
    """The newest run of this kind for this subject."""
    row = unit.first(
        _COLUMNS + " where kind = :kind and subject = :subject order by id desc limit 1",
        kind=kind,
        subject=subject,
    )
    return Run(**row) if row else None


def recent(unit: UnitOfWork, *, limit: int = 50) -> list[Run]:
    """The newest runs of every kind."""
    rows = unit.all(_COLUMNS + " order by id desc limit :limit", limit=limit)
    return [Run(**row) for row in rows]
