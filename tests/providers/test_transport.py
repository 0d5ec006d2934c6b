"""At the socket: a spend goes out once whatever breaks, nothing escapes the deadline or the caps,
and the key shows up nowhere."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import pytest

from nexnum_console.core.egress import EgressPolicy
from nexnum_console.providers.body import Reply
from nexnum_console.providers.client import AsyncProviderClient, ProviderClient
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.request import Request, build
from nexnum_console.providers.transport import ReadTransport, Transport
from tests.support.loops import finish
from tests.support.wire import Wire, http, says

SECRET = "s3cr3t/+ key"
MakeWire = Callable[..., Wire]


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def drop(connection: socket.socket, wire: Wire) -> None:
    connection.close()


def half_then_reset(connection: socket.socket, wire: Wire) -> None:
    connection.sendall(http("ACCESS_NUMBER:1:795", length=35))
    time.sleep(0.05)
    reset(connection)


def silence(connection: socket.socket, wire: Wire) -> None:
    wire.stopped.wait(5)


def drip_body(connection: socket.socket, wire: Wire) -> None:
    connection.sendall(http("", length=10_000))
    while not wire.stopped.wait(0.05):
        connection.sendall(b"x")


def drip_head(connection: socket.socket, wire: Wire) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not wire.stopped.wait(0.05):
        connection.sendall(b"X-A: b\r\n")


def garbage(connection: socket.socket, wire: Wire) -> None:
    connection.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    connection.close()


def answer_then_drop_the_next(connection: socket.socket, wire: Wire) -> None:
    if len(wire.requests) == 1:
        connection.sendall(http("ACCESS_NUMBER:1:79584123456"))
    else:
        connection.close()


def request(
    compiled: CompiledProvider, wire: Wire, operation: str = "buy", **changes: object
) -> Request:
    variables = {"country": "2", "service": "tg", "id": "1"}
    built = build(compiled, operation, variables, SECRET, wire.url)
    return replace(built, **{"deadline": 1.0, **changes})


class Hurried(Transport):
    """A transport that gives every call one second."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.on_exchange = None

    def send(self, request: Request) -> Reply:
        return self.inner.send(replace(request, deadline=1.0))


BREAKS = [
    drop,
    half_then_reset,
    silence,
    drip_body,
    drip_head,
    garbage,
    says("oops", 500),
    says("", 200),
    says("", 302, {"Location": "http://127.0.0.1:1/"}),
    says(b"\x00" * 100, 200, {"Content-Encoding": "gzip"}),
    says(gzip.compress(b"x" * 100)[:-9], 200, {"Content-Encoding": "gzip"}),
    says("x", 200, {"Content-Encoding": "br"}),
]


@pytest.mark.parametrize("answer", BREAKS)
def test_a_spend_is_sent_exactly_once(
    handler_api: CompiledProvider, wire: MakeWire, answer: Callable
) -> None:
    carrier = wire(answer)
    began = time.monotonic()
    with Transport(carrier.policy) as transport:
        client = ProviderClient(handler_api, SECRET, Hurried(transport), carrier.url)
        with pytest.raises(ProviderError) as caught:
            client.buy("2", "tg")
    assert caught.value.sent
    assert caught.value.declined is (caught.value.code == "bad_request")
    assert time.monotonic() - began < 3
    time.sleep(0.2)
    assert len(carrier.requests) == 1


def test_a_dropped_kept_alive_connection_is_not_sent_again(
    handler_api: CompiledProvider, wire: MakeWire
) -> None:
    carrier = wire(answer_then_drop_the_next)
    with Transport(carrier.policy) as transport:
        assert transport.send(request(handler_api, carrier)).status == 200
        with pytest.raises(ProviderError) as caught:
            transport.send(request(handler_api, carrier))
    assert not caught.value.declined
    assert (len(carrier.requests), carrier.connections) == (2, 1)


def test_nothing_listens_so_nothing_was_sent(handler_api: CompiledProvider, wire: MakeWire) -> None:
    carrier = wire(drop)
    carrier.close()
    with Transport(carrier.policy) as transport, pytest.raises(ProviderError) as caught:
        transport.send(request(handler_api, carrier))
    assert not caught.value.sent
    assert caught.value.declined


@pytest.mark.parametrize("answer", [silence, drip_body, drip_head])
def test_the_deadline_is_total(
    handler_api: CompiledProvider, wire: MakeWire, answer: Callable
) -> None:
    carrier = wire(answer)
    began = time.monotonic()
    with (
        Transport(carrier.policy) as transport,
        pytest.raises(ProviderError, match=r"within 0\.5 s"),
    ):
        transport.send(request(handler_api, carrier, deadline=0.5))
    assert time.monotonic() - began < 1.0

    async def read() -> None:
        transport = ReadTransport(carrier.policy)
        try:
            await transport.send(request(handler_api, carrier, "status", deadline=0.5))
        finally:
            await transport.aclose()

    began = time.monotonic()
    with pytest.raises(ProviderError, match=r"within 0\.5 s"):
        finish(read())
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_over_its_cap_is_not_kept(
    handler_api: CompiledProvider, wire: MakeWire, packed: bool
) -> None:
    size = 100 * 1024 * 1024
    if packed:
        carrier = wire(says(gzip.compress(bytes(size), 1), 200, {"Content-Encoding": "gzip"}))
    else:
        chunk = bytes(1 << 20)

        def flood(connection: socket.socket, _: Wire) -> None:
            connection.sendall(http("", length=size))
            for _count in range(100):
                connection.sendall(chunk)

        carrier = wire(flood)
    tracemalloc.start()
    try:
        with Transport(carrier.policy) as transport, pytest.raises(ProviderError) as caught:
            transport.send(request(handler_api, carrier, deadline=10.0))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == "parse_error"
    assert not caught.value.declined
    assert peak < 64 * 1024 * 1024


def test_gzip_is_opened_and_cookies_are_forgotten(
    handler_api: CompiledProvider, wire: MakeWire
) -> None:
    packed = gzip.compress(b"ACCESS_BALANCE:1.50")
    carrier = wire(says(packed, 200, {"Content-Encoding": "gzip", "Set-Cookie": "sid=1; Path=/"}))
    with Transport(carrier.policy) as transport:
        client = ProviderClient(handler_api, SECRET, transport, carrier.url)
        assert (client.balance().amount, client.balance().currency) == ("1.50", "USD")
    assert b"cookie" not in b"".join(carrier.requests).lower()


def test_proxies_of_the_environment_are_ignored(
    handler_api: CompiledProvider, wire: MakeWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    carrier = wire(says("ACCESS_BALANCE:1"))
    with Transport(carrier.policy) as transport:
        assert ProviderClient(handler_api, SECRET, transport, carrier.url).balance().amount == "1"


def test_an_address_outside_the_policy_is_never_dialled(
    handler_api: CompiledProvider, wire: MakeWire
) -> None:
    carrier = wire(says("ACCESS_BALANCE:1"))
    for policy in (EgressPolicy(), EgressPolicy(allow_http=True)):
        with Transport(policy) as transport, pytest.raises(ProviderError) as caught:
            transport.send(request(handler_api, carrier))
        assert caught.value.declined
    assert carrier.connections == 0


def test_redirects_are_answers(handler_api: CompiledProvider, wire: MakeWire) -> None:
    carrier = wire(says("", 302, {"Location": "/elsewhere"}))
    with Transport(carrier.policy) as transport, pytest.raises(ProviderError) as caught:
        ProviderClient(handler_api, SECRET, transport, carrier.url).status("1")
    assert caught.value.code == "bad_request"
    assert len(carrier.requests) == 1


@pytest.mark.parametrize("operation", ["buy", "cancel", "finish", "resend"])
def test_the_read_transport_refuses_what_is_not_a_read(
    handler_api: CompiledProvider, wire: MakeWire, operation: str
) -> None:
    carrier = wire(says("ACCESS_CANCEL"))

    async def send() -> None:
        transport = ReadTransport(carrier.policy)
        try:
            await transport.send(request(handler_api, carrier, operation))
        finally:
            await transport.aclose()

    with pytest.raises(ProviderError) as caught:
        finish(send())
    assert not caught.value.sent
    assert carrier.connections == 0


def test_the_read_transport_reads(handler_api: CompiledProvider, wire: MakeWire) -> None:
    carrier = wire(says("STATUS_OK:4821", 200, {"Set-Cookie": "sid=1"}))
    seen: list[tuple] = []

    async def poll() -> list[str | None]:
        transport = ReadTransport(carrier.policy, lambda *event: seen.append(event))
        client = AsyncProviderClient(handler_api, SECRET, transport, carrier.url)
        try:
            return [report.code for report in await asyncio.gather(*map(client.status, "123"))]
        finally:
            await transport.aclose()

    assert finish(poll()) == ["4821"] * 3
    assert [event[:3] for event in seen] == [("sms_activate", "status", "ok")] * 3
    assert b"cookie" not in b"".join(carrier.requests).lower()


@pytest.mark.parametrize("name", ["fivesim", "handler_api"])
def test_the_key_is_nowhere(
    name: str,
    request: pytest.FixtureRequest,
    wire: MakeWire,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    compiled: CompiledProvider = request.getfixturevalue(name)

    def echo(connection: socket.socket, carrier: Wire) -> None:
        connection.sendall(http(carrier.requests[-1] + SECRET.encode(), 418))

    carrier, closed = wire(echo), wire(drop)
    closed.close()
    spellings = (SECRET, "s3cr3t", "czNjcjN0")
    with Transport(carrier.policy) as transport:
        for target in (carrier.url, closed.url, "http://10.0.0.1"):
            client = ProviderClient(compiled, SECRET, transport, target)
            with pytest.raises(ProviderError) as caught:
                client.buy("england", "tg", max_price="1.00")
            shown = f"{caught.value!s} {caught.value!r} {caught.value.raw} {client!r}"
            chain = f"{caught.value.__cause__!r} {caught.value.__suppress_context__}"
            assert "None True" in chain
            assert not [each for each in spellings if each in shown + chain]
    assert not [each for each in spellings if each in caplog.text]
    built = build(compiled, "balance", {}, SECRET)
    assert SECRET not in repr(built)


def test_an_observer_that_fails_breaks_no_sale(
    handler_api: CompiledProvider, wire: MakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    carrier = wire(says("ACCESS_NUMBER:1:79584123456"))

    def fail(*_: object) -> None:
        raise RuntimeError("metrics are down")

    with Transport(carrier.policy, fail) as transport:
        bought = ProviderClient(handler_api, SECRET, transport, carrier.url).buy("2", "tg")
    assert bought.phone == "+79584123456"
    assert "metrics are down" in caplog.text
