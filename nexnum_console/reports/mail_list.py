"""Letters as a list: what was sent, what waits, what was given up and why. Never their text."""

from __future__ import annotations

from typing import Final

from nexnum_console.reports import filters
from nexnum_console.reports.columns import state_column, text_column, time_column
from nexnum_console.reports.listing import (
    Cell,
    Column,
    Listing,
    Row,
)
from nexnum_console.reports.words import millis

_STATES: Final = {
    "waiting": ("info", "clock", "Waiting"),
    "sent": ("ok", "check", "Sent"),
    "given_up": ("danger", "alert", "Given up"),
}


# A letter whose message is dead, dropped or forgotten will not be sent unless somebody redrives it.
_STATE: Final = (
    "case when t.sent_at is not null then 'sent' when o.state = 'waiting' then 'waiting'"
    " else 'given_up' end"
)


def _state(row: Row) -> Cell:
    tone, icon, word = _STATES[row["state"]]
    if row["state"] == "waiting" and row["tries"]:
        tone, word = "warn", "Trying again"
    return Cell(text=word, icon=icon, tone=tone)


MAIL: Final = Listing(
    name="mail",
    title="Mail",
    path="/console/mail",
    capability="users.view",
    fields=f"t.id, t.recipient, t.subject, {_STATE} as state, t.created_at, t.sent_at,"
    " coalesce(o.tries, 0) as tries, coalesce(o.error, '') as error, o.next_at",
    source="from mail t left join outbox o on o.id = t.outbox_id",
    columns=(
        Column(
            "subject",
            "Letter",
            lambda row: Cell(text=row["subject"], sub=f"No. {row['id']}"),
            lambda row: row["subject"],
            sort="t.subject",
        ),
        text_column("recipient", "To", "recipient", sort="t.recipient"),
        state_column(_state, _STATE),
        Column(
            "tries",
            "Tries",
            lambda row: Cell(text=str(row["tries"])),
            lambda row: row["tries"],
            kind="number",
            sort="coalesce(o.tries, 0)",
            right=True,
            wide=True,
        ),
        text_column("error", "What went wrong last", "error", kind="prose"),
        Column(
            "next",
            "Next try",
            lambda row: Cell(ms=millis(row["next_at"]) if row["state"] == "waiting" else 0),
            lambda row: row["next_at"],
            kind="time",
            sort="o.next_at",
            shown=False,
        ),
        time_column("time", "Written", "created_at", sort="t.id"),
    ),
    tie="t.id desc",
    order="-time",
    filters=(
        filters.search(
            "t.recipient ilike :f_q or t.subject ilike :f_q or o.error ilike :f_q",
            "Address, subject or fault",
        ),
        filters.states(_STATES, _STATE),
        *filters.days("t.created_at"),
    ),
    none_yet="No letters yet",
    nothing="Letters that confirm an address or set a new password are listed here, without text.",
)
