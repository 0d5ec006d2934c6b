"""What waits for a second person (corrections, manual deposits, money from suspense), and what
became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.columns import (
    money_column,
    number_column,
    state_column,
    text_column,
    time_column,
)
from nexnum_console.reports.deposits_list import PATH as DEPOSITS_PATH
from nexnum_console.reports.deposits_list import REQUESTS_PATH as PATH
from nexnum_console.reports.listing import Cell, Column, Filter, Listing, Row
from nexnum_console.reports.record import Record, journal, row_of
from nexnum_console.reports.words import money, signed_money

_STATES: Final = {
    "pending": ("warn", "clock", "Waits"),
    "approved": ("ok", "check", "Approved"),
    "rejected": ("danger", "x", "Refused"),
    "withdrawn": ("info", "undo", "Withdrawn"),
}
_KINDS: Final = {
    "correction": "Correction",
    "deposit": "Manual deposit",
    "suspense": "From suspense",
}
_KIND: Final = (
    "case when r.intent_id is not null then 'deposit'"
    " when r.suspense_id is not null then 'suspense' else 'correction' end"
)
_FIELDS: Final = (
    "r.id, r.state, r.amount, r.reason, r.asked_by, r.asked_at, r.decided_by, r.note, r.journal_id,"
    " r.intent_id, r.suspense_id, coalesce(s.payment_id, r.payment) as payment,"
    f" {_KIND} as kind, s.state as parked, s.amount as parked_amount,"
    " s.currency as parked_currency, i.amount as asked_amount, u.email, u.id as user_id,"
    " w.currency, w.available,"
    " case when r.asked_by like 'user:%' then ask.email end as asker,"
    " case when r.decided_by like 'user:%' then dec.email end as decider"
)
_SOURCE: Final = (
    "from adjustment_request r join wallet w on w.id = r.wallet_id"
    " join app_user u on u.id = w.user_id"
    " left join app_user ask on r.asked_by = 'user:' || ask.id"
    " left join deposit_intent i on i.id = r.intent_id"
    " left join suspense s on s.id = r.suspense_id"
    " left join app_user dec on r.decided_by = 'user:' || dec.id"
)


@dataclass(frozen=True, slots=True)
class ApprovalRecord(Record):
    """One request; ``asked_by`` is the asker's name in the ledger, for telling withdraw apart.
    ``kind`` is ``correction``, ``deposit`` or ``suspense``."""

    id: int = 0
    asked_by: str = ""
    user: int = 0
    email: str = ""
    amount: str = ""
    kind: str = ""


def approval_record(unit: UnitOfWork, no: int | str) -> ApprovalRecord | None:
    """The request of that number; None where there is none."""
    row = row_of(unit, APPROVALS, "r.id", no)
    if row is None:
        return None
    tone, icon, word = _STATES[row["state"]]
    amount = signed_money(int(row["amount"]), row["currency"])
    return ApprovalRecord(
        id=row["id"],
        title=f"{_KINDS[row['kind']]}: {amount} for {row['email']}",
        tone=tone,
        icon=icon,
        word=word,
        open=row["state"] == "pending",
        asked_by=row["asked_by"],
        user=row["user_id"],
        email=row["email"],
        amount=amount,
        kind=row["kind"],
        facts=_facts(row),
    )


def _facts(row: Row) -> list[Fact]:
    available, amount = int(row["available"]), int(row["amount"])
    now = money(available, row["currency"])
    shown = [
        Fact("User", row["email"], f"/console/users/{row['user_id']}"),
        Fact("Reason", row["reason"]),
        Fact("Asked by", row["asker"] or row["asked_by"]),
        *_source(row),
    ]
    if row["state"] == "pending" and row["parked"] in {"assigned", "returned"}:
        shown.append(Fact("Cannot be booked", f"this money was {row['parked']} meanwhile"))
    elif row["state"] == "pending" and row["asked_amount"] in {None, amount}:
        after = money(available + amount, row["currency"])
        shown.append(Fact("Balance", f"{now} → {after}"))
    elif row["state"] == "pending":
        asked = money(int(row["asked_amount"]), row["currency"])
        shown.append(Fact("Goes to", f"suspense: {asked} was asked for"))
    else:
        shown.append(Fact("Decided by", row["decider"] or row["decided_by"] or "–"))
        shown.append(Fact("With", row["note"] or "–"))
    if row["journal_id"]:
        shown.append(journal("Booked as", row["journal_id"]))
    return shown


def _source(row: Row) -> list[Fact]:
    """Where the money comes from; nothing for a correction."""
    if row["suspense_id"]:
        arrived = money(int(row["parked_amount"]), row["parked_currency"])
        href = f"{DEPOSITS_PATH}/suspense?no={row['suspense_id']}"
        return [
            Fact("Payment", row["payment"]),
            Fact("In suspense", f"No. {row['suspense_id']}, {arrived}", href),
        ]
    if not row["intent_id"]:
        return []
    href = f"{DEPOSITS_PATH}?no={row['intent_id']}"
    return [
        Fact("Seen under", row["payment"]),
        Fact("Deposit", f"No. {row['intent_id']}", href),
    ]


APPROVALS: Final = Listing(
    name="approvals",
    title="Approvals",
    path=PATH,
    capability="ledger.view",
    fields=_FIELDS,
    source=_SOURCE,
    columns=(
        number_column("Request", "r.id", "email"),
        Column(
            "kind",
            "What",
            lambda row: Cell(text=_KINDS[row["kind"]], sub=row["payment"]),
            lambda row: row["kind"],
            sort=_KIND,
        ),
        state_column(_STATES, "r.state"),
        money_column("amount", "Amount", "amount", tone="hi", signed=True, sort="r.amount"),
        text_column("reason", "Reason", "reason", kind="prose"),
        Column(
            "asker",
            "Asked by",
            lambda row: Cell(text=row["asker"] or row["asked_by"]),
            lambda row: row["asker"] or row["asked_by"],
        ),
        Column(
            "decider",
            "Decided by",
            lambda row: Cell(text=row["decider"] or row["decided_by"] or "–", sub=row["note"]),
            lambda row: row["decider"] or row["decided_by"],
            wide=True,
        ),
        time_column("time", "Asked", "asked_at", sort="r.asked_at"),
    ),
    tie="r.id desc",
    order="-time",
    filters=(
        filters.search(
            "u.email ilike :f_q or r.reason ilike :f_q or r.payment ilike :f_q"
            " or s.payment_id ilike :f_q",
            "E-mail, reason or payment",
        ),
        filters.states(_STATES, "r.state"),
        Filter(
            "kind",
            "What",
            f"{_KIND} = :f_kind",
            choices=filters.choices(_KINDS),
        ),
        filters.number("r.id"),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No request ever needed a second person",
    nothing="A correction, a deposit by hand or money from suspense above the limit in Settings"
    " waits here until another admin agrees.",
)
