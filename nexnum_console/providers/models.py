"""Tables of providers and the accounts we hold with them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
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


class Provider(SQLModel, table=True):
    """One upstream: its config document and the admin's choices.

    ``config`` is JSON and not JSONB: the order of its rules is part of their meaning.
    ``margin`` multiplies cost into the sell price; ``priority`` breaks ties, low first.
    """

    __tablename__ = "provider"
    __table_args__ = (CheckConstraint("margin >= 1", name="provider_margin_sells_at_no_loss"),)
    id: int = identity()
    name: str = Field(unique=True, max_length=64)
    title: str = Field(max_length=120)
    config: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    base_url: str | None = Field(default=None, max_length=300)
    currency: str = Field(max_length=3)
    margin: Decimal = Field(sa_column=Column(Numeric(8, 4), nullable=False))
    priority: int = whole()
    enabled: bool = flag(True)
    created_at: datetime = moment(default_now=True)


class BreakerForce(SQLModel, table=True):
    """What staff decided about an account's circuit breaker; ``state`` "" leaves it to itself.

    ``version`` grows with each decision, so that a process that read an older one changes nothing.
    """

    __tablename__ = "breaker_force"
    __table_args__ = (
        CheckConstraint("state in ('', 'open', 'closed')", name="breaker_force_state_known"),
    )
    account_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("provider_account.id", ondelete="RESTRICT"), primary_key=True
        )
    )
    state: str = word("", 8)
    reason: str = word("", 240)
    actor: str = word("", 64)
    at: datetime = moment(default_now=True)
    version: int = big(default=0)


class ProviderAccount(SQLModel, table=True):
    """Our account with a provider: its sealed key, balance, and lane for polling.

    ``settle_seconds``: how long an unanswered purchase may still turn up in the listing.
    The other ``_seconds`` override what the config declares.
    ``exclusive``: nobody else buys with this key, so what we do not know is an orphan.
    """

    __tablename__ = "provider_account"
    __table_args__ = (UniqueConstraint("provider_id", "label"),)
    id: int = identity()
    provider_id: int = reference("provider.id", index=True)
    label: str = word("main", 64)
    secret_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    secret_host: str | None = Field(default=None, max_length=255)
    enabled: bool = flag(True)
    exclusive: bool = flag(True)
    settle_seconds: int = whole(150)
    activation_seconds: int | None = Field(default=None)
    cancel_lock_seconds: int | None = Field(default=None)
    poll_seconds: float | None = Field(default=None)
    balance_micro: int | None = big(nullable=True)
    balance_at: datetime | None = moment(nullable=True)
    starved_until: datetime | None = moment(nullable=True)


class ProviderConfigVersion(SQLModel, table=True):
    """A config as it was written: draft, published (one at most), or archived.

    ``config`` keeps the very text. ``canary_percent`` is the share of calls a draft serves.
    """

    __tablename__ = "provider_config_version"
    __table_args__ = (
        UniqueConstraint("provider_id", "number"),
        CheckConstraint("state in ('draft','published','archived')", name="version_state"),
        CheckConstraint(
            "canary_percent between 0 and 50 and (canary_percent = 0 or state = 'draft')",
            name="version_canary",
        ),
        Index(
            "provider_config_version_published",
            "provider_id",
            unique=True,
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "provider_config_version_draft",
            "provider_id",
            unique=True,
            postgresql_where=text("state = 'draft'"),
        ),
    )
    id: int = identity()
    provider_id: int = reference("provider.id")
    number: int = whole()
    config: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str = Field(max_length=16)
    author: str = Field(max_length=120)
    reason: str = prose()
    base_number: int = whole()
    created_at: datetime = moment(default_now=True)
    changed_at: datetime = moment(default_now=True)
    published_at: datetime | None = moment(nullable=True)
    canary_percent: int = whole()
    canary_at: datetime | None = moment(nullable=True)


class ProviderFixture(SQLModel, table=True):
    """A pinned exchange and the normal form it must give, in the form of a recording file."""

    __tablename__ = "provider_fixture"
    __table_args__ = (UniqueConstraint("provider_id", "name"),)
    id: int = identity()
    provider_id: int = reference("provider.id")
    name: str = Field(max_length=80)
    operation: str = Field(max_length=32)
    recording: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    author: str = Field(max_length=120)
    created_at: datetime = moment(default_now=True)


class ProviderExchange(SQLModel, table=True):
    """A live exchange, secrets taken out. A ring: of each provider the newest stay."""

    __tablename__ = "provider_exchange"
    __table_args__ = (Index("provider_exchange_newest", "provider_id", "id"),)
    id: int = identity()
    provider_id: int = reference("provider.id")
    version: int = whole()
    operation: str = Field(max_length=32)
    variables: dict[str, Any] = document()
    request: dict[str, Any] = document()
    status: int = whole()
    headers: dict[str, Any] = document()
    body: str = Field(sa_column=Column(Text, nullable=False))
    outcome: str = Field(max_length=32)
    millis: int = whole()
    at: datetime = moment(default_now=True)


class ProviderCall(SQLModel, table=True):
    """How a call went under a version, kept while a draft serves a share of the calls."""

    __tablename__ = "provider_call"
    __table_args__ = (Index("provider_call_newest", "provider_id", "version", "id"),)
    id: int = identity()
    provider_id: int = reference("provider.id")
    version: int = whole()
    operation: str = Field(max_length=32)
    outcome: str = Field(max_length=32)
    at: datetime = moment(default_now=True)


class Performance(SQLModel, table=True):
    """Faded outcomes of a provider, as of ``at``; the empty word stands for "all of them".

    ``outcomes`` counts deliveries and does not fade; ``arrivals`` are the bins of
    ``performance.EDGES``; ``working`` is a chance, ``proved_at`` when the newest number was sold
    that got its code. The other counts are weights and not money.
    """

    __tablename__ = "performance"
    provider_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("provider.id", ondelete="RESTRICT"), primary_key=True
        )
    )
    service: str = Field(sa_column=Column(String(64), primary_key=True))
    country: str = Field(sa_column=Column(String(2), primary_key=True))
    operator: str = Field(sa_column=Column(String(64), primary_key=True))
    at: datetime = moment()
    bought: float = Field(sa_column=Column(Double, nullable=False))
    refused: float = Field(sa_column=Column(Double, nullable=False))
    no_stock: float = Field(sa_column=Column(Double, nullable=False))
    delivered: float = Field(sa_column=Column(Double, nullable=False))
    undelivered: float = Field(sa_column=Column(Double, nullable=False))
    working: float = Field(sa_column=Column(Double, nullable=False))
    proved_at: datetime | None = moment(nullable=True)
    outcomes: int = big()
    arrivals: list[float] = Field(sa_column=Column(ARRAY(Double), nullable=False))
