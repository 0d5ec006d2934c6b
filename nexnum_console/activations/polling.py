"""A lane: one worker polls one provider account's live numbers for a while, then hands it on.

Calls go out by themselves; what they brought and what is asked next is one transaction a tick, so
that a number that still waits costs a part of a statement, and no commit of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final

from nexnum_console.activations.about import about
from nexnum_console.activations.answers import Answer, apply_answer, is_quiet, put_off
from nexnum_console.activations.crowd import LEASE_SECONDS, Crowd, Kept, Told, hand_back
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.lanes import Lane
from nexnum_console.activations.pace import Pace
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.failpoints import failpoint
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import AsyncProviderClient
from nexnum_console.providers.errors import ProviderError

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
# How long a lane that is left waits for the calls under way. With the lane's time it is enough
# for a slow carrier's answer; what is cut off then is a read, and is asked again.
END_SECONDS: Final = 12.0
# Answers that come close together are stored together.
BREATH_SECONDS = 0.01
# What is claimed waits for its turn where nobody can overtake it, so it is no more than this.
CLAIMED_SECONDS: Final = 2.0

_CLAIM: Final = """
with claimed as (
  update activation set lease_until = :lease, fence = fence + 1
  where id in (
    select id from activation
    where account_id = :account_id and state in ('waiting','received','cancelling')
      and next_at <= :now and (lease_until is null or lease_until < :now)
    order by next_at limit :limit for update skip locked
  ) returning id, fence, state, service, country, upstream_id, phone, sms_count, acquired_at,
    expires_at, status_failures
)
select claimed.*, t.external_country, t.external_service from claimed
left join attempt t on t.activation_id = claimed.id and t.state = 'acquired'
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Claimed rows: those that one call tells of, and those that are asked about one by one."""

    together: Sequence[Any]
    alone: Sequence[Any]


async def poll_lane(desk: Desk, lane: Lane, more: Callable[[], bool]) -> int:
    """Poll while ``more()`` and something is live; returns how often it asked.

    Where one call tells of many numbers, it goes first.

    The lane's lease is renewed all the time; a lane lost to another worker ends this one. Each
    answer is stored within moments, so one call that hangs holds up no other number's code.
    """
    carrier = desk.carriers.get(lane.account_id)
    await asyncio.to_thread(_take_over, desk, lane.account_id)
    async with carrier.open_reader() as reader:
        poller = _Poller(desk, lane, carrier, reader)
        patience = 0.0
        try:
            await poller.run(more)
            patience = END_SECONDS
        finally:
            await poller.end(patience)
    return poller.calls


class _Poller:
    """One worker on one lane: the calls under way, and what came of those that are over."""

    def __init__(
        self, desk: Desk, lane: Lane, carrier: Carrier, reader: AsyncProviderClient
    ) -> None:
        self.calls = 0
        self._desk = desk
        self._lane = lane
        self._carrier = carrier
        self._reader = reader
        self._pace = Pace(desk, carrier.terms, reader.listing())
        self._crowd = Crowd(carrier.terms, reader, self._pace)
        self._looking: dict[asyncio.Task[None], Sequence[Any]] = {}
        self._answers: list[Answer] = []
        self._told: list[Told] = []
        terms = carrier.terms
        soon = terms.reads_per_second * CLAIMED_SECONDS
        self._at_once = terms.at_once if soon == inf else min(terms.at_once, max(1, int(soon)))

    async def run(self, more: Callable[[], bool]) -> None:
        """Tick until there is no more time, nothing left to ask about, or the lane is another's."""
        while more():
            due = await asyncio.to_thread(self._tick, self._at_once - len(self._looking))
            if due is None:
                return
            self._ask(due)
            if not self._looking and not await asyncio.to_thread(self._anything_live):
                return
            await self._some_time()

    async def end(self, patience: float) -> None:
        """Wait so many seconds for what is under way; store what came and hand the rest back.

        Cut off itself, it waits no longer.
        """
        looking, self._looking = self._looking, {}
        try:
            if looking:
                await asyncio.wait(looking, timeout=patience)
        finally:
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)
            cut = [row for task, rows in looking.items() if task.cancelled() for row in rows]
            await asyncio.to_thread(self._store_last, cut)
        for task in looking:
            if not task.cancelled():
                task.result()

    def _ask(self, due: Due) -> None:
        self.calls += len(due.alone) + bool(due.together)
        if due.together:
            self._looking[asyncio.create_task(self._look_at_many(due.together))] = due.together
        for row in due.alone:
            self._looking[asyncio.create_task(self._look(row))] = [row]

    async def _some_time(self) -> None:
        """Wait until calls are over, but not for the slow ones."""
        if not self._looking:
            await asyncio.sleep(IDLE_SECONDS)
            return
        done, _ = await asyncio.wait(
            self._looking, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if done and len(self._looking) > len(done):
            await asyncio.sleep(BREATH_SECONDS)
        over = [task for task in self._looking if task.done()]
        for task in over:
            del self._looking[task]
        for task in over:
            task.result()

    async def _look_at_many(self, rows: Sequence[Any]) -> None:
        failpoint("poll.claimed")
        told = await self._crowd.ask(rows)
        failpoint("poll.answered")
        self._told.append(told)
        self._answers += [Answer(row, report, None) for row, report in told.spoken]

    async def _look(self, row: Any) -> None:
        failpoint("poll.claimed")
        try:
            known = about(row, row["external_country"], row["external_service"])
            answer = Answer(row, await self._reader.status(row["upstream_id"], known), None)
        except ProviderError as error:
            answer = Answer(row, None, error)
        failpoint("poll.answered")
        self._answers.append(answer)

    def _tick(self, free: int) -> Due | None:
        """Store what came, keep the lane, claim what is due; None where the lane is another's."""
        kept = self._store()
        self._pace.refresh()
        now = self._desk.clock()
        with self._desk.database.transaction() as unit:
            if not self._lane.renew_in(unit, now):
                return None
            hand_back(unit, kept)
            many = self._crowd.claim(unit, now)
            due = Due(many, _claim(unit, self._lane.account_id, free, now))
        if kept:
            failpoint("poll.stored")
        return due

    def _store(self) -> list[Kept]:
        """Write down what is news, each in its own transaction; returns who waits on.

        An answer that cannot be written down puts off its own number alone.
        """
        answers, self._answers = self._answers, []
        told, self._told = self._told, []
        now = self._desk.clock()
        quiet = []
        for answer in answers:
            try:
                if is_quiet(answer, now):
                    quiet.append(self._crowd.waits_on(answer.row, now))
                    continue
                apply_answer(self._desk, self._carrier, answer, self._pace)
            except Exception as error:
                log.exception("the answer about activation %s was not stored", answer.row["id"])
                put_off(self._desk, self._carrier.terms.provider, answer.row, error)
            failpoint("poll.stored")
        self._crowd.asked_alone(answer.row["id"] for answer in answers)
        return quiet + [each for one in told for each in self._crowd.kept(one, now)]

    def _store_last(self, cut: Sequence[Any]) -> None:
        now = self._desk.clock()
        kept = self._store() + [Kept(row["id"], row["fence"], now, quiet=False) for row in cut]
        if kept:
            with self._desk.database.transaction() as unit:
                hand_back(unit, kept)

    def _anything_live(self) -> bool:
        with self._desk.database.transaction() as unit:
            return bool(
                unit.scalar(
                    "select exists (select from activation where account_id = :id"
                    " and state in ('waiting','received','cancelling'))",
                    id=self._lane.account_id,
                )
            )


def _take_over(desk: Desk, account_id: int) -> None:
    """Whoever held the lane before holds its numbers no more; the fence refuses their writes."""
    with desk.database.transaction() as unit:
        unit.run(
            "update activation set lease_until = null where account_id = :account_id"
            " and state in ('waiting','received','cancelling') and lease_until is not null",
            account_id=account_id,
        )


def _claim(unit: UnitOfWork, account_id: int, most: int, now: datetime) -> Sequence[Any]:
    if most < 1:
        return []
    lease = now + timedelta(seconds=LEASE_SECONDS)
    return unit.all(_CLAIM, account_id=account_id, now=now, lease=lease, limit=most)
