"""Network layers that obey the egress policy and a total deadline, sync and async."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import httpcore
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

from nexnum_console.core.egress import EgressPolicy, checked, resolve

_MAX_ADDRESSES = 3
_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def total_deadline(seconds: float) -> Iterator[None]:
    """Everything this thread reads or writes inside ends ``seconds`` from now, drip or not."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def _left(timeout: float | None, expired: type[Exception]) -> float | None:
    ends = _ends_at.get()
    if ends is None:
        return timeout
    left = ends - time.monotonic()
    if left <= 0:
        raise expired("the total deadline has passed")
    return left if timeout is None else min(left, timeout)


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation is shortened to what is left of the total."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to addresses that passed the policy, and to nothing else."""

    def __init__(self, policy: EgressPolicy) -> None:
        self._policy = policy
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port, _left(timeout, httpcore.ConnectTimeout))
        for tried, address in enumerate(addresses[:_MAX_ADDRESSES], start=1):
            left = _left(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if tried == min(len(addresses), _MAX_ADDRESSES):
                    raise
                continue
            return _DeadlineStream(stream)
        raise httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            return resolve((host.lower(), port), self._policy, timeout)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error


@cache
def tls() -> ssl.SSLContext:
    """The process's TLS context: loading the trust store takes tens of milliseconds."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.HTTPTransport):
    """httpx over GuardedBackend: no proxy, no retry, no HTTP/2."""

    def __init__(self, policy: EgressPolicy, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            retries=0,
            network_backend=GuardedBackend(policy),
        )


class GuardedResolver(AbstractResolver):
    """aiohttp connects to what this returns, without a second lookup."""

    def __init__(self, policy: EgressPolicy) -> None:
        self._policy = policy

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Checked addresses; raises OSError when one of them is not allowed."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        checked([str(entry[4][0]) for entry in found], (host.lower(), port), self._policy)
        return [
            ResolveResult(
                hostname=host,
                host=str(entry[4][0]),
                port=port,
                family=entry[0],
                proto=entry[2],
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for entry in found
        ]

    async def close(self) -> None:
        """Nothing is held."""
