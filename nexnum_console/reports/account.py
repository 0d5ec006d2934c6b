"""What an account's own page shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.accounts import sessions
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import millis

# The first that fits names it: most browsers also call themselves Chrome or Safari.
_BROWSERS: Final = (
    (r"Edg(A|iOS)?/", "Edge"),
    (r"OPR/", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"(Firefox|FxiOS)/", "Firefox"),
    (r"(HeadlessChrome|Chromium)/", "Chromium"),
    (r"(Chrome|CriOS)/", "Chrome"),
    (r"Safari/", "Safari"),
    (r"curl/", "curl"),
    (r"(python-httpx|python-requests|Go-http-client|okhttp)/", "An HTTP client"),
)
_SYSTEMS: Final = (
    (r"iPhone|iPad|iPod", "iOS"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"CrOS", "ChromeOS"),
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
    browser = _first_named(_BROWSERS, user_agent)
    system = _first_named(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "An unknown device"


def _first_named(marks: Sequence[tuple[str, str]], user_agent: str) -> str:
    return next((name for mark, name in marks if re.search(mark, user_agent)), "")
