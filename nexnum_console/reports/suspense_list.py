"""Money that arrived and fits nothing: what it is, whose it may be, what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import by
from nexnum_console.reports.columns import (
    money_column,
    number_column,
    state_column,
    text_column,
    time_column,
)
from nexnum_console.reports.listing import (
    Cell,
    Column,
    Listing,
    Row,
)
from nexnum_console.reports.record import Record, row_of
from nexnum_console.reports.words import money

PATH: Final = "/console/deposits/suspense"
_STATES: Final = {
    "open": ("warn", "alert", "Open"),
    "assigned": ("ok", "check", "Assigned"),
    "returned": ("info", "undo", "Sent back"),
}
_FIELDS: Final = (
    "s.id, s.gateway, s.payment_id, s.amount, s.currency, s.why, s.state, s.arrived_at,"
    " s.intent_id, s.closed_by, s.closed_at, s.note, u.email, u.id as user_id,"
    " iu.email as asked_email, iw.currency as asked_currency, i.amount as asked_amount,"
    " not exists (select from wallet where currency = s.currency) as is_foreign"
)
_SOURCE: Final = (
    "from suspense s left join wallet w on w.id = s.wallet_id"
    " left join app_user u on u.id = w.user_id"
    " left join deposit_intent i on i.id = s.intent_id left join wallet iw on iw.id = i.wallet_id"
    " left join app_user iu on iu.id = iw.user_id"
)


@dataclass(frozen=True, slots=True)
class SuspenseRecord(Record):
    """One payment; ``likely`` is the e-mail of who asked for its deposit, ``foreign`` whether a
    person must say what it is worth in the wallets' currency."""

    id: int = 0
    gateway: str = ""
    amount: str = ""
    likely: str = ""
    foreign: bool = False


def suspense_record(unit: UnitOfWork, no: int | str) -> SuspenseRecord | None:
    """The payment of that number; None where there is none."""
    row = row_of(unit, SUSPENSE, "s.id", no)
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
        foreign=row["is_foreign"],
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
        number_column("Payment", "s.id", "gateway"),
        state_column(_STATES, "s.state"),
        money_column("amount", "Amount", "amount", tone="hi", sort="s.amount"),
        text_column("currency", "Currency", "currency", shown=False),
        text_column("why", "Why", "why", kind="prose"),
        Column("whose", "Whose", _whose, lambda row: row["email"] or row["asked_email"]),
        text_column("payment", "At the gateway", "payment_id", "low", wide=True),
        time_column("time", "Arrived", "arrived_at", sort="s.arrived_at"),
    ),
    tie="s.id desc",
    order="-time",
    filters=(
        filters.search(
            "s.payment_id ilike :f_q or u.email ilike :f_q or iu.email ilike :f_q",
            "Payment or e-mail",
        ),
        filters.states(_STATES, "s.state"),
        filters.number("s.id"),
        *filters.days("s.arrived_at"),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No money is in suspense",
    nothing="A payment that is too small, too large, of another currency, a second one, or nobody’s"
    " waits here until somebody says whose it is, or sends it back.",
)
