"""Tables of routing: what an admin decided, what was quoted, why a provider was asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, text
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import big, document, moment, reference, whole, word


class RoutingRule(SQLModel, table=True):
    """A pin or a ban of a provider; the empty word stands for every service or country.

    Of the rules that fit a candidate the narrowest one holds. Past ``until`` it holds no more and
    stays, until somebody takes it away, for people to see what has ended.
    """

    __tablename__ = "routing_rule"
    __table_args__ = (CheckConstraint("kind in ('pin', 'ban')", name="routing_rule_kind"),)
    provider_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("provider.id", ondelete="RESTRICT"), primary_key=True
        )
    )
    service: str = Field(sa_column=Column(String(64), primary_key=True))
    country: str = Field(sa_column=Column(String(2), primary_key=True))
    kind: str = Field(max_length=8)
    reason: str = word("", 240)
    actor: str = word("", 64)
    at: datetime = moment(default_now=True)
    until: datetime | None = moment(nullable=True)


class Quote(SQLModel, table=True):
    """A plan with its price cap, kept for its user for a minute and used once.

    ``offers`` are the candidates in order: offer, account, price and cost at the time.
    """

    __tablename__ = "quote"
    __table_args__ = (Index("quote_expires", "expires_at"),)
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    user_id: int = reference("app_user.id")
    service: str = Field(max_length=64)
    country: str = Field(max_length=2)
    operator: str = Field(max_length=64)
    strategy: str = Field(max_length=16)
    price_cap: int = big()
    offers: list[dict[str, Any]] = document()
    plan: dict[str, Any] = document()
    created_at: datetime = moment()
    expires_at: datetime = moment()
    activation_id: int | None = reference("activation.id", nullable=True)


class Decision(SQLModel, table=True):
    """Why a purchase asked whom: every candidate with what was believed and drawn.

    ``learned`` is 0 until its purchase calls are settled, 1 until its delivery is, then 2;
    ``look_at`` is when somebody looks again.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("decision_open", "look_at", postgresql_where=text("learned < 2")),
        Index("decision_at", "at"),
    )
    activation_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("activation.id", ondelete="RESTRICT"),
            primary_key=True,
            autoincrement=False,
        )
    )
    at: datetime = moment()
    strategy: str = Field(max_length=16)
    how: str = Field(max_length=16)
    policy_version: str = Field(max_length=12)
    policy: dict[str, Any] = document()
    considered: list[dict[str, Any]] = document()
    learned: int = whole()
    look_at: datetime = moment()
