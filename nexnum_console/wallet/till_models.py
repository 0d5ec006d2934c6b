"""Tables of how money comes and goes: deposits, suspense, coupons, penalties, approvals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Index,
    text,
)
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import (
    big,
    document,
    flag,
    identity,
    moment,
    prose,
    reference,
    whole,
    word,
)


class AdjustmentRequest(SQLModel, table=True):
    """A correction above the limit, the money of a manual deposit (``intent_id``, seen under
    ``payment``) or money from suspense (``suspense_id``; ``credit`` is what foreign money is said
    to be worth): it waits for a second person, who is never the asker."""

    __tablename__ = "adjustment_request"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="adjustment_moves_something"),
        CheckConstraint(
            "state in ('pending','approved','rejected','withdrawn')", name="adjustment_state"
        ),
        CheckConstraint(
            "state <> 'approved' or decided_by <> asked_by", name="adjustment_two_people"
        ),
        CheckConstraint("intent_id is null or suspense_id is null", name="adjustment_one_source"),
        CheckConstraint(
            "credit is null or (suspense_id is not null and credit = amount)",
            name="adjustment_credit",
        ),
        Index(
            "adjustment_of_intent",
            "intent_id",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "adjustment_of_suspense",
            "suspense_id",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
    )
    id: int = identity()
    wallet_id: int = reference("wallet.id", index=True)
    key: str = Field(unique=True, max_length=160)
    amount: int = big()
    reason: str = prose()
    state: str = word("pending", 16)
    asked_by: str = Field(max_length=120)
    asked_at: datetime = moment()
    decided_by: str | None = Field(default=None, max_length=120)
    decided_at: datetime | None = moment(nullable=True)
    note: str = prose()
    journal_id: int | None = reference("journal.id", nullable=True)
    intent_id: int | None = reference("deposit_intent.id", nullable=True)
    payment: str = word("", 120)
    suspense_id: int | None = reference("suspense.id", nullable=True)
    credit: int | None = big(nullable=True)


class DepositIntent(SQLModel, table=True):
    """What a user wants to pay in. ``ticket`` goes to the gateway, ``external_id`` comes back."""

    __tablename__ = "deposit_intent"
    __table_args__ = (
        CheckConstraint("amount > 0", name="intent_positive"),
        CheckConstraint(
            "state in ('created','paid','booked','expired','refunded','disputed','suspense')",
            name="intent_state",
        ),
        Index("intent_external", "gateway", "external_id", unique=True),
        Index("intent_open", "expires_at", postgresql_where=text("state = 'created'")),
    )
    id: int = identity()
    wallet_id: int = reference("wallet.id", index=True)
    gateway: str = Field(max_length=32)
    ticket: str = Field(unique=True, max_length=64)
    external_id: str | None = Field(default=None, max_length=200)
    payment_id: str | None = Field(default=None, max_length=200)
    url: str = prose()
    amount: int = big()
    currency: str = Field(max_length=3)
    state: str = word("created", 16)
    coupon: str = word("", 32)
    deposit_id: int | None = reference("deposit.id", nullable=True)
    note: str = prose()
    created_at: datetime = moment()
    expires_at: datetime = moment()
    paid_at: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)


class GatewayEvent(SQLModel, table=True):
    """A gateway's message, kept once by its own id; a second arrival changes nothing."""

    __tablename__ = "gateway_event"
    gateway: str = Field(primary_key=True, max_length=32)
    event_id: str = Field(primary_key=True, max_length=200)
    kind: str = Field(max_length=64)
    subject: str = Field(max_length=200)
    amount: int | None = big(nullable=True)
    currency: str = word("", 8)
    outcome: str = word("", 200)
    times: int = whole(1)
    received_at: datetime = moment()


class Suspense(SQLModel, table=True):
    """Money that arrived and fits nothing; micro-units of its own currency. From ``returning_at``
    on its gateway was asked to pay it back, by ``returning_by``, ``asks`` times: only where that
    is once does a no mean that nothing was paid. ``failed`` of its refunds came to nothing later,
    ``undone`` of them after they had been booked."""

    __tablename__ = "suspense"
    __table_args__ = (
        CheckConstraint("amount > 0", name="suspense_positive"),
        CheckConstraint("state in ('open','assigned','returned')", name="suspense_state"),
        Index("suspense_once", "gateway", "payment_id", unique=True),
    )
    id: int = identity()
    gateway: str = Field(max_length=32)
    payment_id: str = Field(max_length=200)
    amount: int = big()
    currency: str = Field(max_length=3)
    why: str = Field(max_length=300)
    intent_id: int | None = reference("deposit_intent.id", nullable=True)
    state: str = word("open", 16)
    arrived_at: datetime = moment()
    wallet_id: int | None = reference("wallet.id", nullable=True)
    closed_by: str | None = Field(default=None, max_length=120)
    closed_at: datetime | None = moment(nullable=True)
    note: str = prose()
    returning_at: datetime | None = moment(nullable=True)
    returning_by: str | None = Field(default=None, max_length=120)
    asks: int = whole()
    failed: int = whole()
    undone: int = whole()


class DepositRefund(SQLModel, table=True):
    """A deposit on its way back to who paid it. Its gateway was asked ``asks`` times: only where
    that is once does a no mean that nothing was paid."""

    __tablename__ = "deposit_refund"
    __table_args__ = (
        CheckConstraint("amount > 0", name="deposit_refund_positive"),
        CheckConstraint("state in ('asked','done','refused')", name="deposit_refund_state"),
    )
    id: int = identity()
    deposit_id: int = reference("deposit.id", index=True)
    key: str = Field(unique=True, max_length=160)
    amount: int = big()
    state: str = word("asked", 16)
    external_id: str | None = Field(default=None, unique=True, max_length=200)
    reason: str = prose()
    asked_by: str = Field(max_length=120)
    asked_at: datetime = moment()
    closed_at: datetime | None = moment(nullable=True)
    note: str = prose()
    asks: int = whole()


class Coupon(SQLModel, table=True):
    """A gift: ``amount`` at once, or ``percent`` of a deposit (in hundredths of a percent)."""

    __tablename__ = "coupon"
    __table_args__ = (
        CheckConstraint("(amount is null) <> (percent is null)", name="coupon_one_kind"),
        CheckConstraint("amount > 0", name="coupon_amount"),
        CheckConstraint("percent between 1 and 10000", name="coupon_percent"),
        CheckConstraint("used between 0 and most_uses", name="coupon_uses"),
        CheckConstraint("most_each > 0 and least_deposit >= 0", name="coupon_limits"),
    )
    id: int = identity()
    code: str = Field(unique=True, max_length=32)
    amount: int | None = big(nullable=True)
    percent: int | None = Field(default=None)
    most_credit: int | None = big(nullable=True)
    least_deposit: int = big(default=0)
    most_uses: int = whole(1)
    most_each: int = whole(1)
    used: int = whole()
    active: bool = flag(True)
    expires_at: datetime | None = moment(nullable=True)
    made_by: str = Field(max_length=120)
    created_at: datetime = moment()


class CouponUse(SQLModel, table=True):
    """One redemption: the ``number``-th of this coupon by this wallet."""

    __tablename__ = "coupon_use"
    __table_args__ = (
        Index("coupon_use_each", "coupon_id", "wallet_id", "number", unique=True),
        Index("coupon_use_deposit", "deposit_id", unique=True),
    )
    id: int = identity()
    coupon_id: int = reference("coupon.id")
    wallet_id: int = reference("wallet.id", index=True)
    number: int = whole(1)
    amount: int = big()
    deposit_id: int | None = reference("deposit.id", nullable=True)
    journal_id: int = reference("journal.id")
    at: datetime = moment()


class Penalty(SQLModel, table=True):
    """A charge for a broken rule with what was counted; appealable, reversible by a journal."""

    __tablename__ = "penalty"
    __table_args__ = (
        CheckConstraint("amount > 0", name="penalty_positive"),
        CheckConstraint("state in ('booked','appealed','upheld','reversed')", name="penalty_state"),
        Index("penalty_once", "wallet_id", "rule", "period", unique=True),
    )
    id: int = identity()
    wallet_id: int = reference("wallet.id")
    rule: str = Field(max_length=16)
    period: str = Field(max_length=16)
    amount: int = big()
    evidence: dict[str, Any] = document()
    state: str = word("booked", 16)
    journal_id: int = reference("journal.id")
    booked_by: str = Field(max_length=120)
    booked_at: datetime = moment()
    appeal: str = prose()
    appealed_at: datetime | None = moment(nullable=True)
    decided_by: str | None = Field(default=None, max_length=120)
    decided_at: datetime | None = moment(nullable=True)
    decision: str = prose()
    reversal_id: int | None = reference("journal.id", nullable=True)
