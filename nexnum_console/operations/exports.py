"""Exporting a list: asked for in a page, written by a job, fetched by the one who asked.

The right to see the list is checked when it is asked for, when it is written and when it is
fetched: a role that was taken away takes the file along.
"""

from __future__ import annotations

import gzip
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl

from redis.exceptions import RedisError

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput, NotFound, Unavailable
from nexnum_console.core.events import Events, user_channel
from nexnum_console.core.ids import request_id
from nexnum_console.core.queue import ERRANDS, JobQueue
from nexnum_console.reports import csv_file
from nexnum_console.reports.listing import Listing, Query, parse, shown
from nexnum_console.reports.listing_page import read_all, total_of
from nexnum_console.reports.lists import LISTINGS
from nexnum_console.reports.saved_views import GIVEN_UP
from nexnum_console.reports.words import count

log = logging.getLogger(__name__)

MOST_ROWS: Final = 100_000
KEPT: Final = timedelta(hours=24)
JOB: Final = "workers.jobs.exports.write"
JOB_SECONDS: Final = 300
Clock = Callable[[], datetime]


class ExportRunning(BusinessError):
    """One file of a list at a time."""

    code = "export_running"
    status = 409


@dataclass(frozen=True, slots=True)
class File:
    """A finished file; ``content`` is gzipped UTF-8 CSV."""

    name: str
    content: bytes


def ask(
    database: Database, jobs: JobQueue, actor: Actor, listing: Listing, query: str, now: datetime
) -> int:
    """Have the filtered list written; returns the file's id. The caller holds its capability.

    InvalidInput when too many rows match; ExportRunning; Unavailable when no job can be queued.
    """
    with database.transaction() as unit:
        total = total_of(unit, listing, _parsed(listing, query), actor.user_id, MOST_ROWS + 1)
        if total > MOST_ROWS:
            raise InvalidInput(
                f"More than {count(MOST_ROWS)} rows match, and no file was begun."
                " Set a filter, for example a first day, and export again."
            )
        export_id = _begin(unit, actor.user_id, listing.name, query, total, now)
        if not listing.mine:
            told = {"rows": total, "query": query}
            audit.record(unit, actor, "list.export", f"list:{listing.name}", after=told, now=now)
    try:
        jobs.enqueue(ERRANDS, JOB, export_id, timeout_seconds=JOB_SECONDS)
    except RedisError as error:
        with database.transaction() as unit:
            _failed(unit, export_id, "The job queue does not answer.")
        raise Unavailable(
            "The job queue does not answer, so no file is being written. Try again in a minute."
        ) from error
    return export_id


def write(database: Database, events: Events, export_id: int, clock: Clock) -> None:
    """Write the file; whatever goes wrong is told on its row."""
    row = _claim(database, export_id)
    if row is None:
        return
    user_id, listing = row.user_id, LISTINGS[row.listing]
    try:
        with database.snapshot() as unit:  # one for all batches
            content = _content(unit, database, events, row, listing)
        with database.transaction() as unit:
            unit.run(
                "update export_file set state = 'done', done = total, content = :content,"
                " expires_at = :until where id = :id",
                id=export_id,
                content=content,
                until=clock() + KEPT,
            )
    except Exception:
        log.exception("export %s failed", export_id)
        with database.transaction() as unit:
            _failed(unit, export_id, f"The file could not be written, id {request_id()}.")
    finally:
        events.publish(user_channel(user_id), "export", id=export_id)


def fetch(unit: UnitOfWork, export_id: int, actor: Actor, now: datetime) -> File:
    """The finished file, for the one who asked for it; NotFound for everyone else."""
    row = unit.first(
        "select listing, content, created_at from export_file where id = :id"
        " and user_id = :user_id and state = 'done' and expires_at > :now",
        id=export_id,
        user_id=actor.user_id,
        now=now,
    )
    listing = LISTINGS.get(row["listing"]) if row else None
    if row is None or listing is None or not actor.may(listing.capability):
        raise NotFound("There is no such file for you; files are kept for a day. Export again.")
    return File(f"{listing.name}-{row['created_at']:%Y-%m-%d-%H%M}.csv", bytes(row["content"]))


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: int
    user_id: int
    listing: str
    query: str
    total: int


def _parsed(listing: Listing, query: str) -> Query:
    return parse(listing, dict(parse_qsl(query)))


def _begin(
    unit: UnitOfWork, user_id: int, listing: str, query: str, total: int, now: datetime
) -> int:
    unit.run("select pg_advisory_xact_lock(hashtext(:name))", name=f"export:{user_id}:{listing}")
    unit.run("delete from export_file where expires_at < :now", now=now)
    running = unit.scalar(
        "select id from export_file where user_id = :user_id and listing = :listing"
        " and state in ('waiting','running') and created_at > :alive",
        user_id=user_id,
        listing=listing,
        alive=now - GIVEN_UP,
    )
    if running is not None:
        raise ExportRunning("A file of this list is being written already; wait for it.")
    unit.run(
        "delete from export_file where user_id = :user_id and listing = :listing",
        user_id=user_id,
        listing=listing,
    )
    return int(
        unit.scalar(
            "insert into export_file (user_id, listing, query, total, created_at, expires_at)"
            " values (:user_id, :listing, :query, :total, :now, :until) returning id",
            user_id=user_id,
            listing=listing,
            query=query,
            total=total,
            now=now,
            until=now + KEPT,
        )
    )


def _claim(database: Database, export_id: int) -> _Claimed | None:
    with database.transaction() as unit:
        row = unit.first(
            "update export_file f set state = 'running' from app_user u where f.id = :id"
            " and f.state = 'waiting' and u.id = f.user_id"
            " returning f.id, f.user_id, f.listing, f.query, f.total, u.role, u.status",
            id=export_id,
        )
        if row is None:
            log.warning("export %s is gone or taken", export_id)
            return None
        listing = LISTINGS.get(row["listing"])
        allowed = row["status"] == "active" and listing is not None
        if not allowed or listing.capability not in capabilities_of(row["role"]):  # type: ignore[union-attr]
            _failed(unit, export_id, "Your account may not see this list any more.")
            return None
        return _Claimed(row["id"], row["user_id"], row["listing"], row["query"], row["total"])


def _content(
    unit: UnitOfWork, database: Database, events: Events, claimed: _Claimed, listing: Listing
) -> bytes:
    query = _parsed(listing, claimed.query)
    columns = shown(listing, query)
    buffer, done = io.BytesIO(), 0
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed:
        packed.write(csv_file.head(columns).encode())
        for rows in read_all(unit, listing, query, claimed.user_id, MOST_ROWS):
            packed.write(csv_file.body(columns, rows).encode())
            done += len(rows)
            with database.transaction() as beside:
                beside.run(
                    "update export_file set done = :done, total = greatest(total, :done)"
                    " where id = :id",
                    id=claimed.id,
                    done=done,
                )
            events.publish(user_channel(claimed.user_id), "export", id=claimed.id)
    return buffer.getvalue()


def _failed(unit: UnitOfWork, export_id: int, error: str) -> None:
    unit.run(
        "update export_file set state = 'failed', error = :error where id = :id",
        id=export_id,
        error=error,
    )
