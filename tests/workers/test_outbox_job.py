"""From a letter's transaction to its delivery: by a ring, or by the scheduler when it was lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from rq.serializers import JSONSerializer

from nexnum_console.bootstrap import Services, open_services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import new_secret_key
from nexnum_console.core.db import Database
from nexnum_console.core.queue import ERRANDS
from nexnum_console.settings import Settings
from workers import schedule
from workers.jobs import outbox as job
from workers.run import RoomWorker


@pytest.fixture
def parts(
    database: Database,
    redis_url: str,
    redis_client: redis.Redis,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Services]:
    opened = open_services(
        Settings(
            database_url=database.url,
            redis_url=redis_url,
            nexnum_secret_key=new_secret_key(),
            nexnum_data_dir=tmp_path,
        )
    )
    monkeypatch.setattr(job, "services", lambda: opened)
    yield opened
    opened.close()


def post(parts: Services) -> None:
    with parts.database.transaction() as unit:
        parts.postroom.post(unit, "ada@example.org", "A subject", "The text")


def work(redis_client: redis.Redis) -> None:
    """What the errands' worker does until its queue is empty."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    worker = RoomWorker([ERRANDS], connection=redis_client, serializer=JSONSerializer)
    try:
        worker.work(burst=True, logging_level="WARNING")
    finally:
        # RQ leaves its own behind.
        for number, handler in handlers.items():
            signal.signal(number, handler)


def sent(tmp_path: Path) -> int:
    return len(list(tmp_path.glob("mail/*.eml")))


def test_a_letter_leaves_by_the_ring_of_its_transaction(
    parts: Services, redis_client: redis.Redis, tmp_path: Path
) -> None:
    post(parts)
    post(parts)
    assert parts.jobs.waiting(ERRANDS) == 1, "one job for both"
    work(redis_client)
    assert sent(tmp_path) == 2
    post(parts)
    work(redis_client)
    assert sent(tmp_path) == 3


def test_what_redis_forgot_the_scheduler_finds(
    parts: Services, redis_client: redis.Redis, tmp_path: Path
) -> None:
    post(parts)
    redis_client.flushdb()
    work(redis_client)
    assert sent(tmp_path) == 0
    schedule.wake_outbox(parts, parts.jobs)
    work(redis_client)
    assert sent(tmp_path) == 1
    schedule.wake_outbox(parts, parts.jobs)
    assert parts.jobs.waiting(ERRANDS) == 0, "nothing is due any more"


def test_a_topic_that_nobody_delivers_wakes_nobody(parts: Services) -> None:
    with parts.database.transaction() as unit:
        parts.outbox.put(unit, "told", "activation:1", {}, now=utc_now())
    parts.redis.flushdb()
    schedule.wake_outbox(parts, parts.jobs)
    assert parts.jobs.waiting(ERRANDS) == 0
