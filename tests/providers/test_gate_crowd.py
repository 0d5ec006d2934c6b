"""64 writers in 4 processes on one account: what the gate promises holds for all of them together.

Every permit is kept with the time Redis gave it and the time just before its outcome was told
(one machine, one clock), and the promises are checked on the whole history.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

import redis

from nexnum_console.providers.breaker import BreakerRules
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.limiter import Budget, Limits
from nexnum_console.providers.script import Call
from nexnum_console.stack.layout import CHECKOUT
from tests.providers.gating import ACCOUNT, WIDE, Desk

PROCESSES, THREADS = 4, 16
LIMITED = Limits(Budget(40, 0.5), 6)
NEVER_OPENS = BreakerRules(bad_least=1e9, calls_least=10**9)
SHAKY = BreakerRules(bucket=0.5, open_for=0.05, open_at_once_for=0.05, open_most=0.05)


@dataclass(frozen=True)
class Made:
    """One permitted call."""

    granted: int
    told: int
    generation: int
    probe: bool
    code: str


def work(url: str, kind: str, seconds: float, seed: int) -> list[list[Any]]:
    """What one process's threads do; runs in a child."""
    client = redis.Redis.from_url(url, socket_timeout=5)
    limits, rules = (LIMITED, NEVER_OPENS) if kind == "limit" else (WIDE, SHAKY)
    desk = Desk(client, limits, rules)
    found: list[list[Any]] = []
    ends = time.monotonic() + seconds

    def one(number: int) -> None:
        rng = random.Random(seed * 1000 + number)
        call = Call("status", rng.choice(["read", "spend"]), 5.0, 1.0)
        while time.monotonic() < ends:
            try:
                permit = desk.gate.enter(call)
            except ProviderError:
                time.sleep(0.002)
                continue
            time.sleep(rng.random() * 0.01)
            code = "ok" if kind == "limit" or rng.random() < 0.6 else "provider_error"
            if kind == "breaker" and rng.random() < 0.02:
                code = "bad_key"
            told = time.time_ns() // 1000
            permit.done(code)
            made = permit.verdict
            found.append([made.granted, told, made.generation, made.probe, code])

    threads = [threading.Thread(target=one, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.gates.flush(10)
    desk.close()
    return found


def crowd(url: str, kind: str, seconds: float) -> list[Made]:
    """All processes at once; their calls in the order they were permitted."""
    children = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.providers.test_gate_crowd",
                url,
                kind,
                str(seconds),
                str(n),
            ],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for n in range(PROCESSES)
    ]
    outputs = [child.communicate(timeout=100) for child in children]
    faults = [
        said.decode()
        for child, (_, said) in zip(children, outputs, strict=True)
        if child.returncode
    ]
    assert not faults
    made = [Made(*row) for output, _ in outputs for row in json.loads(output)]
    return sorted(made, key=lambda each: each.granted)


def most_at_once(calls: list[Made]) -> int:
    """The most calls between their permit and their outcome at any moment."""
    steps = [(call.granted, 1) for call in calls] + [(call.told, -1) for call in calls]
    now = most = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return most


def test_never_more_calls_in_a_window_nor_at_once_than_allowed(
    redis_url: str, redis_client: redis.Redis
) -> None:
    made = crowd(redis_url, "limit", 3.0)
    moments = [call.granted for call in made]
    assert len(made) > 100
    width = 500_000
    most = max(sum(m <= at < m + width for at in moments) for m in moments)
    assert most <= 40
    assert most > 30  # and the limit is used
    assert most_at_once(made) <= 6
    assert redis_client.zcard(f"gate:{{{ACCOUNT}}}:slots") == 0
    counted = redis_client.hgetall(f"gate:{{{ACCOUNT}}}:window")
    assert sum(map(int, counted.values())) == len(made), "no outcome is lost"


def test_never_more_probes_than_allowed_and_one_order_for_all(
    redis_url: str, redis_client: redis.Redis
) -> None:
    made = crowd(redis_url, "breaker", 4.0)
    generations: dict[int, list[Made]] = {}
    for call in made:
        generations.setdefault(call.generation, []).append(call)
    probing = {n: calls for n, calls in generations.items() if any(c.probe for c in calls)}
    for calls in probing.values():
        assert all(call.probe for call in calls), "half open and closed are one generation"
        assert most_at_once(calls) <= 3
        assert sum(call.code == "ok" for call in calls) <= 3 + 2  # three close it, two were out
    # What a generation lets through comes before what the next one does: one order for all.
    order = [call.generation for call in made]
    assert order == sorted(order)
    assert len(probing) > 5
    assert redis_client.zcard(f"gate:{{{ACCOUNT}}}:probes") == 0


if __name__ == "__main__":
    address, what, span, number = sys.argv[1:]
    sys.stdout.write(json.dumps(work(address, what, float(span), int(number))))
