"""One-time links: the bearer proves they got it, once, before it expires."""

from __future__ import annotations

from datetime import datetime, timedelta

from nexnum_console.accounts.errors import LinkInvalid
from nexnum_console.core.db import Row, UnitOfWork
from nexnum_console.core.ids import new_token, token_digest


def create(
    unit: UnitOfWork, purpose: str, *, user_id: int | None, now: datetime, lifetime: timedelta
) -> str:
    """A new token for ``purpose``; earlier unused ones for the same user and purpose end."""
    token = new_token()
    unit.run(
        "delete from one_time_link where purpose = :purpose and used_at is null"
        " and user_id is not distinct from :user_id",
        purpose=purpose,
        user_id=user_id,
    )
    unit.run(
        "insert into one_time_link (token_digest, purpose, user_id, created_at, expires_at)"
        " values (:digest, :purpose, :user_id, :now, :expires_at)",
        digest=token_digest(token),
        purpose=purpose,
        user_id=user_id,
        now=now,
        expires_at=now + lifetime,
    )
    return token


def is_good(unit: UnitOfWork, purpose: str, token: str, *, now: datetime) -> bool:
    """Whether ``redeem`` would take it now."""
    return _good(unit, purpose, token, now) is not None


def owner(unit: UnitOfWork, purpose: str, token: str, *, now: datetime) -> int:
    """The user a good link was made for, without using it up; LinkInvalid."""
    row = _good(unit, purpose, token, now)
    if row is None or row["user_id"] is None:
        raise LinkInvalid("This link was used already or has expired; ask for a new one.")
    return int(row["user_id"])


def redeem(unit: UnitOfWork, purpose: str, token: str, *, now: datetime) -> int | None:
    """Use the link up and return the user it was made for (None: for nobody yet); LinkInvalid.

    A second redeemer waits for the first one's transaction and then finds it used.
    """
    row = unit.first(
        "update one_time_link set used_at = :now where token_digest = :digest"
        " and purpose = :purpose and used_at is null and expires_at > :now returning user_id",
        digest=token_digest(token),
        purpose=purpose,
        now=now,
    )
    if row is None:
        raise LinkInvalid("This link was used already or has expired; ask for a new one.")
    user_id: int | None = row["user_id"]
    return user_id


def _good(unit: UnitOfWork, purpose: str, token: str, now: datetime) -> Row | None:
    return unit.first(
        "select user_id from one_time_link where token_digest = :digest and purpose = :purpose"
        " and used_at is null and expires_at > :now",
        digest=token_digest(token),
        purpose=purpose,
        now=now,
    )
