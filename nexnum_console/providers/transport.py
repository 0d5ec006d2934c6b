"""Sends requests: once, within a total deadline and byte caps, only where the policy allows.

A refusal before anything was sent carries ``sent=False``; everything after the connection stood
carries ``sent=True``, because nobody can say what the provider did with it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Final

import aiohttp
import httpx
from yarl import URL

from nexnum_console.core.egress import EgressPolicy, EgressRefused, check_url
from nexnum_console.core.guarded_sockets import (
    GuardedResolver,
    GuardedTransport,
    tls,
    total_deadline,
)
from nexnum_console.providers.body import Reply
from nexnum_console.providers.decoding import TooLarge, Undecodable, decoded, in_shape
from nexnum_console.providers.errors import Code, ProviderError
from nexnum_console.providers.redaction import redact
from nexnum_console.providers.request import Request

# provider, operation, outcome (“ok” or an error code), seconds
Observer = Callable[[str, str, str, float], None]

# Of an answer; both libraries' mappings of header names, which they do not tell apart by case.
Headers = Mapping[str, str]

USER_AGENT: Final = "NexNum-Console"
_SAID: Final = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)
# Each call has its own total deadline.
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")

_log = logging.getLogger(__name__)


class _NoUrls(logging.Filter):
    """httpx logs every URL at INFO, and half of all providers take the key in the query."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop the lines that tell a request's URL."""
        return not str(record.msg).startswith("HTTP Request")


logging.getLogger("httpx").addFilter(_NoUrls())
# At its finest it logs what came back, and a redirect or an echo holds the key.
logging.getLogger("httpcore").setLevel(logging.INFO)


class Exchanges:
    """What both transports share: the policy and who listens."""

    def __init__(self, policy: EgressPolicy, on_exchange: Observer | None) -> None:
        self.policy = policy
        self.on_exchange = on_exchange

    def report(self, provider: str, operation: str, outcome: str, seconds: float) -> None:
        """Tell the observer; its own faults are logged and never break a sale."""
        if self.on_exchange is None:
            return
        try:
            self.on_exchange(provider, operation, outcome, seconds)
        except Exception:  # noqa: BLE001 - instrumentation must never break a sale
            _log.exception("the exchange observer failed")

    def admit(self, request: Request) -> None:
        """Raise ProviderError unless the policy allows the URL and every header can be sent."""
        for name, value in request.headers.items():
            if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
                what = f"the header “{name[:40]!a}” holds what a header may not (ASCII, one line)"
                raise failure(request, what, sent=False, code=Code.BAD_REQUEST)
        try:
            check_url(request.url, self.policy)
        except EgressRefused as error:
            raise failure(request, f"the call was refused: {error}", sent=False) from None


class Transport(Exchanges):
    """Synchronous, plain httpx: for spends and releases, and wherever no event loop runs.

    Threads may share one. Nothing is ever sent twice.
    """

    def __init__(
        self, policy: EgressPolicy, on_exchange: Observer | None = None, connections: int = 64
    ) -> None:
        super().__init__(policy, on_exchange)
        # httpx's own transport: its client would add cookies, redirects and a log of every URL.
        self._transport = GuardedTransport(policy, connections)

    def send(self, request: Request) -> Reply:
        """The answer, whatever its status; raises ProviderError when there is none."""
        self.admit(request)
        try:
            with total_deadline(request.deadline):
                return self._exchange(request)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise lost(request, error) from None

    def _exchange(self, request: Request) -> Reply:
        headers = httpx.Headers(_SAID)
        headers.update(request.headers)
        response = self._transport.handle_request(
            httpx.Request(
                request.method,
                request.url,
                headers=headers,
                content=request.content,
                extensions=self._extensions(request),
            )
        )
        try:
            raw = _collected(request, response.iter_raw())
        finally:
            response.close()
        return answer(request, response.status_code, response.headers, raw)

    def _extensions(self, request: Request) -> dict[str, Any]:
        return {"timeout": httpx.Timeout(request.deadline).as_dict()}

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ReadTransport(Exchanges):
    """Asynchronous, aiohttp itself: fast, but it may re-send, so it takes reads alone.

    Belongs to the event loop that first uses it.
    """

    def __init__(
        self, policy: EgressPolicy, on_exchange: Observer | None = None, connections: int = 256
    ) -> None:
        super().__init__(policy, on_exchange)
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Reply:
        """The answer, whatever its status; raises ProviderError when there is none, and for
        anything that is not a read."""
        if request.effect != "read":
            what = f"“{request.operation}” is a {request.effect}, and this way may send twice"
            raise failure(request, what, sent=False)
        self.admit(request)
        try:
            async with asyncio.timeout(request.deadline):
                return await self._exchange(request)
        except (aiohttp.ClientError, ValueError, OSError) as error:
            raise lost(request, error) from None

    async def _exchange(self, request: Request) -> Reply:
        if self._session is None:
            self._session = self._open()
        async with self._session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=request.headers,
            data=request.content or None,
            allow_redirects=False,
        ) as response:
            raw = await _collected_async(request, response.content.iter_any())
        return answer(request, response.status, response.headers, raw)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self.policy),
            ssl=tls(),
            limit=self._connections,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=_NO_TIMEOUT,
            headers=_SAID,
        )


def failure(
    request: Request, message: str, *, sent: bool, code: Code = Code.PROVIDER_UNAVAILABLE
) -> ProviderError:
    """A typed error without the secret."""
    return ProviderError(code, redact(f"{request.provider}: {message}", request.secret), sent=sent)


def lost(request: Request, error: Exception) -> ProviderError:
    """The error of a call that ended without an answer."""
    reason = str(error) or type(error).__name__
    if isinstance(error, _NOT_SENT):
        return failure(request, f"no connection, nothing was sent ({reason})", sent=False)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        reason = f"no complete answer within {request.deadline:g} s"
    return failure(request, f"the call was cut off: {reason}", sent=True)


def answer(request: Request, status: int, headers: Headers, raw: bytes) -> Reply:
    """The reply, opened; raises ProviderError where its encoding is broken or a bomb."""
    encoding = headers.get("content-encoding", "")
    try:
        body = in_shape(decoded(raw, encoding, request.max_bytes))
    except (TooLarge, Undecodable) as error:
        raise failure(request, str(error), sent=True, code=Code.PARSE_ERROR) from None
    told: dict[str, str] = {}
    for spelt, value in headers.items():
        name = spelt.lower()
        told[name] = f"{told[name]}, {value}" if name in told else value
    return Reply(status, told, body)


def _collected(request: Request, chunks: Iterator[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += _within(request, len(body), chunk)
    return bytes(body)


async def _collected_async(request: Request, chunks: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += _within(request, len(body), chunk)
    return bytes(body)


def _within(request: Request, size: int, chunk: bytes) -> bytes:
    if size + len(chunk) > request.max_bytes:
        message = f"the answer is longer than {request.max_bytes} bytes"
        raise failure(request, message, sent=True, code=Code.PARSE_ERROR)
    return chunk
