"""Answers to requests are forgotten when their time is over, by the scheduler's word."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
import redis
from rq.utils import import_attribute

from nexnum_console.core import idempotency
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.queue import ERRANDS, JobQueue
from workers import schedule
from workers.jobs import requests


def test_the_scheduler_has_old_answers_forgotten(
    database: Database, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = SimpleNamespace(database=database)
    monkeypatch.setattr(requests, "services", lambda: parts)
    for age, key in ((idempotency.KEPT + timedelta(hours=1), "old"), (timedelta(days=1), "new")):
        with database.transaction() as unit:
            begun = utc_now() - age
            idempotency.begin(unit, "user:1", key, b"x" * 32, now=begun, lease=timedelta(seconds=9))
            idempotency.finish(unit, "user:1", key, 200, "{}")
    jobs = JobQueue(redis_client)
    (duty,) = [duty for duty in schedule.DUTIES if duty.name == "forgetting"]
    duty.run(parts, jobs)
    names = [job.func_name for job in jobs.queue(ERRANDS).jobs]
    assert "workers.jobs.requests.sweep" in names
    assert all(callable(import_attribute(name)) for name in names)
    assert requests.sweep() == 1
    with database.transaction() as unit:
        assert unit.scalar("select key from idempotency_key") == "new"
