"""Push: a committed change wakes the pages that show it, and they read their rows again.

One hub per web process hears Redis and knows which browser tab watches which channel. A wake-up
is an ordinary event of the page, so it passes the gate like any other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx
from reflex.event import Event
from reflex_base.constants import RouteVar
from reflex_base.event.context import EventContext
from reflex_base.utils.format import format_event_handler

from nexnum_console.core.events import ADMIN_CHANNEL

log = logging.getLogger(__name__)

# A burst of changes costs one reading at its start and one at its end.
BREATH_SECONDS: Final = 0.15
# Closed tabs are noticed when they would be woken; the ones nobody wakes are swept now and then.
SWEEP_EVERY: Final = 500


@dataclass(slots=True)
class Watch:
    """One connection of one tab: what to wake, and when it may be woken next (loop time).

    It ends with its connection: a new one under the same tab token may be another person's.
    """

    channels: frozenset[str]
    event: str
    connection: str
    next_at: float = 0.0
    every: float = BREATH_SECONDS
    planned: bool = False
    asleep: bool = False


class Hub:
    """Watches by browser tab; a tab has one page, so a new watch replaces the old one."""

    def __init__(self) -> None:
        self._watches: dict[str, Watch] = {}
        self._app: rx.App | None = None
        self._tasks: set[asyncio.Task[None]] = set()

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
        if watch is not None:
            watch.asleep = ADMIN_CHANNEL in watch.channels

    def wake(self) -> None:
        """From a handler: somebody looks again; the page is read at once."""
        token = EventContext.get().token
        watch = self._watches.get(token)
        if watch is not None and watch.asleep:
            watch.asleep = False
            self._wake_soon(token, watch)

    async def run(self, app: rx.App, heard: AsyncIterator[str]) -> None:
        """For the life of the process: hear channel names, and wake who watches them."""
        self._app = app
        async for channel in heard:
            for token, watch in list(self._watches.items()):
                if not channel or channel in watch.channels:
                    self._wake_soon(token, watch)

    def _sweep(self) -> None:
        gone = [token for token, watch in self._watches.items() if not self._open(token, watch)]
        for token in gone:
            del self._watches[token]

    def _open(self, token: str, watch: Watch) -> bool:
        namespace = self._app.event_namespace if self._app else None
        return namespace is not None and namespace.token_to_sid.get(token) == watch.connection

    def _wake_soon(self, token: str, watch: Watch) -> None:
        if watch.planned or watch.asleep:
            return
        loop = asyncio.get_running_loop()
        watch.planned = True
        wait = max(0.0, watch.next_at - loop.time())
        watch.next_at = loop.time() + wait + watch.every
        task = loop.create_task(self._wake(token, watch, wait))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wake(self, token: str, watch: Watch, wait: float) -> None:
        await asyncio.sleep(wait)
        watch.planned = False
        if self._watches.get(token) is not watch or self._app is None:
            return
        if not self._open(token, watch):
            self._watches.pop(token, None)  # that connection is gone; a new one watches anew
            return
        # Without routing of its own the event runs as the tab's present connection and page.
        await self._app.event_processor.enqueue(token, Event(name=watch.event))


HUB: Final = Hub()
