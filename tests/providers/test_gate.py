"""The gate's way in: who waits, what happens without Redis, and that nothing is lost on the way."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis

from nexnum_console.bootstrap import open_gate_redis
from nexnum_console.providers.alone import AloneGate
from nexnum_console.providers.breaker import BreakerRules
from nexnum_console.providers.gate import AsyncEntrance, Permit
from nexnum_console.providers.gates import LOOK_KEPT_SECONDS
from nexnum_console.providers.limiter import Budget, LimiterRules, Limits
from nexnum_console.providers.script import Force
from tests.providers.gating import ACCOUNT, READ, SPEND, WIDE, Desk
from tests.support.loops import finish


class Moody(redis.Connection):
    """A connection to a Redis that can be away."""

    away = False
    asked = 0

    def send_command(self, *args: object, **options: object) -> None:
        Moody.asked += 1
        if Moody.away:
            raise redis.ConnectionError("Redis is away")
        super().send_command(*args, **options)


@pytest.fixture
def moody(redis_url: str, redis_client: redis.Redis) -> Iterator[redis.Redis]:
    pool = redis.ConnectionPool.from_url(redis_url, connection_class=Moody)
    Moody.away, Moody.asked = False, 0
    client = redis.Redis(connection_pool=pool)
    yield client
    client.close()
    pool.disconnect()


@pytest.fixture
def desk(moody: redis.Redis) -> Iterator[Desk]:
    made = Desk(moody, Limits(Budget(40, 60.0), 20))
    yield made
    made.close()


def test_a_call_costs_one_round_trip_before_it_goes_out(desk: Desk) -> None:
    desk.call()  # loads the script
    before = Moody.asked
    desk.gate.enter(READ)
    assert Moody.asked - before == 1


def test_who_is_let_through_is_not_asked_about_again_for_a_moment(
    desk: Desk, redis_client: redis.Redis
) -> None:
    there = Desk(redis_client)
    assert desk.gates.shut([ACCOUNT]) == {}
    before = Moody.asked
    assert [desk.gates.shut([ACCOUNT]) for _ in range(20)] == [{}] * 20
    assert Moody.asked == before
    there.gates.force(ACCOUNT, Force("open", 1))
    assert desk.enter() == "provider_unavailable"  # the call itself asks
    time.sleep(LOOK_KEPT_SECONDS)
    before = Moody.asked
    assert [desk.gates.shut([ACCOUNT]).keys() for _ in range(3)] == [{ACCOUNT}] * 3
    assert Moody.asked == before + 3  # when it opens again is not missed
    there.close()


def test_what_this_process_sees_change_is_asked_about_at_once(desk: Desk) -> None:
    assert desk.gates.shut([ACCOUNT]) == {}
    for _ in range(5):
        desk.call("provider_error")
    assert desk.gates.flush()
    assert desk.gates.shut([ACCOUNT]).keys() == {ACCOUNT}
    assert desk.gates.force(ACCOUNT, Force("closed", 1))
    assert desk.gates.shut([ACCOUNT]) == {}
    assert desk.gates.force(ACCOUNT, Force("open", 2))
    assert desk.gates.shut([ACCOUNT]).keys() == {ACCOUNT}


def test_without_redis_a_part_of_the_limit_holds_and_it_is_said_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    Moody.away = True
    outcomes = [desk.enter(SPEND) for _ in range(12)]
    permits = [each for each in outcomes if isinstance(each, Permit)]
    assert len(permits) == 5  # a quarter of 20 at once
    for permit in permits:
        permit.done()
    assert sum(isinstance(desk.enter(SPEND), Permit) for _ in range(5)) == 5  # 10 of 40
    for _ in range(3):
        assert desk.enter(SPEND) == "rate_limited"
    assert Moody.asked < 5  # it is not asked at every call
    assert desk.events["alone"] == 20
    assert caplog.text.count("hold in this process alone") == 1
    Moody.away = False
    time.sleep(1.1)
    assert isinstance(desk.enter(SPEND), Permit)
    assert caplog.text.count("shared by all processes again") == 1


def test_a_breaker_seen_open_stays_open_when_redis_goes(desk: Desk) -> None:
    for _ in range(5):
        desk.call("provider_error")
    assert desk.enter() == "provider_unavailable"
    Moody.away = True
    assert desk.enter() == "provider_unavailable"
    assert desk.gates.shut([ACCOUNT]).keys() == {ACCOUNT}


def test_a_decision_of_staff_holds_without_redis_too(desk: Desk) -> None:
    Moody.away = True
    assert not desk.gates.force(ACCOUNT, Force("open", 1))
    assert desk.enter() == "provider_unavailable"
    assert desk.gates.shut([ACCOUNT]).keys() == {ACCOUNT}
    # This process read the row anew; when Redis is back it tells the others.
    Moody.away = False
    time.sleep(1.1)
    assert desk.enter() == "provider_unavailable"
    assert desk.state() == "open"


def test_alone_it_opens_probes_and_closes_by_the_same_rules() -> None:
    now = [1000.0]
    rules = BreakerRules()
    alone = AloneGate(WIDE, rules, LimiterRules(), clock=lambda: now[0])

    def call(code: str, token: str = "t") -> str:
        verdict = alone.permit(token, READ, 20.0)
        if verdict.what == "go":
            alone.ended(token, code, verdict.generation, None)
        return verdict.what

    for code in ("no_numbers", "no_balance", "rate_limited") * 10:
        assert call(code) == "go"
        now[0] += 2
    for _ in range(4):
        now[0] += 61
        call("ok")
    now[0] += 61
    assert [call("provider_error") for _ in range(6)] == ["go"] * 5 + ["open"]
    assert alone.refused_for("spend") == rules.open_for
    now[0] += rules.open_for
    held = [alone.permit(f"p{n}", READ, 20.0) for n in range(4)]
    assert [(v.what, v.probe) for v in held] == [("go", True)] * 3 + [("open", False)]
    assert alone.refused_for("spend") > 0
    alone.ended("p0", "parse_error", held[0].generation, None)
    assert alone.refused_for("read") == rules.open_for * 2
    now[0] += rules.open_for * 2
    for n in range(3):
        assert call("ok", f"q{n}") == "go"
    assert [call("ok") for _ in range(9)] == ["go"] * 9


def test_alone_a_pause_is_kept(desk: Desk) -> None:
    Moody.away = True
    desk.enter().done("rate_limited", 30)
    assert desk.enter() == "rate_limited"


def test_who_waits_first_goes_first() -> None:
    """One process's callers line up instead of racing for each free place."""

    async def line(url_client: redis.Redis) -> list[int]:
        desk = Desk(url_client, Limits(Budget(2, 0.1), 20))
        entrance, order = AsyncEntrance(desk.gate), []

        async def one(number: int) -> None:
            permit = await entrance.enter(replace(SPEND, patience=5.0))
            order.append(number)
            permit.done()

        await one(0)
        waiting = [asyncio.create_task(one(1))]
        while not entrance._queue:
            await asyncio.sleep(0.001)
        await asyncio.gather(*waiting, *(one(n) for n in range(2, 10)))
        desk.close()
        return order

    assert finish(line(open_gate_redis("redis://127.0.0.1:1/0"))) == list(range(10))


def test_a_child_of_a_fork_tells_for_itself(desk: Desk, redis_client: redis.Redis) -> None:
    desk.call()
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        permit = desk.gate.enter(READ)
        permit.done("no_numbers")
        os.write(told, b"1" if desk.gates.flush() else b"0")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(ready, 1) == b"1"
    assert desk.seen().counts == {"ok": 1, "no_numbers": 1}


def test_a_watcher_that_fails_breaks_nothing(
    redis_client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("metrics are down")

    desk = Desk(redis_client)
    desk.gates._watch = fail
    assert desk.call() == "went"
    assert "metrics are down" in caplog.text
    desk.close()


def test_redis_that_hangs_costs_little() -> None:
    """A server that accepts and never answers: one short wait, then none for a second."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        desk = Desk(open_gate_redis(f"redis://127.0.0.1:{server.getsockname()[1]}/0"))
        began = time.monotonic()
        assert isinstance(desk.enter(), Permit)
        assert time.monotonic() - began < 1.0
        began = time.monotonic()
        for _ in range(20):
            assert isinstance(desk.enter(), Permit)
        assert time.monotonic() - began < 1.0
        desk.close()


def test_threads_share_a_gate(redis_client: redis.Redis, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    desk = Desk(redis_client, Limits(Budget(100, 60.0), 100))
    went: list[str] = []

    def some() -> None:
        for _ in range(20):
            permit = desk.enter(SPEND)
            went.append("no" if isinstance(permit, str) else "yes")

    threads = [threading.Thread(target=some) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (went.count("yes"), went.count("no")) == (100, 100)
    assert caplog.text == ""
    desk.close()
