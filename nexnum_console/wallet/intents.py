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
from nexnum_console.wallet import coupons, deposits, suspense, taken_back
from nexnum_console.wallet.gateways.port import Begun, Notice
from nexnum_console.wallet.told import Told

PATIENCE: Final = timedelta(hours=24)
BY_HAND_PATIENCE: Final = timedelta(days=14)


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


def _ignored(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    return Told("nothing to do")


_ACTS: Final = {
    "paid": _paid,
    "expired": _expired,
    "disputed": taken_back.disputed,
    "dispute_won": taken_back.dispute_won,
    "dispute_lost": taken_back.dispute_lost,
    "inquiry": taken_back.inquiry,
    "inquiry_closed": taken_back.inquiry_closed,
    "refund_done": taken_back.refund_done,
    "refund_failed": taken_back.refund_failed,
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
