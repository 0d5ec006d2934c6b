"""What HTTP frameworks hide: closing without an answer, half a body, a drip of bytes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Ends = tuple[str, int | None, str, int]
_transports: dict[Ends, asyncio.Transport] = {}
_held: set[asyncio.Transport] = set()


class OpenWire(H11Protocol):
    """uvicorn's protocol, with the transport within reach of the app."""

    @property
    def port(self) -> int | None:
        """The local port the client came in by."""
        return self.server[1] if self.server else None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.server is not None and self.client is not None:
            _transports[(*self.server, *self.client)] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.server is not None and self.client is not None:
            _transports.pop((*self.server, *self.client), None)


def transport_of(scope: Scope) -> asyncio.Transport:
    """The connection's transport; ``KeyError`` unless served through ``OpenWire``."""
    return _transports[(*scope["server"], *scope["client"])]


def drop_held() -> None:
    """Hang up on every client that is kept waiting on purpose."""
    for transport in list(_held):
        transport.abort()


@contextlib.contextmanager
def held(scope: Scope) -> Iterator[None]:
    """The client is kept waiting inside; ``drop_held`` ends it."""
    transport = transport_of(scope)
    _held.add(transport)
    try:
        yield
    finally:
        _held.discard(transport)


async def until_gone(receive: Receive) -> None:
    """Wait until the client has hung up or the connection is closed."""
    while (await receive())["type"] != "http.disconnect":
        continue


class Silence:
    """No answer: the connection closes when the client gives up, or after ``seconds``."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._seconds > 0:
            with contextlib.suppress(TimeoutError, KeyError), held(scope):
                await asyncio.wait_for(until_gone(receive), self._seconds)
        await _hang_up(scope, receive)


class HalfBody:
    """Announces the whole body and closes in the middle of it."""

    def __init__(self, status: int, media: str, body: bytes) -> None:
        self._status, self._media, self._body = status, media, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(_start(self._status, self._media, len(self._body)))
        half = self._body[: len(self._body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _hang_up(scope, receive, flush=True)


class Drip:
    """The whole body, byte by byte; given up after ``limit_seconds`` or when nobody listens."""

    def __init__(
        self, status: int, media: str, body: bytes, seconds_per_byte: float, limit_seconds: float
    ) -> None:
        self._status, self._media, self._body = status, media, body
        self._seconds_per_byte, self._limit = seconds_per_byte, limit_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(_start(self._status, self._media, len(self._body)))
        gone = asyncio.ensure_future(until_gone(receive))
        deadline = asyncio.get_running_loop().time() + self._limit
        for at in range(len(self._body)):
            if gone.done():
                return
            if asyncio.get_running_loop().time() > deadline:
                with contextlib.suppress(KeyError):  # the client was faster
                    transport_of(scope).close()
                await gone
                return
            last = at == len(self._body) - 1
            piece = self._body[at : at + 1]
            await send({"type": "http.response.body", "body": piece, "more_body": not last})
            if not last:
                await asyncio.wait({gone}, timeout=self._seconds_per_byte)
        gone.cancel()


async def _hang_up(scope: Scope, receive: Receive, *, flush: bool = False) -> None:
    with contextlib.suppress(KeyError):  # the client was faster
        transport = transport_of(scope)
        if flush:
            transport.close()
        else:
            transport.abort()
    await until_gone(receive)


def _start(status: int, media: str, length: int) -> dict[str, object]:
    headers = [(b"content-type", media.encode()), (b"content-length", str(length).encode())]
    return {"type": "http.response.start", "status": status, "headers": headers}
