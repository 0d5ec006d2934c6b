"""What an account's own page shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.accounts import sessions
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import millis

_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-httpx/", "an HTTP client"),
)
_SYSTEMS: Final = (
    (r"iPhone|iPad", "iOS"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux|X11", "Linux"),
)


@dataclass(frozen=True, slots=True)
class LoginLine:
    """A login that is good now; ``current`` is the one that asks."""

    id: int
    device: str
    ip: str
    since_ms: int
    ends_ms: int
    current: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """The account; ``logins`` newest first."""

    email: str = ""
    verified: bool = False
    member_ms: int = 0
    logins: tuple[LoginLine, ...] = ()


def account(unit: UnitOfWork, who: Actor, now: datetime) -> AccountView:
    """The asking person's account."""
    row = unit.first("select verified_at, created_at from app_user where id = :id", id=who.user_id)
    assert row is not None, "users are never deleted"
    return AccountView(
        email=who.email,
        verified=row["verified_at"] is not None,
        member_ms=millis(row["created_at"]),
        logins=tuple(
            LoginLine(
                id=one.id,
                device=device(one.user_agent),
                ip=one.ip or "unknown address",
                since_ms=millis(one.created_at),
                ends_ms=millis(one.expires_at),
                current=one.id == who.session_id,
            )
            for one in sessions.open_ones(unit, who.user_id, now=now)
        ),
    )


def device(user_agent: str) -> str:
    """``Firefox on Windows``; as far as the browser tells."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if re.search(mark, user_agent)), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "An unknown device"
