"""The outbox as a list: what waits, what was delivered, what is dead and why."""

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
        Column(
            "key",
            "About",
            lambda row: Cell(text=row["key"]),
            lambda row: row["key"],
            sort="t.key",
        ),
        Column("state", "State", _state, lambda row: row["state"], kind="chip", sort="t.state"),
        Column(
            "tries",
            "Tries",
            _tries,
            lambda row: row["tries"],
            kind="number",
            sort="t.tries",
            right=True,
            wide=True,
        ),
        Column(
            "error",
            "What went wrong last",
            lambda row: Cell(text=row["error"] or "–", tone="" if row["error"] else "low"),
            lambda row: row["error"],
        ),
        Column(
            "next",
            "Next try",
            lambda row: Cell(ms=millis(row["next_at"]) if row["state"] == "waiting" else 0),
            lambda row: row["next_at"],
            kind="time",
            sort="t.next_at",
            shown=False,
        ),
        Column(
            "settled",
            "Ended",
            lambda row: Cell(ms=millis(row["settled_at"]) if row["settled_at"] else 0),
            lambda row: row["settled_at"],
            kind="time",
            sort="t.settled_at",
            shown=False,
        ),
        Column(
            "time",
            "Written",
            lambda row: Cell(ms=millis(row["created_at"])),
            lambda row: row["created_at"],
            kind="time",
            sort="t.id",
        ),
    ),
    tie="t.id desc",
    order="-time",
    filters=(
        Filter(
            "q",
            "Search",
            "t.topic ilike :f_q or t.key ilike :f_q or t.error ilike :f_q",
            "text",
            prepare=like,
            hint="Topic, what it is about, or fault",
        ),
        Filter(
            "state",
            "State",
            "t.state = :f_state",
            "choice",
            choices=tuple(Choice(state, words[2]) for state, words in _STATES.items()),
        ),
        Filter("from", "From", "t.created_at >= :f_from", "day", prepare=a_day),
        Filter("to", "Until", "t.created_at < cast(:f_to as date) + 1", "day", prepare=a_day),
    ),
    none_yet="No messages yet",
    nothing="Letters and whatever else must reach someone are listed here until they are delivered,"
    " and a week longer.",
)
