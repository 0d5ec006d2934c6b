"""The rate limit all processes share: one booking for a call, never too many in any window."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis

from nexnum_console.providers.breaker import BreakerRules
from nexnum_console.providers.limiter import Budget, LimiterRules, Limits
from nexnum_console.providers.script import Call, Force
from tests.providers.gating import ACCOUNT, READ, SPEND, Desk

NEVER_OPENS = BreakerRules(bad_least=1e9, calls_least=10**9)
PATIENT = Call("buy", "spend", 5.0, 4.0)


@pytest.fixture
def make(redis_client: redis.Redis) -> Iterator:
    made: list[Desk] = []

    def desk(limits: Limits, limiter: LimiterRules | None = None) -> Desk:
        made.append(Desk(redis_client, limits, NEVER_OPENS, limiter))
        return made[-1]

    yield desk
    for each in made:
        each.close()


def went(desk: Desk, tries: int, call: Call = SPEND) -> int:
    return [desk.call(call=call) for _ in range(tries)].count("went")


def most_in_a_window(moments: list[int], window: float) -> int:
    moments, width = sorted(moments), round(window * 1e6)
    return max(sum(m <= at < m + width for at in moments) for m in moments)


def test_a_full_limit_goes_at_once_and_each_call_books_one_place(make) -> None:
    desk = make(Limits(Budget(10, 60.0), 100))
    began = time.monotonic()
    assert went(desk, 12) == 10
    assert time.monotonic() - began < 2
    assert desk.events["rate"] == 2


def test_processes_share_it(make) -> None:
    one, two = make(Limits(Budget(10, 60.0), 100)), make(Limits(Budget(10, 60.0), 100))
    assert went(one, 6) + went(two, 6) == 10


def test_no_window_ever_holds_more(make) -> None:
    desk = make(Limits(Budget(7, 0.2), 100))
    permits = []
    for _ in range(40):
        permits.append(desk.gate.enter(PATIENT))
        permits[-1].done()
        time.sleep(random.random() * 0.02)
    assert most_in_a_window([p.verdict.granted for p in permits], 0.2) <= 7
    assert sum(p.waited > 0.01 for p in permits) > 2


def test_waiting_uses_the_limit_up(make) -> None:
    desk = make(Limits(Budget(5, 0.1), 100))
    began = time.monotonic()
    for _ in range(50):
        desk.gate.enter(PATIENT).done()
    assert 0.85 < time.monotonic() - began < 2.5  # 9 more windows of 0.1 s


def test_a_wait_beyond_the_callers_patience_is_refused_at_once(make) -> None:
    desk = make(Limits(Budget(1, 30.0), 100))
    assert went(desk, 1) == 1
    began = time.monotonic()
    with pytest.raises(Exception, match="nothing was sent") as caught:
        desk.gate.enter(PATIENT)
    assert time.monotonic() - began < 1
    assert (caught.value.code, caught.value.sent, caught.value.declined) == (
        "rate_limited",
        False,
        True,
    )
    assert 28 <= caught.value.retry_after <= 30


def ahead(redis_client: redis.Redis, seconds: float) -> int:
    """A moment of a clock that was set back by so much since, in Redis's microseconds."""
    whole, rest = redis_client.time()
    return int(whole * 1_000_000 + rest + seconds * 1e6)


def test_a_clock_that_was_set_back_shuts_an_account_for_one_window_at_most(
    make, redis_client: redis.Redis
) -> None:
    desk = make(Limits(Budget(3, 0.4), 100))
    calls = f"gate:{{{ACCOUNT}}}:calls"
    assert went(desk, 3) == 3
    made = [int(at) + 600_000_000 for at in redis_client.lrange(calls, 0, -1)]
    redis_client.delete(calls)
    redis_client.rpush(calls, *made)
    granted = []
    for _ in range(6):
        permit = desk.gate.enter(PATIENT)
        granted.append(permit.verdict.granted)
        assert permit.waited < 1
        permit.done()
    assert most_in_a_window(granted, 0.4) <= 3
    assert redis_client.pttl(calls) > 0


def test_some_calls_ahead_of_the_clock_do_not_forget_the_others(
    make, redis_client: redis.Redis
) -> None:
    desk = make(Limits(Budget(3, 60.0), 100))
    calls = f"gate:{{{ACCOUNT}}}:calls"
    redis_client.rpush(calls, ahead(redis_client, 600))
    assert went(desk, 5) == 2, "what was made is counted, at worst as of now"


def test_a_pause_lasts_no_longer_because_the_clock_was_set_back(
    make, redis_client: redis.Redis
) -> None:
    desk = make(Limits(Budget(1000, 1.0), 100))
    desk.call("rate_limited", retry_after=0.3)
    limits = f"gate:{{{ACCOUNT}}}:limits"
    for name in ("cool", "cooled", "cut", "raise"):
        redis_client.hincrby(limits, name, 600_000_000)
    assert desk.enter() == "rate_limited"
    assert desk.seen().resting <= 0.3
    time.sleep(0.35)
    assert desk.call() == "went"


def test_no_pause_is_longer_than_the_longest(make, redis_client: redis.Redis) -> None:
    desk = make(Limits(Budget(1000, 1.0), 100), LimiterRules(cool_most=0.2))
    desk.call("rate_limited", retry_after=0.01)
    redis_client.hset(f"gate:{{{ACCOUNT}}}:limits", "cool", ahead(redis_client, 600))
    assert desk.enter() == "rate_limited"
    assert desk.seen().resting <= 0.2
    time.sleep(0.25)
    assert desk.call() == "went"


def test_reads_leave_room_for_purchases(make) -> None:
    desk = make(Limits(Budget(20, 60.0), 100))
    assert went(desk, 30, READ) == 18
    assert went(desk, 5, SPEND) == 2


def test_an_operations_own_limit_counts_with_the_accounts(make) -> None:
    desk = make(Limits(Budget(10, 60.0), 100))
    balance = replace(READ, operation="balance", own=Budget(2, 60.0))
    assert went(desk, 5, balance) == 2
    assert went(desk, 20, SPEND) == 8


def test_as_many_at_once_as_the_account_takes(make, redis_client: redis.Redis) -> None:
    desk = make(Limits(Budget(1000, 1.0), 3))
    held = [desk.gate.enter(SPEND) for _ in range(3)]
    assert desk.enter(SPEND) == "rate_limited"
    held.pop().done()
    desk.gates.flush()
    held.append(desk.gate.enter(SPEND))
    assert desk.enter(SPEND) == "rate_limited"
    # A process that died gives its places back when their lease ends.
    assert redis_client.zcard(f"gate:{{{ACCOUNT}}}:slots") == 3
    quick = Call("buy", "spend", 0.05 - 5.0, 0.5)  # a lease of 50 ms
    held.pop().done()
    desk.gates.flush()
    desk.gate.enter(quick)
    assert not isinstance(desk.gate.enter(replace(SPEND, patience=0.5)), str)


def test_slots_leave_room_for_purchases(make) -> None:
    desk = make(Limits(Budget(1000, 1.0), 8))
    reads = [desk.enter(READ) for _ in range(9)]
    assert sum(not isinstance(each, str) for each in reads) == 7
    assert not isinstance(desk.enter(SPEND), str)
    assert desk.enter(SPEND) == "rate_limited"


def test_asked_twice_with_one_token_it_books_once(make, redis_client: redis.Redis) -> None:
    """A lost answer is asked for again by the client."""
    limits = Limits(Budget(10, 60.0), 100)
    desk = make(limits)
    permit = desk.gates.script.permit
    first, again = (
        verdict
        for _ in range(2)
        for verdict in permit(ACCOUNT, ["token"], SPEND, 10.0, Force(), limits)
    )
    assert (first.what, again.what) == ("go", "go")
    assert redis_client.llen(f"gate:{{{ACCOUNT}}}:calls") == 1


def test_a_pause_the_provider_asks_for_holds_for_all_and_only_grows(make) -> None:
    one, two = make(Limits(Budget(1000, 1.0), 100)), make(Limits(Budget(1000, 1.0), 100))
    one.call("rate_limited", retry_after=30)
    one_more = two.seen().resting
    assert 29 < one_more <= 30
    assert two.call() == "rate_limited"
    with pytest.raises(Exception, match="asked for a pause"):
        two.gate.enter(PATIENT)


def test_a_shorter_pause_does_not_end_a_longer_one(make) -> None:
    desk = make(Limits(Budget(1000, 1.0), 100))
    first, second = desk.gate.enter(SPEND), desk.gate.enter(SPEND)
    first.done("rate_limited", 30)
    second.done("rate_limited", 1)
    desk.gates.flush()
    assert desk.seen().resting > 28


def test_one_flight_of_refusals_is_one_lesson(make) -> None:
    desk = make(Limits(Budget(100, 0.5), 100))
    flight = [desk.gate.enter(SPEND) for _ in range(20)]
    for permit in flight:
        permit.done("rate_limited", 0.01)
    desk.gates.flush()
    assert desk.seen().cap == 75


def test_the_cap_never_falls_below_its_floor_and_a_part_of_one_call_stretches_the_window(
    make,
) -> None:
    desk = make(Limits(Budget(2, 0.05), 100))
    for _ in range(20):
        permit = desk.gate.enter(PATIENT)
        permit.done("rate_limited", 0.001)
        desk.gates.flush()
    assert desk.seen().cap == pytest.approx(0.1)
    began = desk.gate.enter(PATIENT).verdict.granted
    assert (desk.gate.enter(PATIENT).verdict.granted - began) / 1e6 >= 0.5  # 0.05 s / 0.1


def test_other_terms_forget_what_was_learned(make) -> None:
    desk = make(Limits(Budget(100, 0.5), 100))
    desk.call("rate_limited", retry_after=0.001)
    assert desk.seen().cap == 75
    time.sleep(0.01)
    other = make(Limits(Budget(40, 60.0), 100))
    assert went(other, 50) == 40 - 1  # the call before counts


def test_it_finds_a_hidden_limit_and_seldom_runs_into_it(make) -> None:
    """A carrier that takes 10 in a window while its config says 40."""
    window, hidden = 0.2, 10
    desk = make(
        Limits(Budget(40, window), 1000), LimiterRules(raise_every=0.2, hold=1.0, hold_most=2.0)
    )
    accepted: list[int] = []
    late: list[tuple[bool, float]] = []
    began = time.monotonic()
    while (now := time.monotonic()) < began + 10:
        permit = desk.gate.enter(PATIENT)
        at = permit.verdict.granted  # Redis's clock, so that a busy machine adds no walls
        free = len(accepted) < hidden or accepted[-hidden] <= at - window * 1e6
        if free:
            accepted.append(at)
        permit.done("ok" if free else "rate_limited")
        desk.gates.flush()
        if now > began + 4:
            late.append((free, desk.seen().cap))
    refused = sum(not free for free, _ in late) / len(late)
    cap = sum(cap for _, cap in late) / len(late)
    assert refused < 0.03
    assert hidden * 0.85 < cap < hidden * 1.15


def test_a_limit_that_was_lifted_is_used_again(make) -> None:
    quick = LimiterRules(raise_every=0.02, hold=0.05, hold_most=0.05)
    desk = make(Limits(Budget(20, 0.02), 100), quick)
    desk.call("rate_limited", retry_after=0.001)
    cap = 0.0
    ends = time.monotonic() + 5
    while cap < 20 and time.monotonic() < ends:
        desk.gate.enter(PATIENT).done()
        desk.gates.flush()
        cap = desk.seen().cap
    assert cap == 20
