"""Many people with the store open: websocket clients without browsers, in a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final, Self

from reflex_base.utils.format import format_event_handler

from bench.socket_client import HYDRATE, Tab

CONNECT_AT_ONCE: Final = 20
START_SECONDS: Final = 120
STORE: Final = "/store"


class Audience:
    """Connected for the length of a ``with`` block; each has loaded the store as its person."""

    def __init__(self, url: str, cookie: str, tokens: Sequence[str]) -> None:
        self._url = url
        self._cookies = [f"{cookie}={token}" for token in tokens]
        self._tabs: list[Tab] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open = AsyncExitStack()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(START_SECONDS)
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._open.aclose(), self._loop).result(START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def watching(self) -> int:
        """How many have been told something, which a page that loaded has."""
        return sum(1 for tab in self._tabs if tab.heard)

    async def _start(self) -> None:
        gate = asyncio.Semaphore(CONNECT_AT_ONCE)

        async def come(cookie: str) -> None:
            async with gate:
                tab = await self._open.enter_async_context(Tab(self._url, cookie))
                await tab.send(HYDRATE, STORE)
                await tab.send(_load(), STORE)
                await tab.quiet(0.2)
                self._tabs.append(tab)

        await asyncio.gather(*(come(cookie) for cookie in self._cookies))


def _load() -> str:
    from nexnum_console.ui.store.buy.state import StoreState  # noqa: PLC0415  needs settings

    return format_event_handler(StoreState.load)  # type: ignore[arg-type]
