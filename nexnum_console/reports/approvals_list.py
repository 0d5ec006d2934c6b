"""Corrections that wait for a second person, and what became of earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
    like,
    whole_number,
)
from nexnum_console.reports.words import millis, money, signed_money

PATH: Final = "/console/deposits/approvals"
_STATES: Final = {
    "pending": ("warn", "clock", "Waits"),
    "approved": ("ok", "check", "Approved"),
    "rejected": ("danger", "x", "Refused"),
    "withdrawn": ("info", "undo", "Withdrawn"),
}
_FIELDS: Final = (
    "r.*, u.email, u.id as user_id, w.currency, w.available,"
    " case when r.asked_by like 'user:%' then ask.email end as asker,"
    " case when r.decided_by like 'user:%' then dec.email end as decider"
)
_SOURCE: Final = (
    "from adjustment_request r join wallet w on w.id = r.wallet_id"
    " join app_user u on u.id = w.user_id"
    " left join app_user ask on r.asked_by = 'user:' || ask.id"
    " left join app_user dec on r.decided_by = 'user:' || dec.id"
)


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """One request; ``asked_by`` is the asker's name in the ledger, for telling withdraw apart."""

    id: int = 0
    title: str = ""
    tone: str = ""
    icon: str = ""
    word: str = ""
    open: bool = False
    asked_by: str = ""
    user: int = 0
    email: str = ""
    amount: str = ""
    facts: list[Fact] = field(default_factory=list)


def approval_record(unit: UnitOfWork, number: int) -> ApprovalRecord | None:
    """The request of that number; None where there is none."""
    row = unit.first(f"select {_FIELDS} {_SOURCE} where r.id = :id", id=number)
    if row is None:
        return None
    tone, icon, word = _STATES[row["state"]]
    amount = signed_money(int(row["amount"]), row["currency"])
    return ApprovalRecord(
        id=row["id"],
        title=f"{amount} for {row['email']}",
        tone=tone,
        icon=icon,
        word=word,
        open=row["state"] == "pending",
        asked_by=row["asked_by"],
        user=row["user_id"],
        email=row["email"],
        amount=amount,
        facts=_facts(row),
    )


def _facts(row: Row) -> list[Fact]:
    available, amount = int(row["available"]), int(row["amount"])
    now = money(available, row["currency"])
    shown = [
        Fact("User", row["email"], f"/console/users/{row['user_id']}"),
        Fact("Reason", row["reason"]),
        Fact("Asked by", row["asker"] or row["asked_by"]),
    ]
    if row["state"] == "pending":
        after = money(available + amount, row["currency"])
        shown.append(Fact("Balance", f"{now} → {after}"))
    else:
        shown.append(Fact("Decided by", row["decider"] or row["decided_by"] or "–"))
        shown.append(Fact("With", row["note"] or "–"))
    if row["journal_id"]:
        href = f"/console/ledger/journals/{row['journal_id']}"
        shown.append(Fact("Booked as", f"journal {row['journal_id']}", href))
    return shown


def _state(row: Row) -> Cell:
    tone, icon, word = _STATES[row["state"]]
    return Cell(text=word, icon=icon, tone=tone)


APPROVALS: Final = Listing(
    name="approvals",
    title="Approvals",
    path=PATH,
    capability="ledger.view",
    fields=_FIELDS,
    source=_SOURCE,
    columns=(
        Column(
            "no",
            "Correction",
            lambda row: Cell(text=f"No. {row['id']}", sub=row["email"]),
            lambda row: row["id"],
            sort="r.id",
        ),
        Column("state", "State", _state, lambda row: row["state"], kind="chip", sort="r.state"),
        Column(
            "amount",
            "Amount",
            lambda row: Cell(text=signed_money(int(row["amount"]), row["currency"]), tone="hi"),
            lambda row: format_micro(int(row["amount"])),
            kind="number",
            sort="r.amount",
            right=True,
        ),
        Column("reason", "Reason", lambda row: Cell(text=row["reason"]), lambda row: row["reason"]),
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
        Column(
            "time",
            "Asked",
            lambda row: Cell(ms=millis(row["asked_at"])),
            lambda row: row["asked_at"],
            kind="time",
            sort="r.asked_at",
        ),
    ),
    tie="r.id desc",
    order="-time",
    filters=(
        Filter(
            "q",
            "Search",
            "u.email ilike :f_q or r.reason ilike :f_q",
            "text",
            prepare=like,
            hint="E-mail or reason",
        ),
        Filter(
            "state",
            "State",
            "r.state = :f_state",
            choices=tuple(Choice(state, words[2]) for state, words in _STATES.items()),
        ),
        Filter("no", "No.", "r.id = :f_no", "text", prepare=whole_number),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No correction ever needed a second person",
    nothing="A correction above the limit in Settings waits here until another admin agrees.",
)
