"""Money that arrived and fits nothing: what it is, whose it may be, what was done with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import by
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
    a_day,
    like,
    whole_number,
)
from nexnum_console.reports.words import millis, money

PATH: Final = "/console/deposits/suspense"
_STATES: Final = {
    "open": ("warn", "alert", "Open"),
    "assigned": ("ok", "check", "Assigned"),
    "returned": ("info", "undo", "Sent back"),
}
_FIELDS: Final = (
    "s.id, s.gateway, s.payment_id, s.amount, s.currency, s.why, s.state, s.arrived_at,"
    " s.intent_id, s.closed_by, s.closed_at, s.note, u.email, u.id as user_id,"
    " iu.email as asked_email, iw.currency as asked_currency, i.amount as asked_amount"
)
_SOURCE: Final = (
    "from suspense s left join wallet w on w.id = s.wallet_id"
    " left join app_user u on u.id = w.user_id"
    " left join deposit_intent i on i.id = s.intent_id left join wallet iw on iw.id = i.wallet_id"
    " left join app_user iu on iu.id = iw.user_id"
)


@dataclass(frozen=True, slots=True)
class SuspenseRecord:
    """One payment; ``likely`` is the e-mail of who asked for its deposit, ``foreign`` whether a
    person must say what it is worth in ``wallet_currency``."""

    id: int = 0
    title: str = ""
    tone: str = ""
    icon: str = ""
    word: str = ""
    open: bool = False
    gateway: str = ""
    amount: str = ""
    likely: str = ""
    foreign: bool = False
    facts: list[Fact] = field(default_factory=list)


def suspense_record(unit: UnitOfWork, number: int, currency: str) -> SuspenseRecord | None:
    """The payment of that number; ``currency`` is the wallets'. None where there is none."""
    row = unit.first(f"select {_FIELDS} {_SOURCE} where s.id = :id", id=number)
    if row is None:
        return None
    tone, icon, word = _STATES[row["state"]]
    amount = money(int(row["amount"]), row["currency"])
    return SuspenseRecord(
        id=row["id"],
        title=f"{amount} that fits nothing",
        tone=tone,
        icon=icon,
        word=word,
        open=row["state"] == "open",
        gateway=row["gateway"],
        amount=amount,
        likely=row["asked_email"] or "",
        foreign=row["currency"] != currency,
        facts=_facts(unit, row),
    )


def _facts(unit: UnitOfWork, row: Row) -> list[Fact]:
    shown = [
        Fact("Why", row["why"]),
        Fact("Gateway", row["gateway"]),
        Fact("Payment", row["payment_id"]),
    ]
    if row["intent_id"]:
        asked = money(int(row["asked_amount"]), row["asked_currency"])
        shown.append(
            Fact(
                "Its deposit",
                f"{asked}, asked for by {row['asked_email']}",
                f"/console/deposits?no={row['intent_id']}",
            )
        )
    if row["closed_by"]:
        shown.append(by(unit, "Done by", row["closed_by"], row["note"]))
    if row["email"]:
        shown.append(Fact("Given to", row["email"], f"/console/users/{row['user_id']}"))
    return shown


def _state(row: Row) -> Cell:
    tone, icon, word = _STATES[row["state"]]
    return Cell(text=word, icon=icon, tone=tone)


def _whose(row: Row) -> Cell:
    if row["email"]:
        return Cell(text=row["email"], href=f"/console/users/{row['user_id']}")
    if row["asked_email"]:
        return Cell(text=row["asked_email"], sub="asked for such a deposit", tone="mid")
    return Cell(text="unknown", tone="low")


SUSPENSE: Final = Listing(
    name="suspense",
    title="Suspense",
    path=PATH,
    capability="ledger.view",
    fields=_FIELDS,
    source=_SOURCE,
    columns=(
        Column(
            "no",
            "Payment",
            lambda row: Cell(text=f"No. {row['id']}", sub=row["gateway"]),
            lambda row: row["id"],
            sort="s.id",
        ),
        Column("state", "State", _state, lambda row: row["state"], kind="chip", sort="s.state"),
        Column(
            "amount",
            "Amount",
            lambda row: Cell(text=money(int(row["amount"]), row["currency"]), tone="hi"),
            lambda row: format_micro(int(row["amount"])),
            kind="number",
            sort="s.amount",
            right=True,
        ),
        Column(
            "currency",
            "Currency",
            lambda row: Cell(text=row["currency"]),
            lambda row: row["currency"],
            shown=False,
        ),
        Column("why", "Why", lambda row: Cell(text=row["why"]), lambda row: row["why"]),
        Column("whose", "Whose", _whose, lambda row: row["email"] or row["asked_email"]),
        Column(
            "payment",
            "At the gateway",
            lambda row: Cell(text=row["payment_id"], tone="low"),
            lambda row: row["payment_id"],
            wide=True,
        ),
        Column(
            "time",
            "Arrived",
            lambda row: Cell(ms=millis(row["arrived_at"])),
            lambda row: row["arrived_at"],
            kind="time",
            sort="s.arrived_at",
        ),
    ),
    tie="s.id desc",
    order="-time",
    filters=(
        Filter(
            "q",
            "Search",
            "s.payment_id ilike :f_q or u.email ilike :f_q or iu.email ilike :f_q",
            "text",
            prepare=like,
            hint="Payment or e-mail",
        ),
        Filter(
            "state",
            "State",
            "s.state = :f_state",
            choices=tuple(Choice(state, words[2]) for state, words in _STATES.items()),
        ),
        Filter("no", "No.", "s.id = :f_no", "text", prepare=whole_number),
        Filter("from", "From", "s.arrived_at >= :f_from", "day", prepare=a_day),
        Filter("to", "Until", "s.arrived_at < cast(:f_to as date) + 1", "day", prepare=a_day),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No money is in suspense",
    nothing="A payment that is too small, too large, of another currency, a second one, or nobody’s"
    " waits here until somebody says whose it is, or sends it back.",
)
