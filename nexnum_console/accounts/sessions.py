"""Logins: a random token in the browser, its SHA-256 here, checked on every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database, Row, UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.core.events import LOGIN_TOPIC, user_channel
from nexnum_console.core.ids import new_token, token_digest

_OPEN = """
insert into user_session (token_digest, user_id, epoch, created_at, expires_at, ip, user_agent)
select :digest, id, session_epoch, :now, :expires_at, :ip, :user_agent
from app_user where id = :user_id and status = 'active'
"""
_RESOLVE = """
select u.id, u.email, u.role, s.id as session_id
from user_session s join app_user u on u.id = s.user_id
where s.token_digest = :digest and s.revoked_at is null and s.expires_at > :now
  and s.epoch = u.session_epoch and u.status = 'active'
"""


def open_session(
    unit: UnitOfWork,
    user_id: int,
    *,
    now: datetime,
    lifetime: timedelta,
    ip: str = "",
    user_agent: str = "",
) -> str:
    """A fresh token for this login; a token the browser brought along is never taken over."""
    token = new_token()
    unit.run(
        _OPEN,
        digest=token_digest(token),
        user_id=user_id,
        now=now,
        expires_at=now + lifetime,
        ip=ip[:64],
        user_agent=user_agent[:300],
    )
    return token


def resolve(unit: UnitOfWork, token: str | None, *, now: datetime) -> Actor | None:
    """Who holds the token now: None if unknown, closed, expired, banned, or of an older epoch."""
    return _actor(unit.first(_RESOLVE, digest=token_digest(token), now=now)) if token else None


def look_up(database: Database, token: str | None, *, now: datetime) -> Actor | None:
    """As ``resolve``, where nothing else is asked of the database."""
    if not token:
        return None
    with database.autocommit() as unit:
        return resolve(unit, token, now=now)


def _actor(row: Row | None) -> Actor | None:
    if row is None:
        return None
    capabilities = capabilities_of(row["role"])
    return Actor(row["id"], row["email"], row["role"], capabilities, row["session_id"])


@dataclass(frozen=True, slots=True)
class Login:
    """A login that still opens something."""

    id: int
    created_at: datetime
    expires_at: datetime
    ip: str
    user_agent: str


def open_ones(unit: UnitOfWork, user_id: int, *, now: datetime) -> list[Login]:
    """The user's logins that are good now, newest first."""
    rows = unit.all(
        "select s.id, s.created_at, s.expires_at, s.ip, s.user_agent from user_session s"
        " join app_user u on u.id = s.user_id where s.user_id = :user_id"
        " and s.revoked_at is null and s.expires_at > :now and s.epoch = u.session_epoch"
        " order by s.id desc limit 50",
        user_id=user_id,
        now=now,
    )
    return [Login(**row) for row in rows]


def revoke(unit: UnitOfWork, user_id: int, session_id: int, *, now: datetime) -> None:
    """End one login of the user; NotFound for anybody else's."""
    done = unit.run(
        "update user_session set revoked_at = coalesce(revoked_at, :now)"
        " where id = :id and user_id = :user_id",
        id=session_id,
        user_id=user_id,
        now=now,
    )
    if done.rowcount == 0:
        raise NotFound("There is no such login of yours.")
    _tell(unit, user_id)


def close(unit: UnitOfWork, token: str | None, *, now: datetime) -> None:
    """End this login; a token that opens nothing is no error."""
    if token:
        user_id = unit.scalar(
            "update user_session set revoked_at = :now"
            " where token_digest = :digest and revoked_at is null returning user_id",
            digest=token_digest(token),
            now=now,
        )
        if user_id is not None:
            _tell(unit, user_id)


def end_all(unit: UnitOfWork, user_id: int) -> None:
    """End every login of the user at once, wherever it is."""
    unit.run(
        "update app_user set session_epoch = session_epoch + 1 where id = :user_id", user_id=user_id
    )
    _tell(unit, user_id)


def _tell(unit: UnitOfWork, user_id: int) -> None:
    """Web processes forget whose cookies they know, and the user's open pages ask again."""
    unit.publish(user_channel(user_id), LOGIN_TOPIC)
