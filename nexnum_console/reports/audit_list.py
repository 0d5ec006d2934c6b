"""The audit log as a list."""

from __future__ import annotations

import json
from typing import Any, Final

from nexnum_console.reports import deeds, filters
from nexnum_console.reports.columns import text_column, time_column
from nexnum_console.reports.listing import Cell, Column, Filter, Listing, Row


def _deed(row: Row) -> Cell:
    return Cell(text=deeds.words(row["action"]), sub=f"No. {row['id']} · {row['action']}")


def _target(row: Row) -> Cell:
    target = row["target"]
    return Cell(text=deeds.name_of(target, row["about"]), href=deeds.page_of(target))


def _told(row: Row) -> str:
    before: dict[str, Any] = row["before"] or {}
    after: dict[str, Any] = row["after"] or {}
    return "; ".join(
        f"{name}: {_shown(before.get(name))} → {_shown(after.get(name))}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)


AUDIT: Final = Listing(
    name="audit",
    title="Audit log",
    path="/console/audit",
    capability="audit.view",
    fields="t.id, t.at, t.actor, t.action, t.target, t.before, t.after, t.reason, u.email,"
    " s.email about",
    source="from audit_entry t left join app_user u on t.actor = 'user:' || u.id"
    " left join app_user s on t.target = 'user:' || s.id",
    columns=(
        Column(
            "action",
            "What",
            _deed,
            lambda row: row["action"],
            sort="t.action",
        ),
        Column("target", "On", _target, lambda row: row["target"], sort="t.target"),
        Column(
            "actor",
            "By",
            lambda row: Cell(text=row["email"] or row["actor"]),
            lambda row: row["email"] or row["actor"],
            sort="t.actor",
        ),
        Column("change", "Change", lambda row: Cell(text=_told(row) or "–"), _told),
        text_column("reason", "Reason", "reason", kind="prose"),
        time_column("time", "When", "at", sort="t.id"),
    ),
    tie="t.id desc",
    order="-time",
    filters=(
        filters.search(
            "t.target ilike :f_q or t.action ilike :f_q or t.reason ilike :f_q"
            " or u.email ilike :f_q or s.email ilike :f_q",
            "Deed, target, reason or e-mail",
        ),
        Filter("action", "What", "t.action = :f_action", choices=deeds.CHOICES),
        *filters.days("t.at"),
    ),
    none_yet="No changes yet",
    nothing="Every change that staff make to money, people, providers and settings is kept here.",
)
