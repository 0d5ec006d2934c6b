"""The outbox of mail: written with the change it tells of, sent by a job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, text
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
