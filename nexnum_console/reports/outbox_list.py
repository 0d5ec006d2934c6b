"""The outbox as a list: what waits, what was delivered, what is dead and why."""

from __future__ import annotations

from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.columns import count_column, state_column, text_column, time_column
from nexnum_console.reports.listing import (
    Cell,
    Column,
    Listing,
    Row,
)
from nexnum_console.reports.words import millis

_STATES: Final = {
    "waiting": ("info", "clock", "Waiting"),
    "dead": ("danger", "alert", "Dead"),
    "done": ("ok", "check", "Delivered"),
    "dropped": ("warn", "x", "Dropped"),
}


def dead_letters(unit: UnitOfWork) -> int:
    """How many messages wait for somebody to decide."""
    return int(unit.scalar("select count(*) from outbox where state = 'dead'"))


def _state(row: Row) -> Cell:
    tone, icon, word = _STATES[row["state"]]
    if row["state"] == "waiting" and row["held"]:
        return Cell(text="Held", sub="behind a dead one", icon=icon, tone="warn")
    if row["state"] == "waiting" and row["tries"]:
        tone, word = "warn", "Trying again"
    return Cell(text=word, icon=icon, tone=tone)


def _tries(row: Row) -> Cell:
    before = row["redrives"]
    return Cell(text=str(row["tries"]), sub=f"redriven {before} ×" if before else "")


OUTBOX: Final = Listing(
    name="outbox",
    title="Outbox",
    path="/console/outbox",
    capability="console.view",
    fields="t.id, t.message_id, t.topic, t.key, t.state, t.tries, t.redrives, t.error,"
    " t.created_at, t.next_at, t.settled_at, exists (select from outbox e where e.topic = t.topic"
    " and e.key = t.key and e.id < t.id and e.state = 'dead') as held",
    source="from outbox t",
    columns=(
        Column(
            "message",
            "Message",
            lambda row: Cell(text=f"{row['topic']} no. {row['id']}", sub=str(row["message_id"])),
            lambda row: str(row["message_id"]),
            sort="t.topic",
        ),
        text_column("key", "About", "key", sort="t.key"),
        state_column(_state, "t.state"),
        count_column("tries", "Tries", "tries", _tries, sort="t.tries", wide=True),
        text_column("error", "What went wrong last", "error", kind="prose"),
        Column(
            "next",
            "Next try",
            lambda row: Cell(ms=millis(row["next_at"]) if row["state"] == "waiting" else 0),
            lambda row: row["next_at"],
            kind="time",
            sort="t.next_at",
            shown=False,
        ),
        time_column("settled", "Ended", "settled_at", sort="t.settled_at", shown=False),
        time_column("time", "Written", "created_at", sort="t.id"),
    ),
    tie="t.id desc",
    order="-time",
    filters=(
        filters.search(
            "t.topic ilike :f_q or t.key ilike :f_q or t.error ilike :f_q",
            "Topic, what it is about, or fault",
        ),
        filters.states(_STATES, "t.state"),
        *filters.days("t.created_at"),
    ),
    none_yet="No messages yet",
    nothing="Letters and whatever else must reach someone are listed here until they are delivered,"
    " and a week longer.",
)
