"""Letters: written with the change they tell of, sent by the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import big, identity, moment


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
