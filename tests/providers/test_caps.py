"""What a hostile answer may cost: memory measured in a process of its own, depth, rows, time."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nexnum_console.core.egress import EgressPolicy
from nexnum_console.providers.decoding import MOST_DEEP, TooLarge, in_shape
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.request import Request
from nexnum_console.providers.transport import ReadTransport, Transport
from nexnum_console.stack.layout import CHECKOUT
from tests.support.loops import finish
from tests.support.wire import Answer, Wire, http, says

MakeWire = Callable[..., Wire]
MEGABYTE = 1024 * 1024
TOO_DEEP = f"parse_error: test: the answer is nested more than {MOST_DEEP} levels deep"
TOO_MANY = "parse_error: test: the answer holds more than 1,500,000 values"
LARGE = 16 * MEGABYTE  # the cap of a price list


def ask(port: int, deadline: float = 30.0, most: int = LARGE) -> Request:
    return Request(
        provider="test",
        operation="prices",
        effect="read",
        method="GET",
        url=f"http://127.0.0.1:{port}/",
        headers={"Accept-Encoding": "gzip"},
        content=None,
        deadline=deadline,
        max_bytes=most,
        secret="KEY",
    )


def policy(port: int) -> EgressPolicy:
    return EgressPolicy(allowed_private=frozenset({("127.0.0.1", port)}))


def peak() -> int:
    """The most memory this process ever held, in bytes."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system tells no peak")


def hostile_call(port: int, warm: int, way: str) -> dict[str, Any]:
    """One small exchange, then the hostile one; runs in a child."""

    def send(target: int) -> str:
        if way == "sync":
            with Transport(policy(target)) as transport:
                return transport.send(ask(target)).text[:20]

        async def read() -> str:
            reads = ReadTransport(policy(target))
            try:
                return (await reads.send(ask(target))).text[:20]
            finally:
                await reads.aclose()

        return finish(read())

    send(warm)
    before = peak()
    try:
        outcome = send(port)
    except ProviderError as error:
        outcome = str(error)
    return {"outcome": outcome, "cost": peak() - before}


def flood(chunk: bytes, times: int, head: bytes) -> Answer:
    def answer(connection: socket.socket, wire: Wire) -> None:
        connection.sendall(head)
        for _ in range(times):
            connection.sendall(chunk)
        raise ConnectionAbortedError  # nothing more comes: the wire hangs up

    return answer


@cache
def bomb(inner: bytes) -> bytes:
    """Gzip of 100 MB."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(inner * (MEGABYTE // len(inner))) for _ in range(100)]
    return b"".join([*parts, packer.flush()])


def packed(body: bytes, encoding: str = "gzip") -> Answer:
    return says(body, 200, {"Content-Encoding": encoding})


ZEROS = bytes(MEGABYTE)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ATTACKS: dict[str, Callable[[], Answer]] = {
    "100 MB": lambda: flood(ZEROS, 100, http("", length=100 * MEGABYTE)),
    "100 MB, no length": lambda: flood(ZEROS, 100, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
    "100 MB in chunks": lambda: flood(b"100000\r\n" + ZEROS + b"\r\n", 100, CHUNKED),
    "a gzip bomb": lambda: packed(bomb(b"\0")),
    "a gzip bomb of JSON": lambda: packed(bomb(b"[],")),
    "a gzip bomb in chunks": lambda: flood(
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(bomb(b"a")), bomb(b"a")),
        1,
        CHUNKED[:-2] + b"Content-Encoding: gzip\r\n\r\n",
    ),
    "a gzip bomb in a gzip bomb": lambda: packed(gzip.compress(bomb(b"\0"))),
    "gzip twice over": lambda: packed(gzip.compress(bomb(b"\0")), "gzip, gzip"),
    "a deflate bomb": lambda: packed(zlib.compress(bytes(100 * MEGABYTE), 9), "deflate"),
    "br": lambda: packed(bomb(b"\0"), "br"),
    "zstd": lambda: packed(bomb(b"\0"), "zstd"),
    "a header of 10 MB": lambda: flood(
        b"a" * MEGABYTE, 10, b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-A: "
    ),
    "a million headers": lambda: flood(b"X-A: b\r\n" * 10_000, 100, b"HTTP/1.1 200 OK\r\n"),
    "five thousand early hints": lambda: flood(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, 5, b""),
}


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_answer_costs_less_than_64_mb(wire: MakeWire, attack: str, way: str) -> None:
    calm, hostile = wire(says("ok")), wire(ATTACKS[attack]())
    child = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.providers.test_caps",
            *map(str, (hostile.port, calm.port)),
            way,
        ],
        cwd=CHECKOUT,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert child.returncode == 0, child.stderr.decode()
    told = json.loads(child.stdout)
    assert told["cost"] < 64 * MEGABYTE, told
    if attack != "a gzip bomb in a gzip bomb":  # small once opened: what is in it stays shut
        assert "error" in told["outcome"] or "unavailable" in told["outcome"], told


def read(body: bytes, wire: MakeWire) -> str:
    carrier = wire(says(body))
    with Transport(policy(carrier.port)) as transport:
        try:
            return transport.send(ask(carrier.port)).text
        except ProviderError as error:
            return str(error)


def test_json_is_deep_only_to_a_point(wire: MakeWire) -> None:
    most = b"[" * MOST_DEEP + b"]" * MOST_DEEP
    assert read(most, wire) == most.decode()
    assert TOO_DEEP in read(b"[" + most + b"]", wire)
    assert TOO_DEEP in read(b'{"a":' * 500_000, wire)
    assert TOO_DEEP in read(b"\xef\xbb\xbf" + b" \n" * 99 + b"[" * 200, wire)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"text": "[" * 500, "more": "\\" + "{" * 300 + '"' + "[" * 300}).encode(),
        b'"' + b"[" * 500 + b'"',
        b"[" * 3 + b'"\\\\",' + b'"[[[[[[[[[["' + b"]" * 3,
        b"FULL_SMS:" + b"[" * 500,
        b"[]" * 10_000,
        b"",
    ],
)
def test_brackets_in_a_text_are_not_deep(body: bytes) -> None:
    assert in_shape(body) == body


def test_json_holds_only_so_many_values(wire: MakeWire) -> None:
    assert TOO_MANY in read(b"[" + b"1," * 1_500_001 + b"1]", wire)
    assert TOO_MANY in read(b"[" + b"[]," * 800_000 + b"1]", wire)
    with pytest.raises(TooLarge):
        in_shape(b"[" + b'{"a":{}},' * 600_000)


def test_a_price_list_of_the_usual_kind_is_far_below_every_cap() -> None:
    rows = {
        f"c{c}": {f"s{s}": {"any": {"cost": 0.1, "count": 5}} for s in range(500)}
        for c in range(200)
    }
    body = json.dumps(rows).encode()
    began = time.thread_time()
    assert in_shape(body) is body
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize("what", ["head", "body", "chunks", "hints"])
@pytest.mark.parametrize("way", ["sync", "async"])
def test_one_byte_a_second_does_not_outlast_the_deadline(
    wire: MakeWire, what: str, way: str
) -> None:
    begin, drop = {
        "head": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
        "body": (http("", length=1000), b"x"),
        "chunks": (CHUNKED, b"1\r\nx\r\n"),
        "hints": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    }[what]

    def drip(connection: socket.socket, carrier: Wire) -> None:
        connection.sendall(begin)
        while not carrier.stopped.wait(1.0):
            connection.sendall(drop)

    carrier = wire(drip)
    began = time.monotonic()
    if way == "sync":
        with Transport(policy(carrier.port)) as transport, pytest.raises(ProviderError) as caught:
            transport.send(ask(carrier.port, 2.5))
    else:

        async def poll() -> None:
            reads = ReadTransport(policy(carrier.port))
            try:
                await reads.send(ask(carrier.port, 2.5))
            finally:
                await reads.aclose()

        with pytest.raises(ProviderError) as caught:
            finish(poll())
    assert 2.0 < time.monotonic() - began < 8.0
    assert (caught.value.code, caught.value.sent) == ("provider_unavailable", True)


if __name__ == "__main__":
    hostile_port, calm_port, the_way = sys.argv[1:]
    sys.stdout.write(json.dumps(hostile_call(int(hostile_port), int(calm_port), the_way)))
