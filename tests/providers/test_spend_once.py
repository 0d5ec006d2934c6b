"""A purchase is sent exactly once whatever breaks: counted by a raw socket that misbehaves.

``sent`` false is said only where no byte of the request can have been read; all else a purchase
meets leaves its outcome unknown, unless the provider said a known no.
"""

from __future__ import annotations

import base64
import logging
import socket
import ssl
import struct
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nexnum_console.core.egress import EgressPolicy
from nexnum_console.providers.client import ProviderClient
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.transport import Transport
from tests.support.wire import Answer, Wire

SECRET = "k3y/with+odd chars&=%"
SPELLINGS = [
    SECRET,
    quote(SECRET),
    quote(SECRET, safe=""),
    quote_plus(SECRET),
    base64.b64encode(SECRET.encode()).decode(),
    base64.b64encode(f":{SECRET}".encode()).decode(),
    "k3y",
    base64.b64encode(b"k3y/").decode().rstrip("="),
]
BOUGHT = b"ACCESS_NUMBER:1:79584123456"
DEADLINE = 1.2


def reply(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


Play = Callable[[socket.socket, int], None]


@pytest.fixture
def raw(wire: Callable[[Answer], Wire]) -> Callable[[Play], Wire]:
    """Makes a server whose ``play`` gets the number of requests read so far."""
    return lambda play: wire(lambda connection, server: play(connection, len(server.requests)))


def wait(seconds: float) -> Play:
    return lambda connection, _: time.sleep(seconds)


def send(*parts: bytes) -> Play:
    def play(connection: socket.socket, _: int) -> None:
        for part in parts:
            connection.sendall(part)

    return play


def send_then(ending: Callable[[socket.socket], Any], *parts: bytes) -> Play:
    def play(connection: socket.socket, number: int) -> None:
        send(*parts)(connection, number)
        time.sleep(0.05)
        ending(connection)

    return play


def close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def drip(connection: socket.socket, _: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    for _count in range(60):
        connection.sendall(b"A")
        time.sleep(0.1)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNKNOWN = {
    "closed without a word": send_then(close),
    "reset without a word": send_then(reset),
    "reset in the status line": send_then(reset, b"HTTP/1.1 20"),
    "reset in the headers": send_then(reset, b"HTTP/1.1 200 OK\r\nContent-"),
    "reset before the body": send_then(reset, b"HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n"),
    "reset in the body": send_then(reset, reply(BOUGHT)[:-5]),
    "closed in the body": send_then(close, reply(BOUGHT)[:-5]),
    "a chunk cut short": send_then(close, CHUNKED + b"1b\r\nACCESS_NUMB"),
    "no last chunk": send_then(close, CHUNKED + b"1b\r\n" + BOUGHT + b"\r\n"),
    "a chunk of no size": send_then(close, CHUNKED + b"zz\r\n" + BOUGHT + b"\r\n0\r\n\r\n"),
    "silence": wait(3),
    "silence after 100": lambda c, n: (c.sendall(b"HTTP/1.1 100 Continue\r\n\r\n"), wait(3)(c, n)),
    "100 and a reset": send_then(reset, b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 without end": send(b"HTTP/1.1 100 Continue\r\n\r\n" * 3000),
    "a drip": drip,
    "500": send(reply(b"oops", status=b"500 Internal Server Error")),
    "502": send(reply(b"<html>bad gateway</html>", status=b"502 Bad Gateway")),
    "502 that asks for another try": send(
        reply(b"busy", b"Retry-After: 0", status=b"502 Bad Gateway")
    ),
    "504": send(reply(b"", status=b"504 Gateway Timeout")),
    "408": send(reply(b"", b"Connection: close", status=b"408 Request Timeout")),
    "425": send(reply(b"", status=b"425 Too Early")),
    "421": send(reply(b"", status=b"421 Misdirected Request")),
    "a page": send(reply(b"<!doctype html><title>Just a moment</title>")),
    "an empty answer": send(reply(b"")),
    "an unknown word": send(reply(b"SOMETHING_NEW")),
    "an HTTP/0.9 answer": send_then(close, BOUGHT),
    "TLS on a plain port": send_then(close, b"\x15\x03\x01\x00\x02\x02\x28"),
    "101": send_then(
        close, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    ),
    "two lengths": send(
        b"HTTP/1.1 200 OK\r\nContent-Length: 27\r\nContent-Length: 5\r\n\r\n" + BOUGHT
    ),
    "broken gzip": send(reply(b"\x1f\x8b\x08nonsense", b"Content-Encoding: gzip")),
}
DECLINED = {
    "no numbers": (send(reply(b"NO_NUMBERS")), "no_numbers"),
    "no numbers, oddly chunked": (
        send(CHUNKED + b"5;x=y\r\nNO_NU\r\n", b"5\r\nMBERS\r\n", b"0\r\nX: y\r\n\r\n"),
        "no_numbers",
    ),
    "no numbers after 100 and 103": (
        send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n", reply(b"NO_NUMBERS")),
        "no_numbers",
    ),
    "429": (send(reply(b"", b"Retry-After: 1", status=b"429 Too Many")), "rate_limited"),
    "307": (send(reply(b"", b"Location: /again", status=b"307 Temporary Redirect")), "bad_request"),
    "308": (send(reply(b"", b"Location: /again", status=b"308 Permanent Redirect")), "bad_request"),
    "302": (send(reply(b"", b"Location: /again", status=b"302 Found")), "bad_request"),
    "401": (
        send(reply(b"", b"WWW-Authenticate: Basic realm=x", status=b"401 Unauthorized")),
        "bad_key",
    ),
    "407": (send(reply(b"", b"Proxy-Authenticate: Basic", status=b"407 Proxy")), None),
}


class Hurried(Transport):
    """Gives every call a second and a bit."""

    def __init__(self, policy: EgressPolicy) -> None:
        super().__init__(policy)

    def send(self, request: Any) -> Any:
        return super().send(replace(request, deadline=DEADLINE))


def buy(compiled: CompiledProvider, server: Wire, transport: Transport) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ProviderClient(compiled, SECRET, transport, server.url).buy("2", "tg", max_price="9")
    return caught.value


@pytest.mark.parametrize("name", ["handler_api", "fivesim"])
@pytest.mark.parametrize("fault", UNKNOWN)
def test_sent_once_and_unknown(
    name: str, fault: str, request: pytest.FixtureRequest, raw: Callable[[Play], Wire]
) -> None:
    server = raw(UNKNOWN[fault])
    began = time.monotonic()
    with Hurried(server.policy) as transport:
        error = buy(request.getfixturevalue(name), server, transport)
    assert time.monotonic() - began < DEADLINE + 2
    assert (error.sent, error.declined) == (True, False), error
    time.sleep(0.1)
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", DECLINED)
def test_sent_once_and_declined(
    handler_api: CompiledProvider, fault: str, raw: Callable[[Play], Wire]
) -> None:
    play, code = DECLINED[fault]
    server = raw(play)
    with Hurried(server.policy) as transport:
        error = buy(handler_api, server, transport)
    assert error.sent
    assert error.declined is (code is not None), error
    assert code is None or error.code == code
    time.sleep(0.1)
    assert len(server.requests) == 1


@pytest.mark.parametrize("ending", [close, reset])
@pytest.mark.parametrize("when", ["as it is sent", "while idle"])
def test_a_kept_alive_connection_that_drops_is_not_replaced_by_a_second_try(
    handler_api: CompiledProvider, raw: Callable[[Play], Wire], ending: Callable, when: str
) -> None:
    """The classic: the server ends an idle connection just as the purchase goes out on it."""

    def play(connection: socket.socket, number: int) -> None:
        if number == 1:
            connection.sendall(reply(b"ACCESS_BALANCE:5"))
            if when == "while idle":
                time.sleep(0.05)
                ending(connection)
        else:
            ending(connection)

    server = raw(play)
    with Hurried(server.policy) as transport:
        client = ProviderClient(handler_api, SECRET, transport, server.url)
        assert client.balance().amount == "5"
        if when == "while idle":
            time.sleep(0.3)
        error = buy(handler_api, server, transport)
    time.sleep(0.1)
    bought = [each for each in server.requests if b"action=getNumber" in each]
    if when == "as it is sent":
        assert (len(bought), error.sent, error.declined) == (1, True, False)
    else:  # seen to be dead beforehand, so a new connection takes the one try
        assert (len(bought), error.sent, error.declined) == (1, True, False)
        assert server.connections == 2


def test_many_purchases_on_failing_connections_are_each_sent_once(
    handler_api: CompiledProvider, raw: Callable[[Play], Wire]
) -> None:
    plays = [send_then(reset), send(reply(b"NO_NUMBERS")), send_then(close, b"HTTP/1.1 2"), reset]

    def play(connection: socket.socket, number: int) -> None:
        chosen = plays[number % 4]
        chosen(connection) if chosen is reset else chosen(connection, number)

    server = raw(play)
    with Hurried(server.policy) as transport:

        def some() -> None:
            for _ in range(10):
                buy(handler_api, server, transport)

        threads = [threading.Thread(target=some) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.requests) == 40


def test_nobody_listens(handler_api: CompiledProvider, raw: Callable[[Play], Wire]) -> None:
    server = raw(send(b""))
    server.close()
    with Hurried(server.policy) as transport:
        error = buy(handler_api, server, transport)
    assert (error.sent, error.declined) == (False, True)


@pytest.mark.parametrize(
    "play",
    [
        send(reply(b"NO_NUMBERS")),
        send_then(reset),
        wait(3),
        send_then(close, b"\x15\x03\x01\x00\x02\x02\x28"),
    ],
)
def test_tls_that_fails_sends_nothing(
    handler_api: CompiledProvider, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key never leaves in the clear, and nothing was bought."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    seen.append(connection.recv(65536))
                    play(connection, 1)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        policy = EgressPolicy(allowed_private=frozenset({("127.0.0.1", port)}))
        with Hurried(policy) as transport:
            client = ProviderClient(handler_api, SECRET, transport, f"https://127.0.0.1:{port}")
            with pytest.raises(ProviderError) as caught:
                client.buy("2", "tg")
        assert (caught.value.sent, caught.value.declined) == (False, True)
        thread.join(5)
    assert not any(each.encode() in b"".join(seen) for each in SPELLINGS)


def test_a_certificate_of_somebody_else_gets_no_key(
    handler_api: CompiledProvider, tmp_path: Any
) -> None:
    certificate = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    with context.wrap_socket(connection, server_side=True) as secure:
                        got.append(secure.recv(65536))
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        policy = EgressPolicy(allowed_private=frozenset({("127.0.0.1", port)}))
        with Hurried(policy) as transport:
            client = ProviderClient(handler_api, SECRET, transport, f"https://127.0.0.1:{port}")
            with pytest.raises(ProviderError) as caught:
                client.buy("2", "tg")
        thread.join(5)
    assert (caught.value.sent, caught.value.declined) == (False, True)
    assert b"".join(got) == b""


@pytest.mark.parametrize("name", ["handler_api", "fivesim"])
def test_the_key_shows_up_nowhere(
    name: str,
    request: pytest.FixtureRequest,
    raw: Callable[[Play], Wire],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Not in a log at the finest level, an error, its chain, its trace with locals, or output."""
    caplog.set_level(logging.DEBUG)
    compiled: CompiledProvider = request.getfixturevalue(name)
    shown: list[str] = []

    def echo(connection: socket.socket, _: int) -> None:
        said = server.requests[-1] + "\n".join(SPELLINGS[:6]).encode()
        connection.sendall(reply(said, b"X-Echo: " + quote(SECRET).encode()))

    for play in [echo, *UNKNOWN.values(), *(play for play, _ in DECLINED.values())]:
        if play in (UNKNOWN["silence"], UNKNOWN["silence after 100"], drip):
            continue  # a time-out each, and nothing of their own to tell
        server = raw(play)
        with Hurried(server.policy) as transport:
            client = ProviderClient(compiled, SECRET, transport, server.url)
            error = buy(compiled, server, transport)
        trace = traceback.TracebackException.from_exception(error)
        shown += [str(error), repr(error), repr(error.args), error.raw, repr(client)]
        shown += [repr(transport), "".join(trace.format()), repr(error.__cause__)]
        assert error.__cause__ is None
        assert error.__suppress_context__
    printed = capfd.readouterr()
    everything = "\n".join([*shown, caplog.text, printed.out, printed.err])
    assert [each for each in SPELLINGS if each in everything] == []
    records = "".join(str(vars(record)) for record in caplog.records)
    assert [each for each in SPELLINGS if each in records] == []


def own_certificate(folder: Any) -> Any:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "own.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return file
