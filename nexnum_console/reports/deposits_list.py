"""Deposits: asked for, paid, booked, and what became of each afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.reports import filters
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import called
from nexnum_console.reports.columns import (
    chip,
    money_column,
    state_column,
    text_column,
    time_column,
    user_column,
)
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row
from nexnum_console.reports.record import Record
from nexnum_console.reports.words import millis, money
from nexnum_console.wallet import coupons

PATH: Final = "/console/deposits"
REQUESTS_PATH: Final = f"{PATH}/approvals"
# (tone, icon, word) of a state; a manual deposit that nobody has confirmed has its own.
STATES: Final = {
    "created": ("info", "clock", "Waits for payment"),
    "paid": ("info", "clock", "Paid, being booked"),
    "booked": ("ok", "check", "Booked"),
    "expired": ("low", "x", "Expired"),
    "refunded": ("warn", "undo", "Paid back"),
    "disputed": ("danger", "alert", "Disputed"),
    "suspense": ("warn", "alert", "In suspense"),
}
_BY: Final = {"manual": "hand", "sandbox": "the sandbox"}
_BY_HAND: Final = ("warn", "clock", "To be confirmed")
SECOND: Final = ("warn", "users", "Waits for a second admin")
# (tone, icon, title) of what became of a confirmation that needed one.
_DECIDED: Final = {
    "approved": ("ok", "check", "A second admin agreed"),
    "rejected": ("danger", "x", "A second admin refused"),
    "withdrawn": ("info", "undo", "Taken back"),
}
# What became of a payment that was parked, once a person decided whose it is.
CLEARED: Final = {
    "assigned": ("ok", "check", "Credited from suspense"),
    "returned": ("low", "undo", "Sent back"),
}
REFUNDS: Final = {
    "asked": ("info", "clock", "On its way"),
    "done": ("ok", "check", "Done"),
    "refused": ("danger", "alert", "Refused, undone"),
}
# A deposit by the play-money route has no intent before it; one that waits has no booking yet.
_SOURCE: Final = """from (
  select coalesce(cast(i.id as text), 'd' || d.id) as no, i.id as intent_id, d.id as deposit_id,
    coalesce(i.wallet_id, d.wallet_id) as wallet_id, coalesce(i.gateway, d.gateway) as gateway,
    coalesce(i.amount, d.amount) as amount, coalesce(i.state, 'booked') as state,
    coalesce(i.ticket, '') as ticket, coalesce(i.external_id, '') as external_id,
    coalesce(i.payment_id, d.gateway_ref, '') as payment, coalesce(i.note, '') as note,
    coalesce(i.coupon, '') as coupon, coalesce(i.created_at, d.created_at) as created_at,
    i.expires_at, d.created_at as booked_at
  from deposit_intent i full join deposit d on d.id = i.deposit_id
) t join wallet w on w.id = t.wallet_id join app_user u on u.id = w.user_id
left join lateral (
  select coalesce(sum(r.amount) filter (where r.state <> 'refused'), 0) as refunded,
    count(*) filter (where r.state = 'asked') as under_way
  from deposit_refund r where r.deposit_id = t.deposit_id
) r on true
left join lateral (
  select case when bool_or(s.state = 'open') then 'open' else max(s.state) end as parked
  from suspense s where t.state = 'suspense' and s.intent_id = t.intent_id
) s on true
left join adjustment_request q on q.intent_id = t.intent_id and q.state = 'pending'"""
_FIELDS: Final = (
    "t.*, w.currency, w.user_id, u.email, coalesce(r.refunded, 0) as refunded,"
    " coalesce(r.under_way, 0) as under_way, s.parked, q.id as request_id"
)


@dataclass(frozen=True, slots=True)
class StoryLine:
    """Something that happened to a deposit; ``href`` shows more of it."""

    tone: str
    icon: str
    title: str
    detail: str
    at_ms: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class DepositRecord(Record):
    """One deposit. ``intent`` and ``deposit`` are 0 where it has none; ``left`` is what may still
    be paid back, a decimal text, empty for nothing; ``confirmable`` is for an admin to confirm,
    and ``request`` leads to what a second one must decide before that."""

    no: str = ""
    intent: int = 0
    deposit: int = 0
    email: str = ""
    amount: str = ""
    asked: str = ""
    currency: str = ""
    story: list[StoryLine] = field(default_factory=list)
    left: str = ""
    gift: str = ""
    confirmable: bool = False
    request: str = ""


def word_of(row: Row) -> tuple[str, str, str]:
    """(tone, icon, word) of a deposit's state."""
    if row["request_id"]:
        return SECOND
    if row["gateway"] == "manual" and row["state"] == "created":
        return _BY_HAND
    if row["refunded"] and row["state"] in {"booked", "refunded"}:
        whole = row["refunded"] >= row["amount"]
        return "warn", "undo", "Paid back" if whole else "Partly paid back"
    return CLEARED.get(row["parked"] or "", STATES[row["state"]])


def deposit_record(unit: UnitOfWork, no: str) -> DepositRecord | None:
    """The deposit of that number (``12``, or ``d34`` for a booking); None where there is none."""
    row = unit.first(
        f"select {_FIELDS} {_SOURCE} where t.no = :no or 'd' || t.deposit_id = :no limit 1", no=no
    )
    if row is None:
        return None
    tone, icon, word = word_of(row)
    amount = money(int(row["amount"]), row["currency"])
    left = 0
    if row["deposit_id"] and row["state"] in {"booked", "refunded"}:
        left = int(row["amount"]) - int(row["refunded"])
    gift = coupons.given_for(unit, row["deposit_id"] or 0)
    return DepositRecord(
        no=row["no"],
        intent=row["intent_id"] or 0,
        deposit=row["deposit_id"] or 0,
        title=f"{amount} by {_BY.get(row['gateway'], row['gateway'])}",
        tone=tone,
        icon=icon,
        word=word,
        email=row["email"],
        amount=amount,
        asked=format_micro(int(row["amount"])),
        currency=row["currency"],
        facts=_facts(row),
        story=_story(unit, row),
        left=format_micro(left) if left > 0 else "",
        gift=money(gift, row["currency"]) if gift else "",
        confirmable=row["gateway"] == "manual"
        and row["state"] in {"created", "expired"}
        and not row["request_id"],
        request=f"{REQUESTS_PATH}?no={row['request_id']}" if row["request_id"] else "",
    )


def _facts(row: Any) -> list[Fact]:
    shown = [
        Fact("User", row["email"], f"/console/users/{row['user_id']}"),
        Fact("Gateway", row["gateway"]),
        *([Fact("On the transfer", row["ticket"])] if row["ticket"] else []),
        Fact("Payment", row["payment"] or "none yet"),
        Fact("Booked as", f"deposit {row['deposit_id']}" if row["deposit_id"] else "not booked"),
    ]
    if row["coupon"]:
        shown.append(Fact("Coupon", row["coupon"]))
    if row["refunded"]:
        shown.append(Fact("Paid back", money(int(row["refunded"]), row["currency"])))
    return shown


_EVENTS: Final = """
select kind, event_id, amount, currency, outcome, times, received_at from gateway_event
where gateway = :gateway and subject = any(cast(:subjects as text[]))
order by received_at, event_id
"""
_REFUNDS: Final = """
select r.*, j.id as journal from deposit_refund r
left join journal j on j.key = 'deposit_refund:deposit_refund:' || r.id
where r.deposit_id = :deposit order by r.id
"""
_SUSPENSE: Final = (
    "select id, amount, currency, why, state, arrived_at from suspense where intent_id = :intent"
    " order by id"
)
_REQUESTS: Final = (
    "select id, amount, reason, payment, state, asked_by, asked_at, decided_by, decided_at, note"
    " from adjustment_request where intent_id = :intent order by id"
)
_EVENT_WORDS: Final = {
    "paid": "The gateway says it is paid",
    "expired": "The gateway says it expired",
    "refund_done": "The gateway paid it back",
    "refund_failed": "The gateway could not pay it back",
    "disputed": "Disputed at the gateway",
    "dispute_won": "Dispute won",
    "dispute_lost": "Dispute lost",
    "inquiry": "A bank asks about it",
    "inquiry_closed": "The bank asks no more",
}


def _story(unit: UnitOfWork, row: Any) -> list[StoryLine]:
    currency = row["currency"]
    asked = StoryLine("info", "plus", "Asked for", row["note"], millis(row["created_at"]))
    told = [asked] if row["intent_id"] else []
    subjects = [text for text in (row["payment"], row["external_id"]) if text]
    for request in unit.all(_REQUESTS, intent=row["intent_id"] or 0):
        told.extend(_request(unit, request, currency))
    for event in unit.all(_EVENTS, gateway=row["gateway"], subjects=subjects):
        told.append(_event(event))
    if row["deposit_id"]:
        journal = unit.scalar(
            "select id from journal where key = 'deposit:deposit:' || cast(:d as text)",
            d=str(row["deposit_id"]),
        )
        href = f"/console/ledger/journals/{journal}" if journal else ""
        detail = f"journal {journal}" if journal else ""
        told.append(StoryLine("ok", "check", "Booked", detail, millis(row["booked_at"]), href))
    for line in unit.all(_SUSPENSE, intent=row["intent_id"] or 0):
        detail = f"{money(int(line['amount']), line['currency'])}: {line['why']}"
        told.append(
            StoryLine(
                "warn",
                "alert",
                f"In suspense, {line['state']}",
                detail,
                millis(line["arrived_at"]),
                f"{PATH}/suspense?no={line['id']}",
            )
        )
    for refund in unit.all(_REFUNDS, deposit=row["deposit_id"] or 0):
        told.append(_refund(unit, refund, currency))
    return sorted(told, key=lambda line: line.at_ms)


def _request(unit: UnitOfWork, request: Any, currency: str) -> list[StoryLine]:
    """A second admin was asked, and what they said."""
    href = f"{REQUESTS_PATH}?no={request['id']}"
    words = [
        f"{money(int(request['amount']), currency)} under {request['payment']}",
        request["reason"],
        f"by {called(unit, request['asked_by'])}",
    ]
    asked = StoryLine(
        "info",
        "users",
        "A second admin was asked",
        " · ".join(words),
        millis(request["asked_at"]),
        href,
    )
    if request["state"] not in _DECIDED:
        return [asked]
    tone, icon, title = _DECIDED[request["state"]]
    by_whom = f"{request['note']} · by {called(unit, request['decided_by'])}"
    return [asked, StoryLine(tone, icon, title, by_whom, millis(request["decided_at"]), href)]


def _event(event: Any) -> StoryLine:
    amount = ""
    if event["amount"] and event["currency"]:
        amount = money(int(event["amount"]), event["currency"].upper()) + ": "
    again = f", told {event['times']} times" if event["times"] > 1 else ""
    title = _EVENT_WORDS.get(event["kind"], event["kind"].replace("_", " ").capitalize())
    return StoryLine(
        "info", "bell", title, f"{amount}{event['outcome']}{again}", millis(event["received_at"])
    )


def _refund(unit: UnitOfWork, refund: Any, currency: str) -> StoryLine:
    tone, icon, word = REFUNDS[refund["state"]]
    words = [refund["reason"], f"by {called(unit, refund['asked_by'])}", refund["note"]]
    return StoryLine(
        tone,
        icon,
        f"{money(int(refund['amount']), currency)} paid back: {word.lower()}",
        " · ".join(part for part in words if part),
        millis(refund["asked_at"]),
        f"/console/ledger/journals/{refund['journal']}" if refund["journal"] else "",
    )


def _state(row: Row) -> Cell:
    return chip(word_of(row))


def _called(row: Row) -> str:
    """A booking that nobody asked for has no number but its own."""
    return f"No. {row['no']}" if row["intent_id"] else f"Booking {row['deposit_id']}"


def _amount(row: Row) -> Cell:
    sub = f"{money(int(row['refunded']), row['currency'])} back" if row["refunded"] else ""
    return Cell(text=money(int(row["amount"]), row["currency"]), sub=sub, tone="hi")


DEPOSITS: Final = Listing(
    name="deposits",
    title="Deposits",
    path=PATH,
    capability="ledger.view",
    fields=_FIELDS,
    source=_SOURCE,
    columns=(
        Column(
            "no",
            "Deposit",
            lambda row: Cell(text=_called(row), sub=row["gateway"]),
            lambda row: row["no"],
        ),
        state_column(_state, "t.state"),
        user_column(sort="u.email"),
        money_column("amount", "Amount", "amount", _amount, sort="t.amount"),
        money_column("refunded", "Paid back", "refunded", shown=False),
        Column(
            "payment",
            "Payment",
            lambda row: Cell(text=row["payment"] or row["ticket"] or "–", tone="low"),
            lambda row: row["payment"],
            wide=True,
        ),
        text_column("note", "Note", "note", "mid", kind="prose", wide=True),
        time_column("time", "Asked for", "created_at", sort="t.created_at"),
    ),
    tie="t.created_at desc, t.no desc",
    order="-time",
    filters=(
        filters.search(
            "u.email ilike :f_q or t.ticket = trim(both '%' from :f_q)"
            " or t.payment = trim(both '%' from :f_q) or t.external_id = trim(both '%' from :f_q)",
            "E-mail, ticket or payment",
        ),
        Filter(
            "state",
            "State",
            "t.state = :f_state or (:f_state = 'confirm' and t.state = 'created'"
            " and t.gateway = 'manual' and q.id is null) or (:f_state = 'second' and"
            " q.id is not null) or (:f_state = 'refunded' and r.refunded > 0)",
            choices=(
                Choice("confirm", "To be confirmed by hand"),
                Choice("second", SECOND[2]),
                *(Choice(state, words[2]) for state, words in STATES.items()),
            ),
        ),
        Filter(
            "gateway",
            "Gateway",
            "t.gateway = :f_gateway",
            options="select gateway as value, gateway as label from (select gateway from"
            " deposit_intent union select gateway from deposit) g order by 1",
        ),
        Filter("no", "No.", "t.no = :f_no or 'd' || t.deposit_id = :f_no", "text"),
        *filters.days("t.created_at"),
    ),
    row_id=lambda row: str(row["no"]),
    href=lambda row: f"{PATH}?no={row['no']}",
    none_yet="No money has come in yet",
    nothing="Each deposit is listed here from the moment a user asks for it, by every gateway.",
)
