"""Where outgoing calls may go: public addresses, checked after resolving and then pinned.

A name is resolved here, every address it has must pass, and the connection goes to the checked
address itself, so a second answer of the name server changes nothing (rebinding).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Final
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HostPort = tuple[str, int]

DEFAULT_PORTS: Final = {"https": 443, "http": 80}
USUAL_PORTS: Final = frozenset({80, 443, 8080, 8443})

_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\Z")
_ORIGIN = re.compile(r"[^:/?#]*://[^/?#]*")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0]")
_NUMERIC_LABEL = re.compile(r"(0x[0-9a-f]*|\d+)\Z")
_NEVER: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; older Pythons call some of them global
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b::/96",  # NAT64: a v4 address inside
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4
        "2001::/32",  # Teredo
        "::/96",  # v4-compatible
        "fec0::/10",  # site-local
    )
)


class EgressRefused(OSError):
    """The target is not allowed; nothing was sent."""


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """``allow_http``: plain http anywhere. ``allowed_private``: exact (host, port) pairs that may
    be loopback or private and may use http; the sandbox's are the only ones in the product."""

    allow_http: bool = False
    allowed_private: frozenset[HostPort] = frozenset()
    ports: frozenset[int] = USUAL_PORTS


def check_url(url: str, policy: EgressPolicy) -> HostPort:
    """Host and port of an allowed URL, without resolving; raises EgressRefused."""
    if _CONTROL.search(url):
        raise EgressRefused("an address may not hold blanks or control characters")
    origin = _ORIGIN.match(url)
    return _check_origin(origin[0] if origin else url, policy)


@lru_cache(maxsize=1024)
def _check_origin(url: str, policy: EgressPolicy) -> HostPort:
    """As check_url, of a URL without its path: calls to one provider ask this over and over."""
    try:
        parts = urlsplit(url)
        port = DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError as error:
        raise EgressRefused("the address cannot be read") from error
    host = _host(parts)
    excepted = (host, port) in policy.allowed_private
    if parts.scheme != "https" and not (parts.scheme == "http" and (policy.allow_http or excepted)):
        raise EgressRefused(f"only https is allowed, not {parts.scheme or 'nothing'}")
    if not excepted and port not in policy.ports:
        raise EgressRefused(f"port {port} is not allowed")
    literal = literal_address(host)
    if literal is not None:
        check_address(literal, (host, port), policy)
    return host, port


def check_address(address: Address, target: HostPort, policy: EgressPolicy) -> None:
    """Refuse an address that is not public, unless exactly this target is excepted."""
    if is_public(address) or target in policy.allowed_private:
        return
    raise EgressRefused(f"{target[0]} leads to {address}, which is not a public address")


def is_public(address: Address) -> bool:
    """Whether an address is on the open internet; addresses that carry another are not."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id:
            return False
    if any(address in network for network in _NEVER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def literal_address(host: str) -> Address | None:
    """The address a host literally is; raises EgressRefused for disguised numbers (``0x7f.1``)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if _NUMERIC_LABEL.match(host.rstrip(".").rpartition(".")[2]):
        raise EgressRefused(f"“{host}” is a number in disguise, not a host name")
    return None


def resolve(target: HostPort, policy: EgressPolicy, timeout: float | None) -> list[str]:
    """Addresses of a target, all checked; raises EgressRefused, OSError or TimeoutError."""
    host, port = target
    literal = literal_address(host)
    if literal is not None:
        check_address(literal, target, policy)
        return [str(literal)]
    return checked(_lookup(host, port, timeout), target, policy)


def checked(addresses: list[str], target: HostPort, policy: EgressPolicy) -> list[str]:
    """The same addresses when every one of them is allowed; raises EgressRefused."""
    if not addresses:
        raise EgressRefused(f"{target[0]} has no address")
    for address in addresses:
        check_address(ipaddress.ip_address(address), target, policy)
    return addresses


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise EgressRefused("an address may not carry a user or a key")
    if ":" in host:  # an IPv6 literal
        if "%" in host:
            raise EgressRefused("an address may not name a network interface")
        return host
    if not _HOST.match(host):
        raise EgressRefused(f"“{host[:80]}” is not a host name")
    return host


def _lookup(host: str, port: int, timeout: float | None) -> list[str]:
    """getaddrinfo with an end: the system's own may hang far beyond any deadline."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answers.put(OSError(f"{host} cannot be resolved: {error}"))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except Empty:
        raise TimeoutError(f"{host} was not resolved in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
