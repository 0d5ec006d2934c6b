"""Deposits by gateway: what a user wants to pay, and what the gateway then tells of it.

A callback is booked once, or it lands in suspense with an alert; it is never guessed at.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.core.money import format_micro
from nexnum_console.notifications.alerts import raise_alert
from nexnum_console.wallet import coupons, deposits, freezing, ledger, suspense
from nexnum_console.wallet.gateways.port import Begun, Notice

PATIENCE: Final = timedelta(hours=24)
BY_HAND_PATIENCE: Final = timedelta(days=14)
DISPUTED: Final = "deposit-disputed"


@dataclass(frozen=True, slots=True)
class Intent:
    """A deposit asked for; ``amount`` in micro-units of ``currency``."""

    id: int
    wallet_id: int
    user_id: int
    gateway: str
    ticket: str
    external_id: str | None
    url: str
    amount: int
    currency: str
    state: str
    coupon: str
    deposit_id: int | None
    note: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a callback did, in words, and whose wallet changed. With a ``request_id`` it waits for
    a second person, and nothing has moved."""

    outcome: str
    user_id: int | None = None
    deposit_id: int | None = None
    request_id: int | None = None


_COLUMNS: Final = (
    "select i.id, i.wallet_id, w.user_id, i.gateway, i.ticket, i.external_id, i.url, i.amount,"
    " i.currency, i.state, i.coupon, i.deposit_id, i.note, i.created_at, i.expires_at"
    " from deposit_intent i join wallet w on w.id = i.wallet_id"
)


def create(
    unit: UnitOfWork,
    wallet_id: int,
    gateway: str,
    amount: int,
    now: datetime,
    *,
    coupon: str = "",
    patience: timedelta = PATIENCE,
) -> Intent:
    """Write down what is to be paid, in the wallet's currency; DepositOutOfRange."""
    deposits.check_range(unit, amount)
    intent_id = unit.scalar(
        "insert into deposit_intent (wallet_id, gateway, ticket, amount, currency, coupon,"
        " created_at, expires_at) select id, :gateway, :ticket, :amount, currency, :coupon, :now,"
        " :expires from wallet where id = :wallet_id returning id",
        wallet_id=wallet_id,
        gateway=gateway,
        ticket=f"nx{secrets.token_hex(12)}",
        amount=amount,
        coupon=coupons.normal(coupon)[:32],
        now=now,
        expires=now + patience,
    )
    return get(unit, int(intent_id))


def get(unit: UnitOfWork, intent_id: int, *, lock: bool = False) -> Intent:
    """NotFound. With ``lock`` nobody else moves it before this transaction ends."""
    until_end = " for update of i" if lock else ""
    row = unit.first(f"{_COLUMNS} where i.id = :id{until_end}", id=intent_id)
    if row is None:
        raise NotFound(f"There is no deposit {intent_id}.")
    return Intent(**row)


def of_user(unit: UnitOfWork, user_id: int, limit: int = 50) -> list[Intent]:
    """A user's newest deposits first."""
    rows = unit.all(
        f"{_COLUMNS} where w.user_id = :user_id order by i.id desc limit :limit",
        user_id=user_id,
        limit=limit,
    )
    return [Intent(**row) for row in rows]


def begun(unit: UnitOfWork, intent_id: int, at_gateway: Begun) -> Intent:
    """Keep what the gateway calls it and where to pay."""
    unit.run(
        "update deposit_intent set external_id = coalesce(external_id, :external), url = :url"
        " where id = :id",
        id=intent_id,
        external=at_gateway.external_id,
        url=at_gateway.url,
    )
    return get(unit, intent_id)


def expire_due(unit: UnitOfWork, now: datetime) -> int:
    """End what nobody paid in time; a payment that comes all the same is still booked."""
    return unit.run(
        "update deposit_intent set state = 'expired', closed_at = :now"
        " where state = 'created' and expires_at <= :now",
        now=now,
    ).rowcount


def heard(unit: UnitOfWork, gateway: str, event_id: str) -> bool:
    """Whether the gateway told this event before; it then changes nothing."""
    return bool(
        unit.scalar(
            "select exists (select from gateway_event where gateway = :gateway"
            " and event_id = :event)",
            gateway=gateway,
            event=event_id[:200],
        )
    )


def receive(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """Act on what a gateway told, once for each of its events, however often it comes."""
    first = unit.scalar(
        "insert into gateway_event (gateway, event_id, kind, subject, amount, currency,"
        " received_at) values (:gateway, :event, :kind, :subject, :amount, :currency, :now)"
        " on conflict (gateway, event_id) do update set times = gateway_event.times + 1"
        " returning times = 1",
        gateway=gateway,
        event=notice.event_id[:200],
        kind=notice.kind,
        subject=(notice.payment_id or notice.external_id)[:200],
        amount=notice.amount,
        currency=notice.currency[:8],
        now=now,
    )
    if not first:
        return Told("told before")
    told = _ACTS[notice.kind](unit, gateway, notice, now)
    unit.run(
        "update gateway_event set outcome = :outcome where gateway = :gateway and event_id = :e",
        outcome=told.outcome[:200],
        gateway=gateway,
        e=notice.event_id[:200],
    )
    return told


def _paid(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    row = _locked(unit, gateway, notice)
    payment = notice.payment_id or notice.external_id or notice.event_id
    if row is not None and row["payment_id"] == payment:
        return Told("booked before", row["user_id"], row["deposit_id"])
    if suspense.knows(unit, gateway, payment):
        return Told("in suspense before", row["user_id"] if row is not None else None)
    why = _misfit(row, notice)
    if why:
        intent_id = row["id"] if row is not None else None
        suspense.park(unit, gateway, payment, notice, why, intent_id, now)
        if row is not None and row["state"] in {"created", "expired"}:
            _move(unit, row["id"], "suspense", now, note=why)
        return Told(f"in suspense: {why}", row["user_id"] if row is not None else None)
    assert row is not None, "a misfit otherwise"
    late = " after it had expired" if row["state"] == "expired" else ""
    unit.run(
        "update deposit_intent set state = 'paid', payment_id = :payment, paid_at = :now"
        " where id = :id",
        id=row["id"],
        payment=payment,
        now=now,
    )
    deposit_id = deposits.deposit(
        unit,
        wallet_id=row["wallet_id"],
        amount=row["amount"],
        gateway=gateway,
        gateway_ref=payment,
        actor=f"gateway:{gateway}",
        now=now,
        arrived=True,
    )
    note = _coupon(unit, row, deposit_id, now)
    unit.run(
        "update deposit_intent set state = 'booked', deposit_id = :deposit_id, closed_at = :now,"
        " note = :note where id = :id",
        id=row["id"],
        deposit_id=deposit_id,
        now=now,
        note=f"paid{late}. {note}".strip() if late or note else "",
    )
    return Told(f"booked{late}", row["user_id"], deposit_id)


def _misfit(row: Any, notice: Notice) -> str:
    """Why the money cannot be booked as asked for; empty where it can."""
    if row is None:
        return "no deposit of ours"
    if row["state"] not in {"created", "expired"}:
        return f"a second payment of a deposit that is {row['state']}"
    if notice.currency != row["currency"]:
        return f"{notice.currency or 'no currency'} instead of {row['currency']}"
    if notice.amount != row["amount"]:
        word = "less" if notice.amount < row["amount"] else "more"
        return f"{word} than the {format_micro(row['amount'])} {row['currency']} asked for"
    return ""


def _expired(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    row = _locked(unit, gateway, notice)
    if row is None or row["state"] != "created":
        return Told("nothing to expire")
    _move(unit, row["id"], "expired", now)
    return Told("expired", row["user_id"])


def _disputed(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """The gateway took the money back. The house stands in for it, and the wallet is stopped
    until a person has decided what the user owes."""
    row = _paid_with(unit, gateway, notice.payment_id)
    owner = f"user {row['user_id']}" if row is not None else "an unknown payment"
    _dispute_journal(unit, "dispute", gateway, notice, notice.amount, now)
    if row is not None:
        _move(unit, row["id"], "disputed", now)
        why = f"deposit {row['id']} is disputed at {gateway} ({notice.external_id})"
        cause, by = _dispute_cause(gateway, notice), f"gateway:{gateway}"
        freezing.freeze(unit, row["wallet_id"], why, cause=cause, by=by, now=now)
    raise_alert(
        unit,
        DISPUTED,
        f"{gateway} {notice.external_id}",
        f"{format_micro(notice.amount)} {notice.currency} of {owner} is disputed at {gateway}"
        f" ({notice.payment_id}). The wallet is stopped, the house account dispute:{gateway}"
        " carries the money. Answer the dispute there; correct the balance here.",
        now,
    )
    return Told("disputed", row["user_id"] if row is not None else None)


def _dispute_won(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    _dispute_journal(unit, "dispute_won", gateway, notice, -notice.amount, now)
    row = _paid_with(unit, gateway, notice.payment_id)
    if row is not None:
        _move(unit, row["id"], "booked", now, note="dispute won")
    freezing.end(unit, _dispute_cause(gateway, notice), f"gateway:{gateway}", "dispute won", now)
    return Told("dispute won", row["user_id"] if row is not None else None)


def _dispute_cause(gateway: str, notice: Notice) -> str:
    """What a dispute's freeze is known by, so that winning it ends that one and no other."""
    return f"dispute:{gateway}:{notice.external_id}"


def _dispute_journal(
    unit: UnitOfWork, kind: str, gateway: str, notice: Notice, amount: int, now: datetime
) -> None:
    clearing = suspense.clearing(unit, gateway, notice.currency)
    legs = {clearing: amount, f"dispute:{gateway}": -amount}
    cause = ledger.Cause(f"dispute:{notice.external_id}"[:120], f"gateway:{gateway}", now)
    ledger.book_house(unit, kind, legs, notice.currency, cause)


def _dispute_lost(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    row = _paid_with(unit, gateway, notice.payment_id)
    return Told("dispute lost", row["user_id"] if row is not None else None)


def _refund_done(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """A refund we asked for is done; one made at the gateway by hand is carried by the house."""
    refund = unit.first(
        "update deposit_refund set state = 'done', closed_at = :now, external_id = :external"
        " where (key = :key or external_id = :external) and state = 'asked' returning id",
        key=notice.ticket,
        external=notice.external_id,
        now=now,
    )
    if refund is not None:
        return Told(f"refund {refund['id']} done")
    if unit.scalar(
        "select exists (select from deposit_refund where key = :key or external_id = :external)"
        " or exists (select from suspense where gateway = :gateway and payment_id = :payment)",
        key=notice.ticket,
        external=notice.external_id,
        gateway=gateway,
        payment=notice.payment_id,
    ):
        return Told("refund known")
    return _disputed(unit, gateway, notice, now)


def _refund_failed(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    refund_id = unit.scalar(
        "select id from deposit_refund where (key = :key or external_id = :external)"
        " and state in ('asked','done')",
        key=notice.ticket,
        external=notice.external_id,
    )
    if refund_id is None:
        return Told("no refund of ours")
    undo_refund(unit, int(refund_id), f"{gateway} could not pay it back", now)
    return Told(f"refund {refund_id} undone")


def undo_refund(unit: UnitOfWork, refund_id: int, why: str, now: datetime) -> bool:
    """A refund did not happen: the money is the wallet's again, by a journal; False if settled."""
    row = unit.first(
        "update deposit_refund r set state = 'refused', closed_at = :now, note = :why"
        " from deposit d where d.id = r.deposit_id and r.id = :id and r.state in ('asked','done')"
        " returning r.amount, d.wallet_id, d.gateway",
        id=refund_id,
        now=now,
        why=why,
    )
    if row is None:
        return False
    cause = ledger.Cause(f"deposit_refund:{refund_id}", f"gateway:{row['gateway']}", now, why)
    ledger.undo_return(unit, row["wallet_id"], row["amount"], row["gateway"], cause)
    return True


def _ignored(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    return Told("nothing to do")


_ACTS: Final = {
    "paid": _paid,
    "expired": _expired,
    "disputed": _disputed,
    "dispute_won": _dispute_won,
    "dispute_lost": _dispute_lost,
    "refund_done": _refund_done,
    "refund_failed": _refund_failed,
    "ignored": _ignored,
}


def _locked(unit: UnitOfWork, gateway: str, notice: Notice) -> Any:
    return unit.first(
        "select i.*, w.user_id from deposit_intent i join wallet w on w.id = i.wallet_id"
        " where i.gateway = :gateway and (i.ticket = :ticket"
        "  or (:ticket = '' and i.external_id = :external)) for update of i",
        gateway=gateway,
        ticket=notice.ticket,
        external=notice.external_id,
    )


def _paid_with(unit: UnitOfWork, gateway: str, payment: str) -> Any:
    return unit.first(
        "select i.*, w.user_id from deposit_intent i join wallet w on w.id = i.wallet_id"
        " where i.gateway = :gateway and i.payment_id = :payment for update of i",
        gateway=gateway,
        payment=payment,
    )


def _move(unit: UnitOfWork, intent_id: int, state: str, now: datetime, *, note: str = "") -> None:
    unit.run(
        "update deposit_intent set state = :state, closed_at = :now,"
        " note = coalesce(nullif(:note, ''), note) where id = :id",
        id=intent_id,
        state=state,
        now=now,
        note=note,
    )


def _coupon(unit: UnitOfWork, row: Any, deposit_id: int, now: datetime) -> str:
    """Redeem the deposit's coupon; what hinders it does not hinder the deposit."""
    if not row["coupon"]:
        return ""
    try:
        with unit.savepoint():
            got = coupons.redeem(unit, row["wallet_id"], row["coupon"], now, deposit_id=deposit_id)
    except coupons.CouponRefused as refusal:
        return f"Coupon: {refusal.message}"
    return f"Coupon: {format_micro(got.amount)} credited."
