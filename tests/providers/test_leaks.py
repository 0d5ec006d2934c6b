"""Measured at a listening socket: whatever an address says, nothing of ours arrives there.

Every vector goes out through the real transports, the one that buys and the one that polls. The
name server lies, the ports are allowed, and only the address guard stands between.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import httpcore
import pytest

from nexnum_console.core.egress import EgressPolicy
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.request import Request, address_of, build
from nexnum_console.providers.transport import ReadTransport, Transport
from tests.support.loops import finish
from tests.support.wire import Wire, http, says

SECRET = "s3cr3t-key"
REAL_LOOKUP = socket.getaddrinfo

# {p} is the port somebody listens on, at 127.0.0.1 and ::1.
VECTORS = [
    "http://127.0.0.1:{p}/",
    "https://127.0.0.1:{p}/",
    "http://127.0.0.2:{p}/",
    "http://127.1:{p}/",
    "http://127.0.1:{p}/",
    "http://2130706433:{p}/",
    "http://0x7f000001:{p}/",
    "http://0x7f.0.0.1:{p}/",
    "http://0x7F.0x0.0x0.0x1:{p}/",
    "http://0177.0.0.1:{p}/",
    "http://017700000001:{p}/",
    "http://00000177.0.0.1:{p}/",
    "http://127.0.0.1.:{p}/",
    "http://127.0x1:{p}/",
    "http://0:{p}/",
    "http://0.0.0.0:{p}/",
    "http://[::1]:{p}/",
    "http://[0:0:0:0:0:0:0:1]:{p}/",
    "http://[::]:{p}/",
    "http://[::ffff:127.0.0.1]:{p}/",
    "http://[::ffff:7f00:1]:{p}/",
    "http://[::ffff:0:7f00:1]:{p}/",
    "http://[::127.0.0.1]:{p}/",
    "http://[64:ff9b::7f00:1]:{p}/",
    "http://[64:ff9b:1::7f00:1]:{p}/",
    "http://[2002:7f00:1::]:{p}/",
    "http://[2001:0:7f00:1::]:{p}/",
    "http://[::1%25lo]:{p}/",
    "http://[::1%lo]:{p}/",
    "http://[fe80::1%25lo]:{p}/",
    "http://[fd00:ec2::254]:{p}/",
    "http://[fc00::1]:{p}/",
    "http://[ff02::1]:{p}/",
    "http://[100::1]:{p}/",
    "http://169.254.169.254:{p}/latest/meta-data/",
    "http://100.100.100.200:{p}/latest/meta-data/",
    "http://192.168.0.1:{p}/",
    "http://224.0.0.1:{p}/",
    "http://255.255.255.255:{p}/",
    "http://localhost:{p}/",
    "http://LOCALHOST:{p}/",
    "http://localhost.:{p}/",
    "http://localhost.localdomain:{p}/",
    "http://metadata.google.internal:{p}/",
    "http://metadata:{p}/",
    "http://127.0.0.1.nip.io:{p}/",
    "http://evil.example:{p}/",
    "http://evil.example.:{p}/",
    "https://evil.example:{p}/",
    "http://user@127.0.0.1:{p}/",
    "http://user:key@127.0.0.1:{p}/",
    "http://good.example@127.0.0.1:{p}/",
    "http://good.example:80@127.0.0.1:{p}/",
    "http://good.example%2f@127.0.0.1:{p}/",
    "http://good.example\\@127.0.0.1:{p}/",
    "http://127.0.0.1:{p}\\@good.example/",
    "http://good.example#@127.0.0.1:{p}/",
    "http://good.example?@127.0.0.1:{p}/",
    "http:\\\\127.0.0.1:{p}\\",
    "http:127.0.0.1:{p}",
    "http:///127.0.0.1:{p}/",
    "//127.0.0.1:{p}/",
    "/127.0.0.1:{p}/",
    "127.0.0.1:{p}",
    "http://①②⑦.⓪.⓪.①:{p}/",
    "http://127。0。0。1:{p}/",
    "http://127．0．0．1:{p}/",
    "http://１２７.0.0.1:{p}/",
    "http://ⓛocalhost:{p}/",
    "http://loc\u00adalhost:{p}/",
    "http://127.0.0.1\r\n:{p}/",
    "http://127.0.0.1:{p}/\r\nHost: good.example\r\n\r\n",
    "http://12\t7.0.0.1:{p}/",
    "http://127.0.0.1\x00.good.example:{p}/",
    "http://127.0.0.1%00.good.example:{p}/",
    "http://127.0.0.1%2egood.example:{p}/",
    "ftp://127.0.0.1:{p}/",
    "gopher://127.0.0.1:{p}/_GET",
    "dict://127.0.0.1:{p}/",
    "file:///etc/passwd",
    "file://127.0.0.1:{p}/etc/passwd",
    "ws://127.0.0.1:{p}/",
    "http+unix://%2ftmp%2fx:{p}/",
    "javascript://127.0.0.1:{p}/",
    "data:text/plain,127.0.0.1:{p}",
    "",
]


@pytest.fixture
def trap(wire: Callable[..., Wire], monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A listener that must see nobody, and a name server that leads every name to it."""
    listener = wire(says("ACCESS_BALANCE:1"))
    with socket.create_server(("::1", listener.port), family=socket.AF_INET6) as six:
        six.settimeout(0.01)

        def lie(host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
            return REAL_LOOKUP("127.0.0.1", port, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", lie)
        yield listener
        with pytest.raises(TimeoutError):
            six.accept()


def to(compiled: CompiledProvider, url: str, operation: str = "status") -> Request:
    variables = {"country": "2", "service": "tg", "id": "1"}
    return replace(build(compiled, operation, variables, SECRET), url=url, deadline=2.0)


def policy(port: int) -> EgressPolicy:
    """As lenient as a policy can be: plain http, and the listener's port is a usual one."""
    return EgressPolicy(allow_http=True, ports=frozenset({80, 443, port}))


def test_no_vector_reaches_the_listener(handler_api: CompiledProvider, trap: Wire) -> None:
    assert len(VECTORS) >= 60
    lenient = policy(trap.port)
    urls = [vector.replace("{p}", str(trap.port)) for vector in VECTORS]
    refused = []
    with Transport(lenient) as transport:
        for url in urls:
            with pytest.raises(ProviderError) as caught:
                transport.send(to(handler_api, url, "buy"))
            refused.append((url, caught.value.sent))

    async def read() -> None:
        reads = ReadTransport(lenient)
        for url in urls:
            with pytest.raises(ProviderError) as caught:
                await reads.send(to(handler_api, url))
            refused.append((url, caught.value.sent))
        await reads.aclose()

    finish(read())
    assert [url for url, sent in refused if sent] == []
    assert (trap.connections, trap.requests) == (0, [])


def test_the_listener_does_listen(handler_api: CompiledProvider, trap: Wire) -> None:
    """The same call with the guard told to let it pass: so the test above can fail."""
    allowed = EgressPolicy(allowed_private=frozenset({("evil.example", trap.port)}))
    url = f"http://evil.example:{trap.port}/"
    with Transport(allowed) as transport:
        assert transport.send(to(handler_api, url)).status == 200

    async def read() -> int:
        reads = ReadTransport(allowed)
        reply = await reads.send(to(handler_api, url))
        await reads.aclose()
        return reply.status

    assert finish(read()) == 200
    assert trap.connections == 2


@pytest.mark.parametrize("port", [22, 25, 53, 6379, 5432, 11211, 0, 65535])
@pytest.mark.parametrize("host", ["evil.example", "8.8.8.8"])
def test_only_usual_ports_are_dialled(
    handler_api: CompiledProvider, monkeypatch: pytest.MonkeyPatch, host: str, port: int
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was looked up"))
    with (
        Transport(EgressPolicy(allow_http=True)) as transport,
        pytest.raises(ProviderError, match="port") as caught,
    ):
        transport.send(to(handler_api, f"http://{host}:{port}/"))
    assert not caught.value.sent


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:{p}/", "http://u:k@127.0.0.1:{p}/", "//127.0.0.1:{p}/x"]
)
def test_no_redirect_is_followed(
    handler_api: CompiledProvider, wire: Callable[..., Wire], status: int, where: str
) -> None:
    """Not even to a place that would be allowed, and the key goes nowhere."""
    other = wire(says("ACCESS_BALANCE:1"))
    location = where.replace("{p}", str(other.port))
    first = wire(says("", status, {"Location": location, "Refresh": f"0; url={location}"}))
    both = EgressPolicy(
        allowed_private=frozenset({("127.0.0.1", first.port), ("127.0.0.1", other.port)})
    )
    with Transport(both) as transport:
        assert transport.send(to(handler_api, f"{first.url}/", "buy")).status == status

    async def read() -> int:
        reads = ReadTransport(both)
        reply = await reads.send(to(handler_api, f"{first.url}/"))
        await reads.aclose()
        return reply.status

    assert finish(read()) == status
    assert (len(first.requests), other.connections) == (2, 0)


def test_the_answer_that_was_checked_is_the_one_that_is_dialled(
    handler_api: CompiledProvider, monkeypatch: pytest.MonkeyPatch, wire: Callable[..., Wire]
) -> None:
    """Rebinding: public when looked up, loopback a moment later."""
    listener = wire(says("ACCESS_BALANCE:1"))
    answers, dialled = cycle(["93.184.216.34", "127.0.0.1"]), []

    def look_up(host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return REAL_LOOKUP(next(answers), port, *args, **kwargs)

    def dial(self: Any, host: str, *args: Any, **kwargs: Any) -> Any:
        dialled.append(host)
        raise httpcore.ConnectError("nobody leaves a test")

    async def dial_async(self: Any, sock: socket.socket, address: tuple[Any, ...]) -> None:
        dialled.append(address[0])
        raise ConnectionRefusedError("nobody leaves a test")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", dial)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", dial_async)
    lenient = policy(listener.port)
    url = f"http://rebind.example:{listener.port}/"
    with Transport(lenient) as transport, pytest.raises(ProviderError):
        transport.send(to(handler_api, url))
    next(answers)

    async def read() -> None:
        reads = ReadTransport(lenient)
        with pytest.raises(ProviderError):
            await reads.send(to(handler_api, url))
        await reads.aclose()

    finish(read())
    assert set(dialled) == {"93.184.216.34"}
    assert listener.connections == 0


@pytest.mark.parametrize(
    "base",
    [
        "https://api.example",
        "https://api.example/",
        "https://api.example/v1",
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/x",
        "http://evil.example",
        ".evil.example/x",
        "@evil.example/x",
        ":80@evil.example/x",
        ":8443/x",
        "\\\\evil.example\\x",
        "evil.example",
        "javascript:x",
    ],
)
def test_no_path_leads_away_from_the_base_host(
    handler_api: CompiledProvider, base: str, path: str
) -> None:
    """Whatever slipped past the checks of a config: the last step looks once more."""
    with pytest.raises(ProviderError, match="leads away") as caught:
        address_of("test", base, path)
    assert not caught.value.sent


@pytest.mark.parametrize(
    "path", ["", "/x", "?a=1", "/x//y", "/x:y", "//evil.example/x", "/https://x", "/@x"]
)
def test_paths_on_the_base_host_stay(path: str) -> None:
    assert urlsplit(address_of("test", "https://api.example/v1", path)).netloc == "api.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-A", "a\r\nX-B: c"), ("X-A", "a\nb"), ("X-A", "a\x00b"), ("X\r\nY", "a"), ("X-A", "ключ")],
)
def test_headers_smuggle_nothing(
    handler_api: CompiledProvider, wire: Callable[..., Wire], name: str, value: str
) -> None:
    listener = wire(says("ACCESS_BALANCE:1"))
    request = replace(
        to(handler_api, f"{listener.url}/", "buy"), headers={name: value, "Accept-Encoding": "gzip"}
    )
    with Transport(listener.policy) as transport, pytest.raises(ProviderError) as caught:
        transport.send(request)
    assert not caught.value.sent
    assert caught.value.declined
    assert listener.requests == []

    async def read() -> None:
        reads = ReadTransport(listener.policy)
        with pytest.raises(ProviderError) as async_caught:
            await reads.send(replace(request, effect="read"))
        await reads.aclose()
        assert not async_caught.value.sent

    finish(read())
    assert listener.requests == []


def test_a_reply_cannot_make_us_keep_a_foreign_cookie_or_alternate_service(
    handler_api: CompiledProvider, wire: Callable[..., Wire]
) -> None:
    other = wire(says("x"))
    headers = {"Set-Cookie": "a=b", "Alt-Svc": f'h2="127.0.0.1:{other.port}"'}
    first = wire(lambda connection, _: connection.sendall(http("ok", 200, headers)))
    with Transport(first.policy) as transport:
        for _ in range(2):
            transport.send(to(handler_api, f"{first.url}/"))
    assert b"cookie" not in b"".join(first.requests).lower()
    assert other.connections == 0
