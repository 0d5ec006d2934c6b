"""Listening ports of single carriers, closed and opened by the ``refuse`` fault."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from random import Random
from typing import Protocol

from nexnum_console.sandbox.faults import FaultBook
from nexnum_console.sandbox.wire import OpenWire

BACKLOG = 2048
# With a rate below 1 a coin decides anew for each slice of this length, seconds.
SLICE_SECONDS = 0.5

log = logging.getLogger("sandbox")


class Guarded(Protocol):
    """The carrier behind a door."""

    own_port: int | None
    faults: FaultBook


class Door:
    """A carrier's own port. It is closed while ``refuse`` strikes: TCP itself says no."""

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        *,
        carrier: Callable[[], Guarded],
        protocol: Callable[[], OpenWire],
        connections: Callable[[], list[OpenWire]],
    ) -> None:
        self._host, self._port = host, port
        self._carrier, self._protocol, self._connections = carrier, protocol, connections
        self._coin = Random(f"door:{name}")
        self._listener: asyncio.Server | None = None
        self._moving = asyncio.Lock()

    async def open(self) -> None:
        """Listen; ``OSError`` when the port cannot be had."""
        if self._listener is not None:
            return
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._protocol, self._host, self._port, backlog=BACKLOG
        )
        self._port = self._listener.sockets[0].getsockname()[1]
        self._carrier().own_port = self._port

    def close(self) -> None:
        """Refuse from now on; kept-alive connections end with their present answer."""
        if self._listener is None:
            return
        self._listener.close()
        self._listener = None
        for connection in self._connections():
            if connection.port == self._port:
                connection.shutdown()

    async def follow(self) -> None:
        """Open or closed as the fault says for this moment."""
        async with self._moving:
            if self._coin.random() < self._carrier().faults.rate("refuse"):
                self.close()
                return
            try:
                await self.open()
            except OSError as error:
                log.warning("port %d cannot be opened again: %s", self._port, error)
