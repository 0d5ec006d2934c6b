"""Where calls may not go: every disguise of a private address, and what stays allowed."""

from __future__ import annotations

import ipaddress
import socket
import threading
from itertools import cycle
from typing import Any

import httpcore
import pytest

from nexnum_console.core.egress import EgressPolicy, EgressRefused, check_url, is_public, resolve
from nexnum_console.core.guarded_sockets import GuardedBackend, GuardedResolver
from tests.support.loops import finish

OPEN = EgressPolicy(allow_http=True)
SANDBOX = EgressPolicy(allowed_private=frozenset({("127.0.0.1", 8123)}))

REFUSED_HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "10.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "user@example.com",
    "key:secret@example.com",
    "example.com@127.0.0.1",
    "example.com\\@127.0.0.1",
    "",
    "exa mple.com",
    "-x.example.com",
    "①②⑦.⓪.⓪.①",
    "example.com:99999",
    "example.com:22",
    "example.com:6379",
]


@pytest.mark.parametrize("host", REFUSED_HOSTS)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_refused_host_stays_refused_under_either_scheme(scheme: str, host: str) -> None:
    with pytest.raises(EgressRefused):
        check_url(f"{scheme}://{host}/x", OPEN)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.com/",
        "ftp://example.com",
        "//example.com",
        "example.com",
        "unix:/run/x",
        "data:text/plain,x",
        "http://example.com",
    ],
)
def test_only_https(url: str) -> None:
    with pytest.raises(EgressRefused):
        check_url(url, EgressPolicy())


def test_public_targets_are_allowed() -> None:
    assert check_url("https://5sim.net/v1", EgressPolicy()) == ("5sim.net", 443)
    assert check_url("http://5sim.net", OPEN) == ("5sim.net", 80)
    assert check_url("https://1.1.1.1/", EgressPolicy()) == ("1.1.1.1", 443)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8124/",
        "http://127.0.0.2:8123/",
        "http://localhost:8123/",
        "http://127.1:8123/",
        "http://[::1]:8123/",
        "http://127.0.0.1/",
    ],
)
def test_the_sandbox_exception_is_exact(url: str) -> None:
    assert check_url("http://127.0.0.1:8123/x", SANDBOX) == ("127.0.0.1", 8123)

    def reach() -> None:
        resolve(check_url(url, SANDBOX), SANDBOX, 5)

    with pytest.raises(EgressRefused):
        reach()


def answers(*addresses: str) -> Any:
    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list:
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]

    return getaddrinfo


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("93.184.216.34", "10.0.0.1"),
        ("::ffff:10.0.0.1",),
        ("64:ff9b::a00:1",),
        ("169.254.169.254",),
        (),
    ],
)
@pytest.mark.parametrize("name", ["evil.example", "localhost.", "127.0.0.1.nip.io"])
def test_every_address_of_a_name_must_be_public(
    monkeypatch: pytest.MonkeyPatch, name: str, addresses: tuple[str, ...]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers(*addresses))
    with pytest.raises(EgressRefused):
        resolve((name, 443), EgressPolicy(), 5)
    with pytest.raises(httpcore.ConnectError):
        GuardedBackend(EgressPolicy()).connect_tcp(name, 443, timeout=5)
    with pytest.raises(OSError):  # noqa: PT011 - aiohttp takes any OSError as a failed lookup
        finish(GuardedResolver(EgressPolicy()).resolve(name, 443, socket.AF_UNSPEC))


def test_the_connection_goes_to_the_checked_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: a second lookup would answer loopback, and there is none."""
    lookups = cycle(["93.184.216.34", "127.0.0.1"])

    def look_up(host: str, port: int, **_: Any) -> list:
        return answers(next(lookups))(host, port)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    dialled: list[str] = []

    def dial(self: Any, host: str, *args: Any, **kwargs: Any) -> Any:
        dialled.append(host)
        raise httpcore.ConnectError("no network in tests")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", dial)
    with pytest.raises(httpcore.ConnectError, match="no network"):
        GuardedBackend(EgressPolicy()).connect_tcp("rebind.example", 443, timeout=5)
    assert dialled == ["93.184.216.34"]


def test_a_lookup_that_hangs_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: release.wait(10) and [])
    with pytest.raises(TimeoutError):
        resolve(("slow.example", 443), EgressPolicy(), 0.1)
    release.set()


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
