"""Whose session cookie is it: asked of the database, remembered for a moment."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from nexnum_console.accounts import sessions
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.ids import token_digest

REMEMBER_SECONDS: Final = 3.0
MOST_REMEMBERED: Final = 10_000


class SessionDirectory:
    """Resolves cookies; a log-out or a ban shows within ``REMEMBER_SECONDS``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[float, Actor | None]] = {}

    async def identify(self, cookie: str | None) -> Actor | None:
        """The actor behind the cookie, or None."""
        if not cookie or len(cookie) > 200:
            return None
        digest = token_digest(cookie)
        until, actor = self._known.get(digest, (0.0, None))
        if time.monotonic() < until:
            return actor
        actor = await asyncio.to_thread(self._resolve, cookie)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[digest] = (time.monotonic() + REMEMBER_SECONDS, actor)
        return actor

    def _resolve(self, cookie: str) -> Actor | None:
        return sessions.look_up(self._database, cookie, now=utc_now())
