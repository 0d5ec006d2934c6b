"""Tables of the ledger. ``journal`` and ``entry`` are append-only: triggers refuse any change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import (
    big,
    identity,
    moment,
    prose,
    reference,
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
    reason: str = prose()
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
    """How far a job has come through the journals, by id: sealing, or looking at the newest.
    ``candidate`` waits until each of the ``writers`` of that moment has ended, so that none can
    still commit below it."""

    __tablename__ = "ledger_mark"
    name: str = Field(primary_key=True, max_length=32)
    journal_id: int = big(default=0)
    account_id: int = big(default=0)
    candidate: int | None = big(nullable=True)
    account_candidate: int | None = big(nullable=True)
    writers: str = prose()
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
    note: str = prose()


class WalletFreeze(SQLModel, table=True):
    """Why a wallet's outgoing moves are stopped, one row a ``cause`` (``dispute:stripe:dp_1``,
    ``break:I11``); closed by whoever settled it, kept for ever. ``wallet.frozen_reason`` tells the
    open ones."""

    __tablename__ = "wallet_freeze"
    __table_args__ = (
        CheckConstraint("(closed_at is null) = (closed_by is null)", name="freeze_closed_by"),
        Index(
            "wallet_freeze_open",
            "cause",
            "wallet_id",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
    )
    id: int = identity()
    wallet_id: int = reference("wallet.id", index=True)
    cause: str = Field(max_length=200)
    reason: str = Field(max_length=600)
    frozen_at: datetime = moment()
    frozen_by: str = Field(max_length=120)
    closed_at: datetime | None = moment(nullable=True)
    closed_by: str | None = Field(default=None, max_length=120)
    note: str = prose()


class FloatBaseline(SQLModel, table=True):
    """A balance with a provider that a person took as right; native micro-units. What was spent,
    given back and sent there since then must lead to what the provider says now."""

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
    reason: str = prose()


class FloatTopUp(SQLModel, table=True):
    """Money that reached us at a provider account: what arrived there, in native micro-units, and
    the journal of it in the wallet's currency."""

    __tablename__ = "float_top_up"
    __table_args__ = (
        CheckConstraint("amount_micro > 0", name="float_top_up_positive"),
        Index("float_top_up_account", "account_id", "at"),
        Index("float_top_up_once", "journal_id", unique=True),
    )
    id: int = identity()
    account_id: int = reference("provider_account.id")
    journal_id: int = reference("journal.id")
    amount_micro: int = big()
    at: datetime = moment()
    actor: str = Field(max_length=120)
