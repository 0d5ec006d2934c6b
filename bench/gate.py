"""What asking for permission costs before a provider call, beside a bare PING of the same Redis."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, Final

import redis

from bench.rounds import percentile
from nexnum_console.providers.gate import Gate
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.limiter import Budget, Limits
from nexnum_console.providers.script import Call, Force, keys
from nexnum_console.stack.errors import StackError
from nexnum_console.stack.redis_server import find_server
from nexnum_console.stack.services import free_port

TURNS: Final = 2_000
WARM: Final = 100
WIDE: Final = Limits(Budget(100_000, 1.0), 10_000)
READ: Final = Call("status", "read", 5.0, 1.0)
_EMPTY: Final = "return {'go', 0, 0, 0, 0, ''}"  # an answer of the same form, nothing looked up
_STARTS_SECONDS: Final = 10.0


def measured() -> dict[str, Any]:
    """Milliseconds of a look, a PING and an empty script of the same form, in turns. StackError."""
    with own_redis() as client:
        gates = Gates(client)
        try:
            return _measured(client, gates)
        finally:
            gates.close()


@contextmanager
def own_redis() -> Iterator[redis.Redis]:
    """A Redis on loopback that keeps nothing, as the product's client sees it."""
    with tempfile.TemporaryDirectory(prefix="nexnum-bench-") as folder:
        port = free_port()
        options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        server = subprocess.Popen(
            [str(find_server()), *options],
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdout=subprocess.DEVNULL,
        )
        client = redis.Redis(port=port, socket_timeout=2)
        try:
            _answering(client)
            yield client
        finally:
            client.close()
            server.terminate()
            server.wait(10)


def _answering(client: redis.Redis) -> None:
    ends = time.monotonic() + _STARTS_SECONDS
    while True:
        try:
            client.ping()
        except redis.RedisError:
            if time.monotonic() > ends:
                raise StackError("Redis did not start.", "Look at its output.") from None
            time.sleep(0.02)
        else:
            return


def _measured(client: redis.Redis, gates: Gates) -> dict[str, Any]:
    gate = gates.gate(1, "bench", WIDE, Force())
    sha: Any = client.script_load(_EMPTY)
    names, arguments = keys(1, "status"), ["permit", "0" * 16, *range(11)]
    told: list[float] = []
    works: dict[str, Callable[[], float]] = {
        "ping": lambda: _timed(client.ping),
        "empty_script": lambda: _timed(lambda: client.evalsha(sha, len(names), *names, *arguments)),
        "look": lambda: _look(gate, told),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(WARM + TURNS):
        if turn == WARM:
            client.config_resetstat()
        for place in range(len(works)):  # each follows each: what came before warms the way
            name = list(works)[(turn + place) % len(works)]
            taken[name].append(works[name]())
        if turn % 100 == 0:
            gates.flush()  # what calls came to is told by another thread, between the turns here
    found: dict[str, Any] = {"turns": TURNS}
    for name, every in {**taken, "told": told}.items():
        times = every[WARM:]
        found[f"{name}_p50_ms"] = round(median(times) * 1000, 3)
        found[f"{name}_p95_ms"] = round(percentile(times, 95) * 1000, 3)
    # Both scripts count as EVALSHA; the reports do, too, and are as long as a look.
    stats: Any = client.info("commandstats")
    found["server_us_a_script"] = stats["cmdstat_evalsha"]["usec_per_call"]
    found["server_us_a_ping"] = stats["cmdstat_ping"]["usec_per_call"]
    return found


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _look(gate: Gate, told: list[float]) -> float:
    """Seconds of the look before a call; those of handing over what it came to go to ``told``."""
    began = time.perf_counter()
    permit = gate.enter(READ)
    between = time.perf_counter()
    permit.done("ok")
    told.append(time.perf_counter() - between)
    return between - began
