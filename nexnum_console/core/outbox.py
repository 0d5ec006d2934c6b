"""What leaves a transaction: messages stored with the change they tell of, delivered by workers.

``put`` writes a row in the caller's transaction. A worker claims it under a lease, hands it to the
handler of its topic and marks it done only then: delivery is at least once, under a ``message_id``
that never changes, so that a receiver can tell a repetition.

Messages of one topic and key leave one after the other, in the order they were put; one that died
holds back those behind it until an admin redrives or drops it, for after it they would be out of
order. Other keys and topics go on. Whoever puts messages of one key from several transactions
holds a lock on the row the key names, as the activations do: the order is that of the ids.

A payload holds ids and what anyone on staff may see. Secrets stay sealed in the topic's own table.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import redis

from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.logs import redact
from nexnum_console.core.queue import ERRANDS, JobQueue

log = logging.getLogger(__name__)

JOB: Final = "workers.jobs.outbox.deliver"
JOB_SECONDS: Final = 300
# Of one topic no more than one job is queued for this long; a lost one is replaced after it.
RUNG_SECONDS: Final = 5
ERROR_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class Message:
    """A claimed message. ``tries`` counts this one; ``fence`` is the claim's own number."""

    id: int
    message_id: str
    topic: str
    key: str
    payload: dict[str, Any]
    tries: int
    fence: int
    created_at: datetime


class DeliveryFailed(Exception):
    """The receiver did not take it; ``final`` when it never will (a refused address)."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


@dataclass(frozen=True, slots=True)
class Route:
    """How a topic is delivered: after ``tries`` failures, or a final one, a message is dead.

    ``handle`` returns when the receiver has the message and raises DeliveryFailed, or anything,
    when not. ``lease`` is longer than it may take: after it another worker tries.
    """

    handle: Callable[[Message], None]
    tries: int = 8
    first_wait: timedelta = timedelta(seconds=15)
    factor: int = 4
    longest_wait: timedelta = timedelta(hours=6)
    lease: timedelta = timedelta(minutes=2)

    def wait(self, tries: int) -> timedelta:
        """How long after the failure of try number ``tries`` the next one comes."""
        seconds = self.first_wait.total_seconds() * self.factor ** min(tries - 1, 30)
        return timedelta(seconds=min(seconds, self.longest_wait.total_seconds()))


class Doorbell:
    """Wakes a worker for a topic. A ring that is not heard costs seconds: the scheduler asks
    PostgreSQL what is due."""

    def __init__(self, client: redis.Redis, jobs: JobQueue) -> None:
        self._client = client
        self._jobs = jobs

    def ring(self, topic: str) -> None:
        """Queue a job for the topic unless one is queued that has not begun. Never raises for
        Redis: the messages are stored."""
        try:
            if self._client.set(_rung(topic), 1, nx=True, ex=RUNG_SECONDS):
                self._jobs.enqueue(ERRANDS, JOB, topic, timeout_seconds=JOB_SECONDS)
        except redis.RedisError as error:
            log.warning("outbox: %s waits for the scheduler: %s", topic, type(error).__name__)

    def answered(self, topic: str) -> None:
        """A job begins: whatever is put from now on needs another ring."""
        try:
            self._client.delete(_rung(topic))
        except redis.RedisError as error:
            log.warning("outbox: %s is rung late: %s", topic, type(error).__name__)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Where the slices leave messages; ``ring`` wakes the workers of a topic."""

    ring: Callable[[str], None]

    def put(
        self, unit: UnitOfWork, topic: str, key: str, payload: dict[str, Any], *, now: datetime
    ) -> int:
        """Store a message that leaves only if the caller's transaction commits; returns its id.

        ``key``: at most 120 characters naming what the message is about, e.g. ``activation:7``.
        """
        number = unit.scalar(
            "insert into outbox (topic, key, payload, created_at, next_at)"
            " values (:topic, :key, cast(:payload as jsonb), :now, :now) returning id",
            topic=topic,
            key=key,
            payload=json.dumps(payload),
            now=now,
        )
        self.ring_after(unit, topic)
        return int(number)

    def ring_after(self, unit: UnitOfWork, topic: str) -> None:
        """Wake the topic's workers once the transaction is durable."""
        unit.after_commit(lambda: self.ring(topic))


def due_topics(unit: UnitOfWork, now: datetime) -> list[str]:
    """The topics that have a message to try."""
    return [str(name) for name in unit.run(_DUE_TOPICS, now=now).scalars()]


def deliver_due(
    database: Database,
    topic: str,
    route: Route,
    clock: Callable[[], datetime],
    more: Callable[[], bool] = lambda: True,
) -> int:
    """Try the topic's due messages one by one while ``more()``; returns how many were taken.

    No transaction is open while a handler runs, and any number of workers may do this at once.
    """
    taken = 0
    while more():
        message = _claim(database, topic, clock(), route.lease)
        if message is None:
            break
        taken += _deliver(database, route, message, clock)
    return taken


def _deliver(
    database: Database, route: Route, message: Message, clock: Callable[[], datetime]
) -> bool:
    if message.tries > route.tries:
        # Nobody lived to say what went wrong: the message may be what kills them.
        _fail(database, route, message, _NEVER_FINISHED, clock(), final=True)
        return False
    try:
        route.handle(message)
    except DeliveryFailed as error:
        _fail(database, route, message, str(error), clock(), final=error.final)
        return False
    except Exception as error:
        log.exception("%s: the handler broke off", _named(message))
        said = f"{type(error).__name__}: {error}"
        _fail(database, route, message, said, clock(), final=False)
        return False
    return _settle(database, message, "done", "", clock())


def _claim(database: Database, topic: str, now: datetime, lease: timedelta) -> Message | None:
    with database.transaction() as unit:
        row = unit.first(_CLAIM, topic=topic, now=now, until=now + lease)
    return Message(**row) if row else None


def _fail(
    database: Database, route: Route, message: Message, error: str, now: datetime, *, final: bool
) -> None:
    said = redact(error)[:ERROR_LENGTH]
    log.warning("%s was not delivered (try %s): %s", _named(message), message.tries, said)
    if final or message.tries >= route.tries:
        _settle(database, message, "dead", said, now)
        return
    with database.transaction() as unit:
        unit.run(
            _PUT_OFF,
            error=said,
            at=now + route.wait(message.tries),
            id=message.id,
            fence=message.fence,
        )


def _settle(database: Database, message: Message, state: str, error: str, now: datetime) -> bool:
    """Whether the end was ours to write: after its lease a message may be another worker's."""
    with database.transaction() as unit:
        ended = unit.run(
            _END,
            state=state,
            error=error,
            now=now,
            id=message.id,
            fence=message.fence,
        )
    if ended.rowcount == 0:
        log.warning("%s ended as %s after its lease", _named(message), state)
    return ended.rowcount == 1


def _named(message: Message) -> str:
    return f"outbox: {message.topic} {message.message_id}"


def _rung(topic: str) -> str:
    return f"outbox:rung:{topic}"


_NEVER_FINISHED: Final = "every process that tried it ended before it was done"
_PUT_OFF: Final = """
update outbox set error = :error, next_at = :at, lease_until = null
where id = :id and fence = :fence and state = 'waiting'
"""
_END: Final = """
update outbox set state = :state, error = :error, settled_at = :now, lease_until = null
where id = :id and fence = :fence and state = 'waiting'
"""
# Due, in nobody's hands, and the first of its key that is neither delivered nor dropped.
_FREE: Final = """
m.state = 'waiting' and m.next_at <= :now and (m.lease_until is null or m.lease_until <= :now)
and not exists (
  select from outbox e where e.topic = m.topic and e.key = m.key and e.id < m.id
  and e.state in ('waiting', 'dead'))
"""
_DUE_TOPICS: Final = f"select distinct m.topic from outbox m where {_FREE} order by 1"  # noqa: S608
_CLAIM: Final = f"""
update outbox set lease_until = :until, fence = fence + 1, tries = tries + 1
where id = (
  select m.id from outbox m where m.topic = :topic and {_FREE}
  order by m.next_at, m.id limit 1 for update of m skip locked)
returning id, message_id::text as message_id, topic, key, payload, tries, fence, created_at
"""  # noqa: S608
