"""Whose session cookie is it: asked of the database, remembered until a login ends.

The end of a login is heard over Redis; without Redis it shows within ``REMEMBER_SECONDS``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

from nexnum_console.accounts import sessions
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.events import LOGIN_TOPIC, Heard, user_of
from nexnum_console.core.ids import token_digest

REMEMBER_SECONDS: Final = 3.0
MOST_REMEMBERED: Final = 10_000


class SessionDirectory:
    """Resolves cookies for one web process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[float, Actor | None]] = {}
        self._endings = 0

    async def identify(self, cookie: str | None) -> Actor | None:
        """The actor behind the cookie, or None."""
        if not cookie or len(cookie) > 200:
            return None
        digest = token_digest(cookie)
        until, actor = self._known.get(digest, (0.0, None))
        if time.monotonic() < until:
            return actor
        before = self._endings
        actor = await asyncio.to_thread(self._resolve, cookie)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        # What was read while a login ended may be from before.
        if before == self._endings:
            self._known[digest] = (time.monotonic() + REMEMBER_SECONDS, actor)
        return actor

    def forget(self, user_id: int) -> None:
        """A login of that user has ended: ask for all of them again."""
        self._endings += 1
        theirs = [k for k, (_, who) in self._known.items() if who and who.user_id == user_id]
        for digest in theirs:
            del self._known[digest]

    async def heed(self, heard: AsyncIterator[Heard]) -> AsyncIterator[Heard]:
        """The same events, after what they say of logins was taken in."""
        async for event in heard:
            user_id = user_of(event.channel) if event.topic == LOGIN_TOPIC else None
            if user_id is not None:
                self.forget(user_id)
            yield event

    def _resolve(self, cookie: str) -> Actor | None:
        return sessions.look_up(self._database, cookie, now=utc_now())
