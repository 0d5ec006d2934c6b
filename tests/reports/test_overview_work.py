"""Queues, held money and the feed of what happened last."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from nexnum_console.activations.cancel import cancel
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.sweep import sweep
from nexnum_console.core import job_runs
from nexnum_console.core.db import Database
from nexnum_console.core.queue import CATALOGUE, POLLING, QUEUES, JobQueue, QueueLook
from nexnum_console.reports.overview_feed import MOST, SYNC_KIND, newest_events
from nexnum_console.reports.overview_work import Work, work
from nexnum_console.wallet.deposits import deposit
from tests.activations.world import World, build


@pytest.fixture
def world(database: Database) -> World:
    return build(database)


def _work(world: World, looks: list[QueueLook] | None) -> Work:
    with world.desk.database.transaction() as unit:
        return work(unit, looks, world.clock(), "USD")


def _look(name: str, **values: object) -> QueueLook:
    known = {"waiting": 0, "running": 0, "failed": 0, "workers": 1, "oldest": None}
    return QueueLook(name, **{**known, **values})  # type: ignore[arg-type]


def test_queues_are_looked_at_where_they_are(redis_client: redis.Redis) -> None:
    jobs = JobQueue(redis_client)
    jobs.enqueue(CATALOGUE, "workers.jobs.catalogue.sync_due", timeout_seconds=5)
    looks = {look.name: look for look in jobs.look() or []}
    assert list(looks) == list(QUEUES)
    assert (looks[CATALOGUE].waiting, looks[CATALOGUE].workers) == (1, 0)
    assert looks[CATALOGUE].oldest is not None
    assert (looks[POLLING].waiting, looks[POLLING].oldest) == (0, None)


def test_no_redis_is_no_empty_queue(world: World) -> None:
    gone = JobQueue(redis.Redis(port=9, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0)))
    assert gone.look() is None
    assert _work(world, None).silent


def test_a_queue_warns_when_nobody_serves_it_or_its_oldest_waits(world: World) -> None:
    now = world.clock()
    old = now - timedelta(seconds=20)
    lines = {
        line.name: line
        for line in _work(
            world,
            [
                _look(POLLING, waiting=3, oldest=old),
                _look(CATALOGUE, waiting=3, oldest=old.replace(tzinfo=None), workers=2),
                _look("settling", workers=0, failed=2),
            ],
        ).queues
    }
    assert (lines[POLLING].tone, lines[POLLING].oldest) == ("warn", "oldest 20.0 s")
    assert (lines[CATALOGUE].tone, lines[CATALOGUE].workers) == ("", "2 workers")
    assert (lines["settling"].tone, lines["settling"].workers) == ("danger", "no worker")


def test_money_held_for_an_answer_is_counted(world: World) -> None:
    world.carrier().mood = lambda: "lose"
    purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    seen = _work(world, [])
    assert (seen.held, seen.held_tone) == ("1 · $0.15", "warn")
    assert sweep(world.desk) == 0


def test_the_feed_mixes_orders_money_and_syncs_newest_first(database: Database) -> None:
    world = build(database, funds=0)
    with world.desk.database.transaction() as unit:
        deposit(
            unit,
            wallet_id=world.wallet_id,
            amount=5_000_000,
            gateway="sandbox",
            gateway_ref="x",
            actor="test",
            now=world.clock(),
        )
    bought = purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    cancel(world.desk, bought, world.user_id)
    with world.desk.database.transaction() as unit:
        for outcome in ("done", "failed"):
            run = job_runs.start(unit, SYNC_KIND, "alpha", now=world.clock())
            if outcome == "done":
                job_runs.finish(unit, run, {"offers": 12_345}, now=world.clock())
            else:
                job_runs.fail(unit, run, "no answer", now=world.clock())
        lines = newest_events(unit)
    assert [line.title for line in lines[:3]] == [
        "Sync failed, alpha",
        "Catalogue synced, alpha",
        "Cancelled, refunded, Telegram",
    ]
    assert [line.detail for line in lines[:2]] == ["no answer", "12,345 offers"]
    assert lines[-1].title == "Deposit booked, $5.00"
    assert [line.at_ms for line in lines] == sorted((x.at_ms for x in lines), reverse=True)
    assert len({line.key for line in lines}) == len(lines) <= MOST
    told = str(lines)
    assert "@" not in told
    assert "+44" not in told
