"""Limits on tries."""

from __future__ import annotations

import pytest
import redis

from nexnum_console.bootstrap import open_redis
from nexnum_console.core.throttle import Limit, Throttle, TooMany

LIMIT = Limit("test", 8, 60)


def _tries(throttle: Throttle, subject: str, count: int) -> int:
    passed = 0
    for _ in range(count):
        try:
            throttle.hit(LIMIT, subject)
        except TooMany:
            continue
        passed += 1
    return passed


def test_the_limit_holds_over_processes(redis_client: redis.Redis) -> None:
    one, two = Throttle(redis_client), Throttle(redis_client)
    assert _tries(one, "ada", 5) + _tries(two, "ada", 10) == 8
    assert _tries(two, "bob", 3) == 3


def test_the_window_ends_by_itself(redis_client: redis.Redis) -> None:
    throttle = Throttle(redis_client)
    throttle.hit(LIMIT, "ada")
    (key,) = redis_client.keys("throttle:test:*")
    assert 0 < redis_client.ttl(key) <= 60
    assert b"ada" not in key


def test_without_redis_fewer_tries_pass_and_the_window_still_ends() -> None:
    now = [1000.0]
    throttle = Throttle(open_redis("redis://127.0.0.1:1/0"), clock=lambda: now[0])
    assert _tries(throttle, "ada", 4) == 2
    now[0] += 61
    throttle.hit(LIMIT, "ada")


def test_forgetting_starts_over(redis_client: redis.Redis) -> None:
    throttle = Throttle(redis_client)
    _tries(throttle, "ada", 8)
    with pytest.raises(TooMany) as refused:
        throttle.hit(LIMIT, "ada")
    assert refused.value.retry_after is not None
    throttle.forget(LIMIT, "ada")
    throttle.hit(LIMIT, "ada")
