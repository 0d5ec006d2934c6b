"""The scheduler: ``python -m workers.schedule``. Any number may run; one holds the lock.

It only wakes workers: which lanes are due is asked of PostgreSQL, so a lost queue loses nothing.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis
from redis.lock import Lock
from sqlalchemy.exc import SQLAlchemyError

from nexnum_console.activations import lanes
from nexnum_console.bootstrap import Services, close, services
from nexnum_console.core import shared_clock
from nexnum_console.core.clock import clock_ahead, utc_now
from nexnum_console.core.logs import configure_logging
from nexnum_console.core.outbox import due_topics
from nexnum_console.core.queue import CATALOGUE, ERRANDS, POLLING, SETTLING, JobQueue
from nexnum_console.operations import clock_watch, ledger_check, outbox_desk
from nexnum_console.providers import canary
from nexnum_console.routing import decisions

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
LOCK_SECONDS = 6
LOCK_NAME = "nexnum:scheduler"
JOB_TIMEOUT_SECONDS = 120
SYNC_TIMEOUT_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do every ``seconds``."""

    name: str
    seconds: float
    run: Callable[[Services, JobQueue], None]


def wake_lanes(parts: Services, jobs: JobQueue) -> None:
    """One job per kind of lane that has work and nobody on it."""
    for kind in lanes.claim_for_queue(parts.database, utc_now()):
        queue, function = _LANE_JOBS[kind]
        jobs.enqueue(queue, function, timeout_seconds=JOB_TIMEOUT_SECONDS)


def wake_sweep(parts: Services, jobs: JobQueue) -> None:
    """Look for what killed processes left."""
    if jobs.waiting(SETTLING) == 0:
        jobs.enqueue(
            SETTLING, "workers.jobs.activations.sweep", timeout_seconds=JOB_TIMEOUT_SECONDS
        )


def wake_sync(parts: Services, jobs: JobQueue) -> None:
    """Refresh every provider's catalogue."""
    jobs.enqueue(CATALOGUE, "workers.jobs.catalogue.sync_due", timeout_seconds=SYNC_TIMEOUT_SECONDS)


def wake_outbox(parts: Services, jobs: JobQueue) -> None:
    """Messages whose next try has come, and what died with a worker or with Redis; an alert for
    those that were given up."""
    with parts.database.transaction() as unit:
        due = due_topics(unit, utc_now())
        outbox_desk.watch_dead(unit, utc_now())
    for topic in due:
        # A topic that nothing here delivers stays; its age shows in the gauges.
        if topic in parts.routes:
            parts.doorbell.ring(topic)


def wake_ledger(parts: Services, jobs: JobQueue) -> None:
    """The next check of every promise of the ledger."""
    with parts.database.transaction() as unit:
        due = ledger_check.is_due(unit, utc_now())
    if due and jobs.waiting(CATALOGUE) == 0:
        jobs.enqueue(CATALOGUE, "workers.jobs.ledger.verify", timeout_seconds=SYNC_TIMEOUT_SECONDS)


def wake_watch(parts: Services, jobs: JobQueue) -> None:
    """The newest journals are checked and sealed."""
    if jobs.waiting(ERRANDS) == 0:
        jobs.enqueue(ERRANDS, "workers.jobs.ledger.watch", timeout_seconds=JOB_TIMEOUT_SECONDS)


def wake_money(parts: Services, jobs: JobQueue) -> None:
    """Deposits, refunds and penalties that are due."""
    jobs.enqueue(ERRANDS, "workers.jobs.money.upkeep", timeout_seconds=JOB_TIMEOUT_SECONDS)


def wake_drafts(parts: Services, jobs: JobQueue) -> None:
    """Judge the drafts that serve a share of the calls."""
    with parts.database.transaction() as unit:
        running = canary.is_running(unit)
    if running and jobs.waiting(ERRANDS) == 0:
        jobs.enqueue(
            ERRANDS, "workers.jobs.providers.judge_drafts", timeout_seconds=JOB_TIMEOUT_SECONDS
        )


def wake_learning(parts: Services, jobs: JobQueue) -> None:
    """Purchases whose outcome the routing can learn from."""
    with parts.database.transaction() as unit:
        due = decisions.is_due(unit, utc_now())
    if due and jobs.waiting(ERRANDS) == 0:
        jobs.enqueue(ERRANDS, "workers.jobs.routing.learn", timeout_seconds=JOB_TIMEOUT_SECONDS)


def wake_forgetting(parts: Services, jobs: JobQueue) -> None:
    """Decisions, quotes and answers to requests whose time is over."""
    for function in ("workers.jobs.routing.sweep", "workers.jobs.requests.sweep"):
        jobs.enqueue(ERRANDS, function, timeout_seconds=JOB_TIMEOUT_SECONDS)


def watch_clock(parts: Services, jobs: JobQueue) -> None:
    """An alert while the host's clock is not the one that the processes go by; later ones take
    that over."""
    shared_clock.tell(parts.redis)
    with parts.database.transaction() as unit:
        clock_watch.watch(unit, clock_ahead(), utc_now())


_LANE_JOBS = {
    "poll": (POLLING, "workers.jobs.activations.poll"),
    "settle": (SETTLING, "workers.jobs.activations.settle"),
}
DUTIES = (
    Duty("lanes", TICK_SECONDS, wake_lanes),
    Duty("sweep", 3.0, wake_sweep),
    Duty("sync", 30.0, wake_sync),
    Duty("outbox", 2.0, wake_outbox),
    Duty("ledger", 15.0, wake_ledger),
    Duty("watch", 12.0, wake_watch),
    Duty("money", 60.0, wake_money),
    Duty("clock", 30.0, watch_clock),
    Duty("drafts", 5.0, wake_drafts),
    Duty("learning", 2.0, wake_learning),
    Duty("forgetting", 3600.0, wake_forgetting),
)


def run(parts: Services, stop: threading.Event) -> None:
    """Tick until ``stop``; a database or Redis outage is waited out."""
    jobs = JobQueue(parts.redis)
    lock = parts.redis.lock(LOCK_NAME, timeout=LOCK_SECONDS, thread_local=False)
    due = {duty.name: 0.0 for duty in DUTIES}
    begun = False
    while not stop.is_set():
        try:
            if _lead(lock):
                if not begun:
                    lanes.list_anew(parts.database)
                    begun = True
                _tick(parts, jobs, due)
        except (redis.RedisError, SQLAlchemyError) as error:
            log.warning("scheduler waits: %s", type(error).__name__)
            stop.wait(1.0)
        stop.wait(TICK_SECONDS)
    if lock.owned():
        lock.release()


def _tick(parts: Services, jobs: JobQueue, due: dict[str, float]) -> None:
    now = time.monotonic()
    for duty in DUTIES:
        if now >= due[duty.name]:
            due[duty.name] = now + duty.seconds
            duty.run(parts, jobs)


def _lead(lock: Lock) -> bool:
    if lock.owned():
        lock.extend(LOCK_SECONDS, replace_ttl=True)
        return True
    return bool(lock.acquire(blocking=False))


def main() -> int:
    """Schedule until a signal."""
    configure_logging()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parts = services()
    shared_clock.take_over(parts.redis)
    run(parts, stop)
    close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
