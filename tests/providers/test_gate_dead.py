"""A process that dies leaves its calls behind: their slots come back when it is known to be dead,
long before the calls could have ended; those of a process that lives stay."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import redis

from nexnum_console.providers.gate import Permit
from nexnum_console.providers.limiter import Budget, LimiterRules, Limits
from nexnum_console.providers.reporter import LIVE_SECONDS
from nexnum_console.stack.layout import CHECKOUT
from tests.providers.gating import ACCOUNT, READ, SPEND, Desk, until

SILENT = 2 * LIVE_SECONDS
RULES = LimiterRules(silent=SILENT)
FEW = Limits(Budget(1000, 1.0), 4)
LONG = replace(READ, deadline=60.0)


@contextmanager
def other(url: str, calls: int) -> Iterator[subprocess.Popen[str]]:
    """Another process with so many long calls under way."""
    command = [sys.executable, "-m", "tests.providers.test_gate_dead", url, str(calls)]
    child = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == f"{calls} under way"
        yield child
    finally:
        child.kill()
        child.communicate()


@pytest.fixture
def desk(redis_client: redis.Redis) -> Iterator[Desk]:
    made = Desk(redis_client, FEW, limiter=RULES)
    yield made
    made.close()


def test_the_calls_of_a_killed_process_are_let_go(desk: Desk, redis_url: str) -> None:
    with other(redis_url, 3) as child:
        mine = desk.enter(SPEND)
        assert isinstance(mine, Permit)
        assert desk.enter(SPEND) == "rate_limited"
        child.send_signal(signal.SIGKILL)
        child.wait()
        began = time.monotonic()
        until(lambda: isinstance(desk.enter(SPEND), Permit), SILENT + 2)
        assert time.monotonic() - began > SILENT - 2 * LIVE_SECONDS
        assert desk.seen().at_once == 2  # and only its calls


def test_the_calls_of_a_living_process_stay_however_long_they_take(
    desk: Desk, redis_url: str
) -> None:
    with other(redis_url, 3):
        assert isinstance(desk.enter(SPEND), Permit)
        ends = time.monotonic() + 2.5 * SILENT
        while time.monotonic() < ends:
            assert desk.enter(SPEND) == "rate_limited"
            time.sleep(0.1)
        assert desk.seen().at_once == 4


def test_a_killed_process_does_not_keep_the_breaker_half_open(desk: Desk, redis_url: str) -> None:
    for _ in range(5):
        desk.call("provider_error")
    until(lambda: desk.state() == "half")
    with other(redis_url, 3) as child:
        assert desk.gates.shut([ACCOUNT]).keys() == {ACCOUNT}
        child.send_signal(signal.SIGKILL)
        child.wait()
        until(lambda: desk.gates.shut([ACCOUNT]) == {}, SILENT + 2)
        assert desk.call() == "went"


def test_what_a_process_was_taken_for_dead_for_still_ends_well(desk: Desk) -> None:
    """Frozen longer than a dead one stays silent, then awake: its answers are told, none twice."""
    held = desk.enter()
    assert isinstance(held, Permit)
    desk.gates.reporter.close()  # no sign of life from here on
    there = Desk(desk.gates.script._client, FEW, limiter=RULES)
    until(lambda: there.seen().at_once == 0, SILENT + 2)
    held.done("ok")
    assert desk.call() == "went"
    assert there.seen().at_once == 0
    there.close()


def silence(client: redis.Redis, seconds: float) -> None:
    """As if Redis had stood still for so long: whatever it heard, it heard so much earlier."""
    names = [f"gate:{{{ACCOUNT}}}:{part}" for part in ("heard", "watch")]
    for process, at in client.zrange(names[0], 0, -1, withscores=True):
        client.zadd(names[0], {process: at - seconds * 1e6})
    if (last := client.hget(names[1], "last")) is not None:
        client.hset(names[1], "last", int(last) - round(seconds * 1e6))


def test_after_redis_stood_still_nobody_is_taken_for_dead(
    desk: Desk, redis_client: redis.Redis
) -> None:
    there = Desk(redis_client, FEW, limiter=RULES)
    held = [there.enter(), there.enter()]
    mine = desk.enter()
    silence(redis_client, 60)
    late = desk.enter(SPEND)
    assert desk.seen().at_once == 4
    assert desk.enter(SPEND) == "rate_limited", "and not at the second look either"
    for permit in (*held, mine, late):
        assert isinstance(permit, Permit)
        permit.done()
    there.close()


def test_who_was_dead_before_redis_stood_still_is_not_spared_for_it(
    desk: Desk, redis_client: redis.Redis
) -> None:
    gone = Desk(redis_client, FEW, limiter=RULES)
    assert isinstance(gone.enter(), Permit)
    gone.gates.reporter.close()
    assert isinstance(desk.enter(), Permit)
    heard = f"gate:{{{ACCOUNT}}}:heard"
    before = redis_client.time()[0] * 1e6 - (SILENT + 1) * 1e6
    redis_client.zadd(heard, {gone.gates._process: before})
    silence(redis_client, 60)
    assert isinstance(desk.enter(SPEND), Permit)
    assert desk.seen().at_once == 2  # both of them mine
    gone.close()


def test_who_stays_silent_after_the_stall_is_dead_after_all(
    desk: Desk, redis_client: redis.Redis
) -> None:
    gone = Desk(redis_client, FEW, limiter=RULES)
    assert isinstance(gone.enter(), Permit)
    gone.gates.reporter.close()
    silence(redis_client, 60)
    assert desk.seen().at_once == 1
    began = time.monotonic()
    until(lambda: desk.seen().at_once == 0, SILENT + 2)
    assert time.monotonic() - began > SILENT / 2
    gone.close()


@pytest.mark.parametrize("by", ["death", "time"])
def test_a_call_that_was_let_go_still_teaches_once(
    desk: Desk, redis_client: redis.Redis, by: str
) -> None:
    held = desk.enter()
    assert isinstance(held, Permit)
    slots = f"gate:{{{ACCOUNT}}}:slots"
    if by == "time":
        redis_client.zadd(slots, {held.token: 1})
    else:
        redis_client.zadd(f"gate:{{{ACCOUNT}}}:heard", {desk.gates._process: 1})
    there = Desk(redis_client, FEW, limiter=RULES)
    assert there.seen().at_once == 0
    held.done("rate_limited", 30)
    held.done("rate_limited", 30)
    assert desk.gates.flush()
    seen = there.seen()
    assert seen.counts == {"rate_limited": 1}
    assert seen.resting > 28
    there.close()


def hold(url: str, calls: int) -> None:
    """Keep so many calls under way until killed."""
    desk = Desk(redis.Redis.from_url(url, socket_timeout=2), FEW, limiter=RULES)
    found = [desk.enter(LONG) for _ in range(calls)]
    sys.stdout.write(f"{sum(isinstance(each, Permit) for each in found)} under way\n")
    sys.stdout.flush()
    time.sleep(60)


if __name__ == "__main__":
    hold(sys.argv[1], int(sys.argv[2]))
