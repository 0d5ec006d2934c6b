"""Views of lists that people keep under a name, and the files exported from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import count, millis

# A file nobody finished in this time has lost its worker.
GIVEN_UP: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A kept view; ``mine`` ones can be removed."""

    id: int
    name: str
    href: str
    mine: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class ExportView:
    """The newest file of a list; ``state`` is empty when there is none."""

    id: int = 0
    state: str = ""
    label: str = ""
    percent: int = 0
    href: str = ""
    expires_ms: int = 0


NO_EXPORT: Final = ExportView()


def views(unit: UnitOfWork, listing: str, path: str, user_id: int, staff: bool) -> list[ViewLink]:
    """The user's views of a list, and for staff the shared ones."""
    rows = unit.all(
        "select id, name, query, shared, user_id = :user_id as mine from saved_view"
        " where listing = :listing and (user_id = :user_id or (shared and :staff))"
        " order by shared desc, name, id limit 40",
        listing=listing,
        user_id=user_id,
        staff=staff,
    )
    return [
        ViewLink(
            row["id"],
            row["name"],
            f"{path}?{row['query']}" if row["query"] else path,
            row["mine"],
            row["shared"],
        )
        for row in rows
    ]


def newest_export(unit: UnitOfWork, listing: str, user_id: int, now: datetime) -> ExportView:
    """The user's newest file of a list, unless it has expired."""
    row = unit.first(
        "select id, state, done, total, error, created_at, expires_at from export_file"
        " where listing = :listing and user_id = :user_id and expires_at > :now"
        " order by id desc limit 1",
        listing=listing,
        user_id=user_id,
        now=now,
    )
    if row is None:
        return NO_EXPORT
    state, done, total = row["state"], row["done"], row["total"]
    if state in {"waiting", "running"} and row["created_at"] < now - GIVEN_UP:
        state = "failed"
    label = {
        "waiting": "Waiting for a worker",
        "running": f"{count(done)} of {count(total)} rows written",
        "done": f"{count(total)} rows ready",
        "failed": row["error"] or "The job ended before the file was whole. Export again.",
    }[state]
    return ExportView(
        id=row["id"],
        state=state,
        label=label,
        percent=100 * done // total if total else 0,
        href=f"/api/exports/{row['id']}" if state == "done" else "",
        expires_ms=millis(row["expires_at"]),
    )
