"""Alerts as a list: what is open, what was settled and when."""

from __future__ import annotations

from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
    a_day,
    like,
)
from nexnum_console.reports.words import count, millis

_OPEN: Final = {True: ("danger", "alert", "Open"), False: ("ok", "check", "Settled")}


def open_alerts(unit: UnitOfWork) -> int:
    """How many alerts nobody has settled."""
    return int(unit.scalar("select count(*) from alert where closed_at is null"))


def _state(row: Row) -> Cell:
    tone, icon, word = _OPEN[row["closed_at"] is None]
    return Cell(text=word, icon=icon, tone=tone)


def _kind(row: Row) -> Cell:
    return Cell(
        text=row["kind"].replace("_", " ").replace("-", " ").capitalize(), sub=row["subject"]
    )


ALERTS: Final = Listing(
    name="alerts",
    title="Alerts",
    path="/console/alerts",
    capability="console.view",
    fields="t.id, t.kind, t.subject, t.text, t.times, t.raised_at, t.seen_at, t.mailed_at,"
    " t.closed_at",
    source="from alert t",
    columns=(
        Column("kind", "Alert", _kind, lambda row: row["kind"], sort="t.kind"),
        Column(
            "state",
            "State",
            _state,
            lambda row: "open" if row["closed_at"] is None else "settled",
            kind="chip",
            sort="t.closed_at is null",
        ),
        Column("text", "What it says", lambda row: Cell(text=row["text"]), lambda row: row["text"]),
        Column(
            "times",
            "Seen",
            lambda row: Cell(text=f"{count(row['times'])} ×"),
            lambda row: row["times"],
            kind="number",
            sort="t.times",
            right=True,
        ),
        Column(
            "last",
            "Last seen",
            lambda row: Cell(ms=millis(row["seen_at"])),
            lambda row: row["seen_at"],
            kind="time",
            sort="t.seen_at",
        ),
        Column(
            "time",
            "Raised",
            lambda row: Cell(ms=millis(row["raised_at"])),
            lambda row: row["raised_at"],
            kind="time",
            sort="t.id",
        ),
        Column(
            "mailed",
            "Mailed",
            lambda row: Cell(ms=millis(row["mailed_at"]) if row["mailed_at"] else 0),
            lambda row: row["mailed_at"],
            kind="time",
            sort="t.mailed_at",
            shown=False,
        ),
        Column(
            "closed",
            "Settled",
            lambda row: Cell(ms=millis(row["closed_at"]) if row["closed_at"] else 0),
            lambda row: row["closed_at"],
            kind="time",
            sort="t.closed_at",
            shown=False,
        ),
    ),
    tie="t.id desc",
    order="-time",
    filters=(
        Filter(
            "q",
            "Search",
            "t.kind ilike :f_q or t.subject ilike :f_q or t.text ilike :f_q",
            "text",
            prepare=like,
            hint="Kind, subject or words",
        ),
        Filter(
            "state",
            "State",
            "(t.closed_at is null) = (:f_state = 'open')",
            "choice",
            choices=(Choice("open", "Open"), Choice("settled", "Settled")),
        ),
        Filter("from", "From", "t.raised_at >= :f_from", "day", prepare=a_day),
        Filter("to", "Until", "t.raised_at < cast(:f_to as date) + 1", "day", prepare=a_day),
    ),
    none_yet="No alert was ever raised",
    nothing="A broken promise of the ledger, a jump of the clock, a dead letter and whatever else"
    " needs somebody stands here, and is mailed to the admins.",
)
