"""Who starts while the host's clock is wrong tells the time of those who run."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import redis

from nexnum_console.core import shared_clock
from nexnum_console.core.clock import SteadyClock
from nexnum_console.stack.services import free_port


class Computer:
    """A computer whose clock can be set, and its processes' clocks."""

    def __init__(self) -> None:
        self.error = 0.0

    def process(self) -> SteadyClock:
        """The clock of a process that starts now."""
        return SteadyClock(
            lambda: datetime.fromtimestamp(time.time() + self.error, UTC), time.monotonic
        )


def test_a_process_that_starts_while_the_clock_is_wrong_asks_in_redis(
    redis_client: redis.Redis,
) -> None:
    computer = Computer()
    first = computer.process()
    shared_clock.tell(redis_client, first)
    computer.error = 600.0
    second = computer.process()
    assert second() - first() > timedelta(minutes=9)
    shared_clock.take_over(redis_client, second)
    assert abs(second() - first()) < timedelta(seconds=1)
    assert second.ahead > timedelta(minutes=9)
    shared_clock.forget(redis_client)
    third = computer.process()
    shared_clock.take_over(redis_client, third)
    assert third() - first() > timedelta(minutes=9)


def test_without_redis_a_process_goes_by_its_host(caplog: pytest.LogCaptureFixture) -> None:
    clock = Computer().process()
    with redis.Redis(port=free_port(), socket_connect_timeout=1) as nobody:
        shared_clock.take_over(nobody, clock)
    assert clock.ahead == timedelta()
    assert "nobody could be asked" in caplog.text
