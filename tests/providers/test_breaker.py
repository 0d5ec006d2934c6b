"""The circuit breaker all processes share: what opens it, how it comes back, who may force it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis

from nexnum_console.providers.breaker import BreakerRules
from nexnum_console.providers.errors import Code
from nexnum_console.providers.script import Force
from tests.providers.gating import ACCOUNT, HURRIED, READ, SPEND, Desk, until

BUSINESS = sorted(
    set(Code)
    - {
        Code.PROVIDER_UNAVAILABLE,
        Code.PROVIDER_ERROR,
        Code.PARSE_ERROR,
        Code.ACCESS_DENIED,
        Code.BAD_KEY,
        Code.ACCOUNT_BLOCKED,
        Code.ACCOUNT_INACTIVE,
        Code.RATE_LIMITED,
    }
)


@pytest.fixture
def desk(redis_client: redis.Redis) -> Iterator[Desk]:
    made = Desk(redis_client)
    yield made
    made.close()


def opened(desk: Desk, code: str = "provider_error") -> None:
    for _ in range(5):
        desk.call(code)
    assert desk.state() == "open"


@pytest.mark.parametrize("code", ["provider_unavailable", "provider_error"])
def test_failures_alone_open_it_after_five(desk: Desk, code: str) -> None:
    for _ in range(4):
        assert desk.call(code) == "went"
    assert desk.state() == "closed"
    assert desk.call(code) == "went"
    assert desk.state() == "open"
    assert desk.call() == "provider_unavailable"
    assert desk.enter(SPEND) == "provider_unavailable"
    assert (desk.events["opened"], desk.events["open"]) == (1, 2)
    assert desk.announced == [ACCOUNT]


def test_among_good_calls_half_must_fail_and_unreadable_ones_weigh_half(desk: Desk) -> None:
    for code in ["ok"] * 6 + ["provider_error"] * 5:
        desk.call(code)
    assert desk.state() == "closed"
    desk.call("parse_error")  # 5.5 of 12
    assert desk.state() == "closed"
    desk.call("provider_error")  # 6.5 of 13
    assert desk.state() == "open"


@pytest.mark.parametrize("code", BUSINESS)
def test_a_provider_that_says_no_is_well(desk: Desk, code: str) -> None:
    for _ in range(30):
        assert desk.call(code) == "went"
    assert desk.state() == "closed"
    # They count as answers: failures among them are a small part.
    for _ in range(9):
        desk.call("provider_error")
    assert desk.state() == "closed"


def test_too_many_calls_is_no_fault_and_no_health(desk: Desk) -> None:
    for _ in range(20):
        assert desk.call("rate_limited", retry_after=0.001) == "went"
        time.sleep(0.002)
    assert desk.state() == "closed"
    for _ in range(5):
        desk.call("provider_error")
    assert desk.state() == "open"


@pytest.mark.parametrize("code", ["bad_key", "account_blocked", "account_inactive"])
def test_a_dead_account_opens_it_at_once_and_for_longer(desk: Desk, code: str) -> None:
    for _ in range(50):
        desk.call()
    desk.call(code)
    assert desk.call() == "provider_unavailable"
    seen = desk.seen()
    assert seen is not None
    assert 0.4 < seen.open_for <= 0.6
    assert seen.why == code


def test_few_probes_go_first_one_purchase_at_most_and_three_good_ones_close_it(desk: Desk) -> None:
    opened(desk)
    until(lambda: desk.state() == "half")
    probes = [desk.enter() for _ in range(6)]
    assert [p if isinstance(p, str) else "probe" for p in probes] == ["probe"] * 3 + [
        "provider_unavailable"
    ] * 3
    assert desk.enter(SPEND) == "provider_unavailable"
    assert desk.gates.shut([ACCOUNT]).keys() == {ACCOUNT}
    for permit in probes[:3]:
        permit.done("no_numbers")  # the provider answers
    assert desk.gates.flush()
    assert desk.state() == "closed"
    assert [desk.call() for _ in range(20)] == ["went"] * 20
    assert desk.gates.shut([ACCOUNT]) == {}
    assert (desk.events["half"], desk.events["probe"], desk.events["closed"]) == (1, 3, 1)


def test_one_bad_probe_opens_it_again_for_twice_as_long(desk: Desk) -> None:
    opened(desk)
    lasts = []
    for _ in range(4):
        until(lambda: desk.state() == "half")
        desk.call("provider_error")
        seen = desk.seen()
        assert seen is not None
        assert seen.state == "open"
        lasts.append(seen.open_for)
    assert 0.5 < lasts[0] <= 0.6
    assert 1.1 < lasts[1] <= 1.2
    assert 1.8 < lasts[3] <= 2.0  # never above the most


@pytest.mark.parametrize("since", [True, False])
def test_a_clock_that_was_set_back_keeps_it_open_for_no_longer(
    desk: Desk, redis_client: redis.Redis, since: bool
) -> None:
    opened(desk)
    name = f"gate:{{{ACCOUNT}}}:breaker"
    for field in ("since", "until") if since else ("until",):
        redis_client.hincrby(name, field, 600_000_000)
    assert desk.enter() == "provider_unavailable"
    left = desk.seen().open_for
    assert left <= (HURRIED.open_for if since else HURRIED.open_most)
    until(lambda: desk.state() == "half", left + 1)


def test_a_probe_whose_process_died_gives_its_place_back(redis_client: redis.Redis) -> None:
    desk = Desk(redis_client)
    opened(desk)
    until(lambda: desk.state() == "half")
    for _ in range(3):
        assert not isinstance(desk.enter(), str)  # never told
    assert desk.enter() == "provider_unavailable"
    for key in ("probes", "slots"):
        name = f"gate:{{{ACCOUNT}}}:{key}"
        for token in redis_client.zrange(name, 0, -1):
            redis_client.zadd(name, {token: 1})  # its lease is over
    assert desk.call() == "went"
    desk.close()


def test_what_was_under_way_when_it_opened_decides_nothing(desk: Desk) -> None:
    slow_good, slow_bad = desk.enter(), desk.enter()
    opened(desk)
    ends = desk.seen().open_for
    slow_bad.done("bad_key")
    slow_good.done("ok")
    assert desk.gates.flush()
    seen = desk.seen()
    assert seen.state == "open"
    assert seen.open_for <= ends
    until(lambda: desk.state() == "half")
    assert desk.call() == "went"
    assert desk.state() == "half"  # one probe, not two


def test_an_outcome_told_twice_counts_once(desk: Desk) -> None:
    permit = desk.enter()
    for _ in range(10):
        permit.done("provider_error")
    assert desk.gates.flush()
    assert desk.seen().counts == {"provider_error": 1}
    assert desk.state() == "closed"


def test_old_failures_are_forgotten(redis_client: redis.Redis) -> None:
    rules = BreakerRules(bucket=0.05, buckets=4)
    desk = Desk(redis_client, breaker=rules)
    for _ in range(12):
        desk.call("provider_error")
        time.sleep(0.06)
    assert desk.state() == "closed"
    assert len(redis_client.hgetall(f"gate:{{{ACCOUNT}}}:window")) <= 6
    desk.close()


def test_staff_force_it_open_for_the_next_call_of_every_process(redis_client: redis.Redis) -> None:
    here, there = Desk(redis_client), Desk(redis_client)
    assert there.call() == "went"
    assert here.gates.force(ACCOUNT, Force("open", 1))
    assert there.enter() == "provider_unavailable"
    assert there.gates.shut([ACCOUNT]).keys() == {ACCOUNT}
    # An older decision, from a process that has not read the row anew, changes nothing.
    there.gates.force(ACCOUNT, Force("closed", 0))
    assert there.enter() == "provider_unavailable"
    # And one whose Redis lost everything is told again by whoever knows.
    redis_client.flushdb()
    assert here.enter() == "provider_unavailable"
    assert there.enter() == "provider_unavailable"
    # Automatic again: it has to prove itself.
    here.gates.force(ACCOUNT, Force("", 2))
    assert there.state() == "half"
    for desk in (here, there):
        desk.close()


def test_forced_closed_lets_everything_through_and_automatic_starts_afresh(desk: Desk) -> None:
    opened(desk)
    desk.gates.force(ACCOUNT, Force("closed", 1))
    for _ in range(20):
        assert desk.call("provider_error") == "went"
    assert desk.state() == "closed"
    desk.gates.force(ACCOUNT, Force("", 2))
    assert desk.state() == "closed"
    assert desk.call("provider_error") == "went"
    assert desk.state() == "closed"  # the failures before do not count


def test_automatic_on_an_open_one_asks_at_once(desk: Desk) -> None:
    opened(desk, "account_blocked")
    desk.gates.force(ACCOUNT, Force("", 1))
    assert desk.state() == "half"
    assert desk.call() == "went"


def test_deadlines_only_extend(desk: Desk, redis_client: redis.Redis) -> None:
    """A shorter reason that comes later does not end a longer one earlier."""
    desk.call("bad_key")
    name = f"gate:{{{ACCOUNT}}}:breaker"
    long = int(redis_client.hget(name, "until")) + 1_000_000
    redis_client.hset(name, mapping={"state": "half", "until": long})
    desk.call("provider_error", READ)
    assert int(redis_client.hget(name, "until")) == long
    assert desk.state() == "open"
