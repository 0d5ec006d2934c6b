"""Tables of money. ``journal`` and ``entry`` are append-only: triggers refuse any change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import (
    big,
    document,
    flag,
    identity,
    moment,
    reference,
    whole,
    word,
)


class Wallet(SQLModel, table=True):
    """A user's live balance; ``head`` is the hash of its newest journal, ``version`` its count."""

    __tablename__ = "wallet"
    __table_args__ = (
        CheckConstraint("available >= 0", name="wallet_available_not_negative"),
        CheckConstraint("reserved >= 0", name="wallet_reserved_not_negative"),
        {"postgresql_with": {"fillfactor": "70"}},
    )
    id: int = identity()
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("app_user.id", ondelete="RESTRICT"), unique=True, nullable=False
        )
    )
    currency: str = Field(max_length=3)
    available: int = big(default=0)
    reserved: int = big(default=0)
    version: int = big(default=0)
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    frozen_reason: str | None = Field(default=None)
    created_at: datetime = moment(default_now=True)


class Account(SQLModel, table=True):
    """A ledger account: ``wallet:17:available``, ``wallet:17:reserved`` or a house account."""

    __tablename__ = "account"
    id: int = identity()
    code: str = Field(unique=True, max_length=120)
    wallet_id: int | None = reference("wallet.id", nullable=True, index=True)
    kind: str = Field(max_length=16)


class Journal(SQLModel, table=True):
    """One money move. ``key`` is derived from what caused it (``hold:42``) and is unique for ever.

    ``hash`` = SHA-256(previous hash of the wallet ‖ this journal's text and its entries), the text
    in the form numbered ``form``. An order is refunded once, whatever the key.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("journal_wallet_chain", "wallet_id", "wallet_seq", unique=True),
        Index("journal_ref", "ref"),
        Index(
            "journal_refunded_once", "ref", unique=True, postgresql_where=text("kind = 'refund'")
        ),
    )
    id: int = identity()
    key: str = Field(unique=True, max_length=160)
    kind: str = Field(max_length=24)
    ref: str = word("", 120)
    actor: str = Field(max_length=120)
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    currency: str = Field(max_length=3)
    wallet_id: int | None = reference("wallet.id", nullable=True)
    wallet_seq: int | None = big(nullable=True)
    previous_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    form: int = Field(
        default=1, sa_column=Column(SmallInteger, nullable=False, server_default=text("1"))
    )
    occurred_at: datetime = moment()
    created_at: datetime = moment(default_now=True)


class Entry(SQLModel, table=True):
    """One leg. Debits are negative, credits positive; the legs of a journal sum to zero.

    ``after`` is the wallet balance behind a wallet leg, NULL for house accounts.
    """

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="entry_moves_something"),
        # In the order in which a journal's hash tells its legs.
        Index("entry_journal", "journal_id", "account_id", unique=True),
        Index("entry_account", "account_id", "id"),
    )
    id: int = identity()
    journal_id: int = reference("journal.id")
    account_id: int = reference("account.id")
    amount: int = big()
    after: int | None = big(nullable=True)


class Hold(SQLModel, table=True):
    """Money set aside for one order; it resolves once, to committed or released."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("amount > 0", name="hold_positive"),
        CheckConstraint("charged is null or charged between 0 and amount", name="hold_charged"),
        CheckConstraint("state in ('open','committed','released')", name="hold_state"),
        Index("hold_open", "wallet_id", postgresql_where=text("state = 'open'")),
    )
    id: int = identity()
    wallet_id: int = reference("wallet.id")
    ref: str = Field(sa_column=Column(String(120), unique=True, nullable=False))
    amount: int = big()
    charged: int | None = big(nullable=True)
    state: str = word("open", 16)
    created_at: datetime = moment(default_now=True)
    resolved_at: datetime | None = moment(nullable=True)


class Deposit(SQLModel, table=True):
    """Money arriving through a gateway; booked once per gateway reference."""

    __tablename__ = "deposit"
    __table_args__ = (
        CheckConstraint("amount > 0", name="deposit_positive"),
        Index("deposit_gateway_ref", "gateway", "gateway_ref", unique=True),
    )
    id: int = identity()
    wallet_id: int = reference("wallet.id", index=True)
    gateway: str = Field(max_length=32)
    gateway_ref: str = Field(max_length=200)
    amount: int = big()
    state: str = word("booked", 16)
    created_at: datetime = moment(default_now=True)


def _note(nullable: bool = False) -> Any:
    default = None if nullable else ""
    column: Column[Any] = Column(Text, nullable=nullable, server_default=default)
    return Field(default=default, sa_column=column)


class AccountRollup(SQLModel, table=True):
    """An account's sum over its entries up to journal ``upto_id``; the rest is added when read."""

    __tablename__ = "account_rollup"
    account_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("account.id", ondelete="RESTRICT"),
            primary_key=True,
            autoincrement=False,
        )
    )
    amount: int = big()
    entries: int = big()


class LedgerMark(SQLModel, table=True):
    """How far a job has come through the journals, by id. ``candidate`` waits until each of the
    ``writers`` of that moment has ended, so that none can still commit below it."""

    __tablename__ = "ledger_mark"
    name: str = Field(primary_key=True, max_length=32)
    journal_id: int = big(default=0)
    account_id: int = big(default=0)
    candidate: int | None = big(nullable=True)
    account_candidate: int | None = big(nullable=True)
    writers: str = _note()
    noted_at: datetime | None = moment(nullable=True)


class LedgerBlock(SQLModel, table=True):
    """A sealed run of journals in id order, chained and signed with a key outside the database."""

    __tablename__ = "ledger_block"
    number: int = Field(
        default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=False)
    )
    after_id: int = big()
    upto_id: int = Field(sa_column=Column(BigInteger, unique=True, nullable=False))
    accounts_after: int = big()
    accounts_upto: int = big()
    journals: int = big()
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signature: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed_at: datetime = moment()


class InvariantState(SQLModel, table=True):
    """What the last look at an invariant found."""

    __tablename__ = "invariant_state"
    name: str = Field(primary_key=True, max_length=8)
    breaks: int = big()
    checked_at: datetime = moment()
    whole_at: datetime | None = moment(nullable=True)


class LedgerBreak(SQLModel, table=True):
    """Evidence of a broken invariant; kept for ever, closed by a person with a reason."""

    __tablename__ = "ledger_break"
    __table_args__ = (
        Index(
            "ledger_break_open",
            "name",
            "finding",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
    )
    id: int = identity()
    name: str = Field(max_length=8)
    finding: str = Field(max_length=500)
    wallet_id: int | None = reference("wallet.id", nullable=True, index=True)
    found_at: datetime = moment()
    seen_at: datetime = moment()
    closed_at: datetime | None = moment(nullable=True)
    closed_by: str | None = Field(default=None, max_length=120)
    note: str = _note()


class AdjustmentRequest(SQLModel, table=True):
    """A correction above the limit, or the money of a manual deposit (``intent_id``, seen under
    ``payment``): it waits for a second person, who is never the asker."""

    __tablename__ = "adjustment_request"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="adjustment_moves_something"),
        CheckConstraint(
            "state in ('pending','approved','rejected','withdrawn')", name="adjustment_state"
        ),
        CheckConstraint(
            "state <> 'approved' or decided_by <> asked_by", name="adjustment_two_people"
        ),
        Index(
            "adjustment_of_intent",
            "intent_id",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
    )
    id: int = identity()
    wallet_id: int = reference("wallet.id", index=True)
    key: str = Field(unique=True, max_length=160)
    amount: int = big()
    reason: str = _note()
    state: str = word("pending", 16)
    asked_by: str = Field(max_length=120)
    asked_at: datetime = moment()
    decided_by: str | None = Field(default=None, max_length=120)
    decided_at: datetime | None = moment(nullable=True)
    note: str = _note()
    journal_id: int | None = reference("journal.id", nullable=True)
    intent_id: int | None = reference("deposit_intent.id", nullable=True)
    payment: str = word("", 120)


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
    url: str = _note()
    amount: int = big()
    currency: str = Field(max_length=3)
    state: str = word("created", 16)
    coupon: str = word("", 32)
    deposit_id: int | None = reference("deposit.id", nullable=True)
    note: str = _note()
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
    """Money that arrived and fits nothing; micro-units of its own currency."""

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
    note: str = _note()


class DepositRefund(SQLModel, table=True):
    """A deposit on its way back to who paid it."""

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
    reason: str = _note()
    asked_by: str = Field(max_length=120)
    asked_at: datetime = moment()
    closed_at: datetime | None = moment(nullable=True)
    note: str = _note()


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
    appeal: str = _note()
    appealed_at: datetime | None = moment(nullable=True)
    decided_by: str | None = Field(default=None, max_length=120)
    decided_at: datetime | None = moment(nullable=True)
    decision: str = _note()
    reversal_id: int | None = reference("journal.id", nullable=True)


class FloatBaseline(SQLModel, table=True):
    """A balance with a provider that a person took as right; native micro-units. What was spent
    and given back since then must lead to what the provider says now."""

    __tablename__ = "float_baseline"
    id: int = identity()
    account_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("provider_account.id", ondelete="RESTRICT"),
            nullable=False,
            index=True,
        )
    )
    balance_micro: int = big()
    at: datetime = moment()
    actor: str = Field(max_length=120)
    reason: str = _note()
