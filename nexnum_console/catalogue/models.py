"""Tables of what is for sale."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import big, flag, identity, moment, reference, whole, word


class Country(SQLModel, table=True):
    """ISO 3166-1 alpha-2 country with its calling code (digits only)."""

    __tablename__ = "country"
    iso2: str = Field(primary_key=True, max_length=2)
    name: str = Field(max_length=120)
    dial: str = word("", 8)


class Service(SQLModel, table=True):
    """A site that sends codes. ``code`` is our slug (``whatsapp``)."""

    __tablename__ = "service"
    code: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=160)
    popularity: int = whole()


class CurrencyRate(SQLModel, table=True):
    """Units of wallet currency for one unit of ``currency``; set by an admin."""

    __tablename__ = "currency_rate"
    __table_args__ = (CheckConstraint("rate > 0", name="currency_rate_positive"),)
    currency: str = Field(primary_key=True, max_length=3)
    rate: Decimal = Field(sa_column=Column(Numeric(24, 12), nullable=False))
    updated_at: datetime = moment(default_now=True)


class Offer(SQLModel, table=True):
    """One thing a provider sells: a number of ``country`` for ``service`` (at ``operator``).

    ``cost_micro`` is in the provider's currency, ``price_micro`` in the wallet's, margin and
    rate applied and rounded up to the cent. ``stock`` NULL means the provider does not tell.
    ``sync_no`` is the sync that last changed the row; rows a sync does not see become unavailable.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("provider_id", "country", "service", "operator"),
        Index("offer_find", "service", "country", "price_micro"),
        CheckConstraint("cost_micro > 0 and price_micro > 0", name="offer_positive"),
    )
    id: int = identity()
    provider_id: int = reference("provider.id")
    country: str = Field(sa_column=Column(String(2), ForeignKey("country.iso2"), nullable=False))
    service: str = Field(sa_column=Column(String(64), ForeignKey("service.code"), nullable=False))
    operator: str = word("any", 64)
    external_country: str = Field(max_length=64)
    external_service: str = Field(max_length=64)
    cost_micro: int = big()
    price_micro: int = big()
    stock: int | None = big(nullable=True)
    available: bool = flag(True)
    sync_no: int = big()
    updated_at: datetime = moment(default_now=True)


class ProviderTerm(SQLModel, table=True):
    """What a provider calls a country or a service (``kind``): ``theirs`` and its ``name``.

    ``ours`` is what the catalogue takes it for, empty for a country that nobody knows;
    ``by_hand`` is what staff said, and wins. ``author`` and ``at`` belong to it.
    """

    __tablename__ = "provider_term"
    __table_args__ = (
        CheckConstraint("kind in ('country', 'service')", name="provider_term_kind_known"),
    )
    provider_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("provider.id", ondelete="RESTRICT"), primary_key=True
        )
    )
    kind: str = Field(sa_column=Column(String(8), primary_key=True))
    theirs: str = Field(sa_column=Column(String(64), primary_key=True))
    name: str = word("", 160)
    ours: str = word("", 64)
    by_hand: str = word("", 64)
    author: str = word("", 64)
    at: datetime | None = moment(nullable=True)
