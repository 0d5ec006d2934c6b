"""Alerts as a list: what is open, what was settled and when."""

from __future__ import annotations

from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.columns import (
    chip,
    count_column,
    state_column,
    text_column,
    time_column,
)
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
)

_STATES: Final = {
    "open": ("danger", "alert", "Open"),
    "settled": ("ok", "check", "Settled"),
    "over": ("ok", "check", "Cause gone"),
}


def open_alerts(unit: UnitOfWork) -> int:
    """How many alerts nobody has settled."""
    return int(unit.scalar("select count(*) from alert where closed_at is null"))


def _state(row: Row) -> Cell:
    return chip(_STATES[_word(row)])


def _word(row: Row) -> str:
    if row["closed_at"] is None:
        return "open"
    return "settled" if row["by_hand"] else "over"


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
    " t.closed_at, t.by_hand",
    source="from alert t",
    columns=(
        Column("kind", "Alert", _kind, lambda row: row["kind"], sort="t.kind"),
        state_column(
            _state,
            "t.closed_at is null",
            _word,
        ),
        text_column("text", "What it says", "text", kind="prose"),
        count_column("times", "Seen", "times", unit=" ×", sort="t.times"),
        time_column("last", "Last seen", "seen_at", sort="t.seen_at"),
        time_column("time", "Raised", "raised_at", sort="t.id"),
        time_column("mailed", "Mailed", "mailed_at", sort="t.mailed_at", shown=False),
        time_column("closed", "Settled", "closed_at", sort="t.closed_at", shown=False),
    ),
    tie="t.id desc",
    order="-time",
    filters=(
        filters.search(
            "t.kind ilike :f_q or t.subject ilike :f_q or t.text ilike :f_q",
            "Kind, subject or words",
        ),
        Filter(
            "state",
            "State",
            "(t.closed_at is null) = (:f_state = 'open')",
            "choice",
            choices=(Choice("open", "Open"), Choice("settled", "Settled")),
        ),
        *filters.days("t.raised_at"),
    ),
    none_yet="No alert was ever raised",
    nothing="A broken promise of the ledger, a jump of the clock, a dead letter and whatever else"
    " needs somebody stands here, and is mailed to the admins.",
)
