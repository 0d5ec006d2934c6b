"""Tables of activations: what was ordered, each try to buy it, what arrived, what got lost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlmodel import Field, SQLModel

from nexnum_console.activations.machine import (
    ATTEMPT_STATES,
    DELIVERY_OUTCOMES,
    STATES,
    UPSTREAM_STATES,
)
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


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


class Activation(SQLModel, table=True):
    """One order for one number.

    ``price_cap`` is the most the buyer pays and what the hold covers; ``charged`` what was taken.
    ``upstream`` is the second fact: what became of the number, and our money, at the provider.
    ``next_at`` is when a worker looks at the row again; ``lease_until`` and ``fence`` keep two
    workers from acting on it at once. PostgreSQL holds all of it; a queue only wakes a worker.
    """

    __tablename__ = "activation"
    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), name="activation_state"),
        CheckConstraint("charged is null or charged <= price_cap", name="activation_cap"),
        CheckConstraint(_one_of("upstream", UPSTREAM_STATES), name="activation_upstream"),
        UniqueConstraint("account_id", "upstream_id", name="activation_number_sold_once"),
        Index("activation_user", "user_id", "id"),
        Index("activation_phone", "phone", postgresql_ops={"phone": "text_pattern_ops"}),
        Index(
            "activation_phone_end",
            literal_column("reverse(phone)").label("ending"),
            postgresql_ops={"ending": "text_pattern_ops"},
        ),
        Index(
            "activation_due",
            "account_id",
            "next_at",
            postgresql_where=text("state in ('waiting','received','cancelling')"),
        ),
        Index(
            "activation_closing",
            "account_id",
            "close_at",
            postgresql_where=text("upstream = 'closing'"),
        ),
        Index(
            "activation_unsettled",
            "id",
            postgresql_where=text("state in ('buying','confirming')"),
        ),
        {"postgresql_with": {"fillfactor": "80"}},
    )
    id: int = identity()
    user_id: int = reference("app_user.id")
    wallet_id: int = reference("wallet.id")
    state: str = Field(max_length=16)
    service: str = Field(max_length=64)
    country: str = Field(max_length=2)
    operator: str = word("any", 64)
    price_cap: int = big()
    charged: int | None = big(nullable=True)
    account_id: int | None = reference("provider_account.id", nullable=True)
    upstream_id: str | None = Field(default=None, max_length=120)
    phone: str | None = Field(default=None, max_length=20)
    cost_micro: int | None = big(nullable=True)
    cost_currency: str | None = Field(default=None, max_length=3)
    cost_rate: Decimal | None = Field(default=None, sa_column=Column(Numeric(24, 12)))
    sms_count: int = whole()
    code: str | None = Field(default=None, max_length=64)
    reason: str | None = Field(default=None, max_length=64)
    created_at: datetime = moment(default_now=True)
    acquired_at: datetime | None = moment(nullable=True)
    cancel_from: datetime | None = moment(nullable=True)
    expires_at: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)
    next_at: datetime | None = moment(nullable=True)
    lease_until: datetime | None = moment(nullable=True)
    fence: int = big(default=0)
    status_failures: int = whole()
    upstream: str = word("none", 16)
    close_at: datetime | None = moment(nullable=True)
    close_tries: int = whole()
    request_id: str = word("", 32)
    reuse_of: int | None = reference("activation.id", nullable=True)


class Attempt(SQLModel, table=True):
    """One purchase call to one provider account, written before it is sent.

    ``max_cost`` (provider currency) is the cap that went upstream. An ``unknown`` attempt is
    settled by the provider's listing alone: bound, or released after ``settle_until`` and two
    listings in a row that show nothing, ``empty_listings``; the last of them was over ``empty_at``.
    ``provider_order_id`` is the provider's id of the order, also where its number never came: then
    it is cancelled there. ``phone`` is the number that was asked for again.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        CheckConstraint(_one_of("state", ATTEMPT_STATES), name="attempt_state"),
        UniqueConstraint("activation_id", "number"),
        Index(
            "attempt_unsettled",
            "account_id",
            "sent_at",
            postgresql_where=text("state in ('sent','unknown')"),
        ),
        Index(
            "attempt_failed",
            "account_id",
            "sent_at",
            postgresql_where=text("state <> 'acquired'"),
        ),
        Index(
            "attempt_provider_order",
            "provider_order_id",
            postgresql_where=text("provider_order_id is not null"),
        ),
    )
    id: int = identity()
    activation_id: int = reference("activation.id")
    number: int
    account_id: int = reference("provider_account.id")
    state: str = Field(max_length=16)
    external_country: str = Field(max_length=64)
    external_service: str = Field(max_length=64)
    operator: str = Field(max_length=64)
    max_cost: int = big()
    price: int = big()
    rate: Decimal = Field(sa_column=Column(Numeric(24, 12), nullable=False))
    sent_at: datetime = moment()
    lease_until: datetime = moment()
    settle_until: datetime = moment()
    answered_at: datetime | None = moment(nullable=True)
    latency_ms: int | None = Field(default=None)
    error_code: str | None = Field(default=None, max_length=32)
    error_text: str | None = Field(default=None, sa_column=Column(Text))
    empty_listings: int = whole()
    empty_at: datetime | None = moment(nullable=True)
    provider_order_id: str | None = Field(default=None, max_length=120)
    phone: str | None = Field(default=None, max_length=20)


class Message(SQLModel, table=True):
    """An SMS as stored once: ``content_key`` makes a second sight of it no second message."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("activation_id", "content_key"),)
    id: int = identity()
    activation_id: int = reference("activation.id")
    content_key: str = Field(max_length=64)
    code: str | None = Field(default=None, max_length=64)
    text: str = prose()
    sender: str = word("", 64)
    late: bool = flag(False)
    received_at: datetime = moment()


class ActivationEvent(SQLModel, table=True):
    """The timeline of an activation, in order of ``id``; ``detail`` is safe to show."""

    __tablename__ = "activation_event"
    id: int = identity()
    activation_id: int = reference("activation.id", index=True)
    kind: str = Field(max_length=32)
    detail: dict[str, Any] = document()
    at: datetime = moment()


class Sighting(SQLModel, table=True):
    """An open number in a provider's listing that no activation is bound to.

    ``seen`` until its grace passed; then ``orphan``: claimed here first, cancelled with patience,
    and its cost booked if the provider keeps the money.
    """

    __tablename__ = "sighting"
    __table_args__ = (
        UniqueConstraint("account_id", "upstream_id"),
        CheckConstraint(
            "state in ('seen','bound','orphan','cancelled','lost','gone')", name="sighting_state"
        ),
    )
    id: int = identity()
    account_id: int = reference("provider_account.id")
    upstream_id: str = Field(max_length=120)
    phone: str | None = Field(default=None, max_length=20)
    external_country: str | None = Field(default=None, max_length=64)
    external_service: str | None = Field(default=None, max_length=64)
    cost_micro: int | None = big(nullable=True)
    state: str = Field(max_length=16)
    tries: int = whole()
    first_seen_at: datetime = moment()
    grace_until: datetime = moment()
    next_at: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)


class Lane(SQLModel, table=True):
    """Who works a provider account now: one poller and one reconciler at a time, by lease."""

    __tablename__ = "lane"
    account_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("provider_account.id"), primary_key=True, autoincrement=False
        )
    )
    kind: str = Field(sa_column=Column(String(16), primary_key=True))
    holder: str = word("", 64)
    fence: int = big(default=0)
    lease_until: datetime | None = moment(nullable=True)
    queued_until: datetime | None = moment(nullable=True)
    listed_at: datetime | None = moment(nullable=True)


class InboundDelivery(SQLModel, table=True):
    """One event that a provider pushed, however often it came (``times``).

    ``event_key`` is the provider's id of the event, or a digest of the body. ``waiting``: no order
    of ours has this number yet; ``checking``: a status call is due that confirms it or not.
    ``body`` is the start of what came, secrets taken out.
    """

    __tablename__ = "inbound_delivery"
    __table_args__ = (
        CheckConstraint(_one_of("outcome", DELIVERY_OUTCOMES), name="inbound_delivery_outcome"),
        UniqueConstraint("account_id", "sender", "event_key", name="inbound_delivery_taken_once"),
        Index("inbound_delivery_newest", "account_id", "id"),
        Index("inbound_delivery_received", "received_at"),
        Index(
            "inbound_delivery_open",
            "account_id",
            "next_at",
            postgresql_where=text("outcome in ('checking','waiting')"),
        ),
        Index(
            "inbound_delivery_activation",
            "activation_id",
            postgresql_where=text("activation_id is not null"),
        ),
    )
    id: int = identity()
    account_id: int = reference("provider_account.id")
    sender: str = word("", 64)
    event_key: str = Field(max_length=240)
    received_at: datetime = moment()
    seen_at: datetime = moment()
    times: int = whole(1)
    verified: str = word("", 64)
    outcome: str = Field(max_length=16)
    reason: str = word("", 240)
    activation_id: int | None = reference("activation.id", nullable=True)
    upstream_id: str | None = Field(default=None, max_length=120)
    phone: str | None = Field(default=None, max_length=20)
    event: dict[str, Any] | None = document(nullable=True)
    body: str = prose()
    checks: int = whole()
    next_at: datetime | None = moment(nullable=True)
    settled_at: datetime | None = moment(nullable=True)
