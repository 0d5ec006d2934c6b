"""Money that arrived and fits nothing: what it is, whose it may be, what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import by, called
from nexnum_console.reports.columns import (
    chip,
    money_column,
    number_column,
    state_column,
    text_column,
    time_column,
)
from nexnum_console.reports.deposits_list import REQUESTS_PATH, SECOND
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row
from nexnum_console.reports.record import Record, row_of
from nexnum_console.reports.words import money

PATH: Final = "/console/deposits/suspense"
_STATES: Final = {
    "open": ("warn", "alert", "Open"),
    "assigned": ("ok", "check", "Assigned"),
    "returned": ("info", "undo", "Sent back"),
}
_RETURNING: Final = ("warn", "undo", "Being sent back")
_FIELDS: Final = (
    "s.id, s.gateway, s.payment_id, s.amount, s.currency, s.why, s.state, s.arrived_at,"
    " s.returning_by,"
    " s.intent_id, s.closed_by, s.closed_at, s.note, u.email, u.id as user_id,"
    " iu.email as asked_email, iw.currency as asked_currency, i.amount as asked_amount,"
    " not exists (select from wallet where currency = s.currency) as is_foreign, q.id as request_id"
)
_SOURCE: Final = (
    "from suspense s left join wallet w on w.id = s.wallet_id"
    " left join app_user u on u.id = w.user_id"
    " left join deposit_intent i on i.id = s.intent_id left join wallet iw on iw.id = i.wallet_id"
    " left join app_user iu on iu.id = iw.user_id"
    " left join adjustment_request q on q.suspense_id = s.id and q.state = 'pending'"
)
_REQUESTS: Final = (
    "select r.id, r.state, r.amount, r.asked_by, r.note, w.currency, u.email"
    " from adjustment_request r join wallet w on w.id = r.wallet_id"
    " join app_user u on u.id = w.user_id where r.suspense_id = :id order by r.id"
)
# What became of a wish to give it to somebody.
_ASKED: Final = {
    "pending": "Waits for a second admin",
    "approved": "A second admin agreed",
    "rejected": "A second admin refused",
    "withdrawn": "Taken back",
}


@dataclass(frozen=True, slots=True)
class SuspenseRecord(Record):
    """One payment; ``likely`` is the e-mail of who asked for its deposit, ``foreign`` whether a
    person must say what it is worth in the wallets' currency, and ``request`` leads to what a
    second admin must decide before anything else is done with it; ``returning`` while its gateway
    has not said whether it paid it back."""

    id: int = 0
    gateway: str = ""
    amount: str = ""
    likely: str = ""
    foreign: bool = False
    request: str = ""
    returning: bool = False


def suspense_record(unit: UnitOfWork, no: int | str) -> SuspenseRecord | None:
    """The payment of that number; None where there is none."""
    row = row_of(unit, SUSPENSE, "s.id", no)
    if row is None:
        return None
    tone, icon, word = _word_of(row)
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
        request=f"{REQUESTS_PATH}?no={row['request_id']}" if row["request_id"] else "",
        returning=_is_returning(row),
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
    shown.extend(_asked(unit, request) for request in unit.all(_REQUESTS, id=row["id"]))
    if _is_returning(row):
        words = "Its gateway did not say yet whether it paid it back"
        shown.append(by(unit, "Being sent back by", row["returning_by"], words))
    if row["closed_by"]:
        shown.append(by(unit, "Done by", row["closed_by"], row["note"]))
    if row["email"]:
        shown.append(Fact("Given to", row["email"], f"/console/users/{row['user_id']}"))
    return shown


def _asked(unit: UnitOfWork, request: Row) -> Fact:
    """A wish to give it to somebody that one admin alone could not fulfil."""
    amount = money(int(request["amount"]), request["currency"])
    words = f"{amount} for {request['email']}, asked for by {called(unit, request['asked_by'])}"
    said = f": {request['note']}" if request["note"] else ""
    return Fact(_ASKED[request["state"]], f"{words}{said}", f"{REQUESTS_PATH}?no={request['id']}")


def _word_of(row: Row) -> tuple[str, str, str]:
    if _is_returning(row):
        return _RETURNING
    return SECOND if row["request_id"] and row["state"] == "open" else _STATES[row["state"]]


def _is_returning(row: Row) -> bool:
    return row["state"] == "open" and row["returning_by"] is not None


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
        state_column(lambda row: chip(_word_of(row)), "s.state"),
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
        Filter(
            "state",
            "State",
            "s.state = :f_state or (:f_state = 'second' and s.state = 'open' and q.id is not null)",
            choices=(
                *(Choice(state, words[2]) for state, words in _STATES.items()),
                Choice("second", SECOND[2]),
            ),
        ),
        filters.number("s.id"),
        *filters.days("s.arrived_at"),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No money is in suspense",
    nothing="A payment that is too small, too large, of another currency, a second one, or nobody’s"
    " waits here until somebody says whose it is, or sends it back; above the limit in Settings two"
    " admins must say so.",
)
