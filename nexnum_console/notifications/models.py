"""Letters: written with the change they tell of, sent by the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import big, flag, identity, moment, whole


class Mail(SQLModel, table=True):
    """One letter. ``sealed`` is its text, which may hold a one-time link; it goes when sent.

    ``outbox_id`` is the message that delivers it; the outbox forgets those in time.
    """

    __tablename__ = "mail"
    id: int = identity()
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=200)
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    outbox_id: int | None = big(nullable=True)
    created_at: datetime = moment(default_now=True)
    sent_at: datetime | None = moment(nullable=True)


class Alert(SQLModel, table=True):
    """Something an operator must look at; raised once while it is open, whoever sees it again.

    ``by_hand``: staff settled it; otherwise it was over by itself.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "alert_open", "kind", "subject", unique=True, postgresql_where=text("closed_at is null")
        ),
    )
    id: int = identity()
    kind: str = Field(max_length=48)
    subject: str = Field(max_length=200)
    text: str = Field(sa_column=Column(Text, nullable=False))
    times: int = whole(1)
    raised_at: datetime = moment()
    seen_at: datetime = moment()
    mailed_at: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)
    by_hand: bool = flag(False)
