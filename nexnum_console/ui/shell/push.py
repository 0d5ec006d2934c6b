"""Push: a committed change wakes the pages that show it, and they read their rows again.

One hub per web process hears Redis and knows which browser tab watches which channel. A wake-up
is an ordinary event of the page, so it passes the gate like any other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

import reflex as rx
from reflex.event import Event
from reflex_base.constants import RouteVar
from reflex_base.event.context import EventContext
from reflex_base.utils.format import format_event_handler

from nexnum_console.core.events import ADMIN_CHANNEL, ORDER_TOPIC, Heard

log = logging.getLogger(__name__)

# A burst of changes costs one reading at its start and one at its end.
BREATH_SECONDS: Final = 0.15
# Pages read all at once share the process's time and are late together. A few at a time, in the
# order in which they are due: an order (a code may have come), other changes, what staff watch.
READ_AT_ONCE: Final = 2
# A page whose handler waits for something else gives its turn to the next after this.
TURN_SECONDS: Final = 1.0
# Closed tabs are noticed when they would be woken; the ones nobody wakes are swept now and then.
SWEEP_EVERY: Final = 500


@dataclass(slots=True)
class Watch:
    """One connection of one tab: what to wake, and when (loop time): not before ``next_at``;
    what is ``planned`` should begin by ``due``.

    It ends with its connection: a new one under the same tab token may be another person's.
    """

    channels: frozenset[str]
    event: str
    connection: str
    next_at: float = 0.0
    every: float = BREATH_SECONDS
    planned: bool = False
    due: float = 0.0
    asleep: bool = False


class Hub:
    """Watches by browser tab; a tab has one page, so a new watch replaces the old one."""

    def __init__(self) -> None:
        self._watches: dict[str, Watch] = {}
        self._app: rx.App | None = None
        self._turns: list[tuple[float, int, str, Watch]] = []
        self._order = count()
        self._turn = asyncio.Semaphore(0)

    def watch(self, channels: set[str], handler: Any, *, every: float = BREATH_SECONDS) -> None:
        """From a handler: wake its tab with ``handler`` when one of the channels speaks.

        At most once in ``every`` seconds, for a page that costs more to read than it changes.
        """
        context = EventContext.get()
        if len(self._watches) % SWEEP_EVERY == SWEEP_EVERY - 1:
            self._sweep()
        connection = context.router_data.get(RouteVar.SESSION_ID, "")
        self._watches[context.token] = Watch(
            frozenset(channels), format_event_handler(handler), connection, every=every
        )

    def forget(self) -> None:
        """From a handler: the tab it runs for shows nothing that changes."""
        self._watches.pop(EventContext.get().token, None)

    def sleep(self) -> None:
        """From a handler: nobody looks at this tab; what staff watch waits until somebody does.

        A buyer's own channel keeps waking it: a code that arrives may ring in a hidden tab.
        """
        watch = self._watches.get(EventContext.get().token)
        if watch is not None and ADMIN_CHANNEL in watch.channels:
            # What was to be read is read when somebody looks again.
            watch.asleep, watch.planned = True, False

    def wake(self) -> None:
        """From a handler: somebody looks again; the page is read at once."""
        token = EventContext.get().token
        watch = self._watches.get(token)
        if watch is not None and watch.asleep:
            watch.asleep = False
            self._wake_soon(token, watch, 0.0)

    async def run(self, app: rx.App, heard: AsyncIterator[Heard]) -> None:
        """For the life of the process: hear events, and wake who watches their channels."""
        self._app = app
        self._turns, self._turn = [], asyncio.Semaphore(0)
        readers = [asyncio.create_task(self._read_in_turn()) for _ in range(READ_AT_ONCE)]
        try:
            async for channel, topic in heard:
                for token, watch in list(self._watches.items()):
                    if not channel or channel in watch.channels:
                        self._wake_soon(token, watch, _patience(channel, topic))
        finally:
            for reader in readers:
                reader.cancel()

    def _sweep(self) -> None:
        gone = [token for token, watch in self._watches.items() if not self._open(token, watch)]
        for token in gone:
            del self._watches[token]

    def _open(self, token: str, watch: Watch) -> bool:
        namespace = self._app.event_namespace if self._app else None
        return namespace is not None and namespace.token_to_sid.get(token) == watch.connection

    def _wake_soon(self, token: str, watch: Watch, patience: float) -> None:
        if watch.asleep:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if watch.planned:
            begins = watch.next_at - watch.every
        else:
            begins = max(now, watch.next_at)
            watch.next_at = begins + watch.every
        if not watch.planned or begins + patience < watch.due:
            watch.planned, watch.due = True, begins + patience
            loop.call_later(max(0.0, begins - now), self._queue, token, watch, watch.due)

    def _queue(self, token: str, watch: Watch, due: float) -> None:
        heappush(self._turns, (due, next(self._order), token, watch))
        self._turn.release()

    async def _read_in_turn(self) -> None:
        while True:
            await self._turn.acquire()
            due, _, token, watch = heappop(self._turns)
            if not watch.planned or due != watch.due or self._watches.get(token) is not watch:
                continue
            watch.planned = False
            if not self._open(token, watch):
                self._watches.pop(token, None)  # that connection is gone; a new one watches anew
                continue
            try:
                await self._read(token, watch)
            except Exception:
                log.exception("a page could not be told of a change")

    async def _read(self, token: str, watch: Watch) -> None:
        """Without routing of its own the event runs as the tab's present connection and page."""
        if self._app is None:
            return
        done = await self._app.event_processor.enqueue(token, Event(name=watch.event))
        await asyncio.wait({done}, timeout=TURN_SECONDS)


def _patience(channel: str, topic: str) -> float:
    """Seconds by which a change may be shown later than a buyer's order of the same moment."""
    if channel == ADMIN_CHANNEL:
        return 2.0
    return 0.0 if topic == ORDER_TOPIC else 1.0


HUB: Final = Hub()
