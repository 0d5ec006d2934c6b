"""What the outbox could not deliver, and how long it remembers what it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.outbox import Outbox

DONE_KEPT: Final = timedelta(days=7)
DROPPED_KEPT: Final = timedelta(days=90)
_FORGET_AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead message that an admin acted on."""

    id: int
    topic: str
    key: str
    error: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A topic now: ``oldest_seconds`` is the age of the oldest message still to be delivered;
    ``held`` of those waiting stand behind a dead one."""

    topic: str
    waiting: int
    held: int
    dead: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Deaths:
    """The dead messages of a topic; ``error`` is the newest one's."""

    topic: str
    dead: int
    newest_at: datetime
    error: str


def deaths(unit: UnitOfWork) -> list[Deaths]:
    """Every topic that has a dead message."""
    return [Deaths(**row) for row in unit.all(_DEATHS)]


def redrive(
    unit: UnitOfWork, outbox: Outbox, ids: Sequence[int] | None, now: datetime
) -> list[Letter]:
    """Try dead messages anew, all of them where ``ids`` is None; returns those that were dead.

    They keep their message id and their place in the order of their key.
    """
    rows = unit.all(_REDRIVE, ids=None if ids is None else list(ids), now=now)
    for topic in sorted({row["topic"] for row in rows}):
        outbox.ring_after(unit, topic)
    return [Letter(**row) for row in rows]


def drop(unit: UnitOfWork, outbox: Outbox, ids: Sequence[int], now: datetime) -> list[Letter]:
    """Give dead messages up for good; what they held back goes on. Returns those that were dead."""
    rows = unit.all(_DROP, ids=list(ids), now=now)
    for topic in sorted({row["topic"] for row in rows}):
        outbox.ring_after(unit, topic)
    return [Letter(**row) for row in rows]


def forget(unit: UnitOfWork, now: datetime) -> int:
    """Delete what was delivered a week ago and dropped a quarter ago; returns how many.

    Dead messages are never deleted: somebody decides on each.
    """
    return unit.run(
        _FORGET, done=now - DONE_KEPT, dropped=now - DROPPED_KEPT, most=_FORGET_AT_ONCE
    ).rowcount


def standings(unit: UnitOfWork, now: datetime) -> list[Standing]:
    """Every topic that has something waiting or dead."""
    return [
        Standing(
            row["topic"],
            row["waiting"],
            row["held"],
            row["dead"],
            max(0.0, (now - row["oldest"]).total_seconds()) if row["oldest"] else 0.0,
        )
        for row in unit.all(_STANDINGS)
    ]


_REDRIVE: Final = """
update outbox set state = 'waiting', tries = 0, redrives = redrives + 1, next_at = :now,
  settled_at = null
where state = 'dead' and (cast(:ids as bigint[]) is null or id = any(cast(:ids as bigint[])))
returning id, topic, key, error
"""
_DROP: Final = """
update outbox set state = 'dropped', settled_at = :now
where state = 'dead' and id = any(cast(:ids as bigint[]))
returning id, topic, key, error
"""
_FORGET: Final = """
delete from outbox where id in (
  select id from outbox
  where state = 'done' and settled_at < :done or state = 'dropped' and settled_at < :dropped
  limit :most)
"""
_DEATHS: Final = """
select topic, count(*) as dead, max(settled_at) as newest_at,
  (array_agg(error order by settled_at desc))[1] as error
from outbox where state = 'dead' and settled_at is not null group by topic order by topic
"""
_STANDINGS: Final = """
select m.topic, count(*) filter (where m.state = 'waiting') as waiting,
  count(*) filter (where m.state = 'dead') as dead,
  count(*) filter (where m.state = 'waiting' and exists (
    select from outbox e where e.topic = m.topic and e.key = m.key and e.id < m.id
    and e.state = 'dead')) as held,
  min(m.created_at) filter (where m.state = 'waiting') as oldest
from outbox m where m.state in ('waiting', 'dead') group by m.topic order by m.topic
"""
