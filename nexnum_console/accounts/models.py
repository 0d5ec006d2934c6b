"""Tables of people and how they prove who they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, LargeBinary
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import flag, identity, moment, reference, whole, word


class User(SQLModel, table=True):
    """A person. ``email`` is stored lower-case; ``session_epoch`` rises to end every session."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="app_user_email_lower"),
        CheckConstraint("role in ('user','support','admin')", name="app_user_role"),
        CheckConstraint("status in ('active','banned')", name="app_user_status"),
    )
    id: int = identity()
    email: str = Field(unique=True, max_length=254)
    password_hash: str
    role: str = word("user", 16)
    status: str = word("active", 16)
    session_epoch: int = whole()
    is_demo: bool = flag(False)
    verified_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment(default_now=True)


class UserSession(SQLModel, table=True):
    """A login; the browser holds the token, we hold its SHA-256."""

    __tablename__ = "user_session"
    id: int = identity()
    token_digest: bytes = Field(sa_column=Column(LargeBinary, unique=True, nullable=False))
    user_id: int = reference("app_user.id", index=True)
    epoch: int
    created_at: datetime = moment(default_now=True)
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment(nullable=True)
    ip: str = word("", 64)
    user_agent: str = word("", 300)


class OneTimeLink(SQLModel, table=True):
    """A link that works once: the first admin's, a password reset, a proof of an address."""

    __tablename__ = "one_time_link"
    token_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    purpose: str = Field(max_length=32)
    user_id: int | None = reference("app_user.id", nullable=True)
    created_at: datetime = moment(default_now=True)
    expires_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)
