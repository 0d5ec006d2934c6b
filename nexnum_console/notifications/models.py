"""The outbox of mail: written with the change it tells of, sent by a job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import identity, moment, whole, word


class Mail(SQLModel, table=True):
    """One letter. ``sealed`` is its text, which may hold a one-time link; it goes when sent.

    ``next_at`` is when it may be tried; a failed try puts it off, the last one gives up.
    """

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("state in ('waiting','sent','given_up')", name="mail_state"),
        Index("mail_due", "next_at", postgresql_where=text("state = 'waiting'")),
    )
    id: int = identity()
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=200)
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    state: str = word("waiting", 12)
    tries: int = whole()
    error: str = word("", 300)
    created_at: datetime = moment(default_now=True)
    next_at: datetime = moment(default_now=True)
    sent_at: datetime | None = moment(nullable=True)


class Alert(SQLModel, table=True):
    """Something an operator must look at; raised once while it is open, whoever sees it again."""

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
