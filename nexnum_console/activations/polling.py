"""A lane: one worker polls one provider account's live numbers for a while, then hands it on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nexnum_console.activations.about import about
from nexnum_console.activations.crowd import LEASE_SECONDS, RECEIVED_SLOWDOWN, Crowd
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.inbound import confirm
from nexnum_console.activations.lanes import Lane
from nexnum_console.activations.settle import (
    finish,
    give_back,
    look_again,
    messages_of,
    overdue,
    store_messages,
)
from nexnum_console.core.failpoints import failpoint
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import AsyncProviderClient, StatusReport
from nexnum_console.providers.errors import ProviderError

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 20
IDLE_SECONDS = 0.25
FAILURE_SECONDS_MAX = 30

_CLAIM = """
with claimed as (
  update activation set lease_until = :lease, fence = fence + 1
  where id in (
    select id from activation
    where account_id = :account_id and state in ('waiting','received','cancelling')
      and next_at <= :now and (lease_until is null or lease_until < :now)
    order by next_at limit :limit for update skip locked
  ) returning *
)
select claimed.*, t.external_country, t.external_service from claimed
left join attempt t on t.activation_id = claimed.id and t.state = 'acquired'
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one status call brought: a report, or the error that stands for none."""

    row: Any
    report: StatusReport | None
    error: ProviderError | None


async def poll_lane(desk: Desk, lane: Lane, more: Callable[[], bool]) -> int:
    """Poll while ``more()`` and something is live; returns how often it asked.

    Where one call tells of many numbers, it goes first.

    The lane's lease is renewed all the time; a lane lost to another worker ends this one. Each
    answer is stored as it comes, so one call that hangs holds up no other number's code.
    """
    carrier = desk.carriers.get(lane.account_id)
    await asyncio.to_thread(_take_over, desk, lane.account_id)
    storing = asyncio.Lock()
    looking: set[asyncio.Task[None]] = set()
    calls = 0
    async with carrier.open_reader() as reader:
        crowd = Crowd(desk, carrier, reader)
        try:
            while more() and await asyncio.to_thread(lane.renew, desk.clock()):
                many = await asyncio.to_thread(crowd.claim)
                if many:
                    calls += 1
                    looking.add(
                        asyncio.create_task(_look_at_many(desk, carrier, crowd, many, storing))
                    )
                free = CALLS_AT_ONCE - len(looking)
                rows = await asyncio.to_thread(_claim, desk, lane.account_id, free)
                calls += len(rows)
                looking |= {
                    asyncio.create_task(_look(desk, carrier, reader, crowd, row, storing))
                    for row in rows
                }
                if not looking and not await asyncio.to_thread(
                    _anything_live, desk, lane.account_id
                ):
                    break
                looking = await _some_time(looking)
        finally:
            await asyncio.gather(*looking)
    return calls


def _take_over(desk: Desk, account_id: int) -> None:
    """Whoever held the lane before holds its numbers no more; the fence refuses their writes."""
    with desk.database.transaction() as unit:
        unit.run(
            "update activation set lease_until = null where account_id = :account_id"
            " and state in ('waiting','received','cancelling') and lease_until is not null",
            account_id=account_id,
        )


async def _some_time(looking: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Wait for the calls under way, but not for the slow ones; returns those."""
    if not looking:
        await asyncio.sleep(IDLE_SECONDS)
        return looking
    done, slow = await asyncio.wait(looking, timeout=IDLE_SECONDS)
    for task in done:
        task.result()
    return slow


async def _look_at_many(
    desk: Desk, carrier: Carrier, crowd: Crowd, rows: Sequence[Any], storing: asyncio.Lock
) -> None:
    failpoint("poll.claimed")
    told = await crowd.ask(rows)
    failpoint("poll.answered")
    async with storing:
        await asyncio.to_thread(crowd.keep, told)
        for row, report in told.spoken:
            await asyncio.to_thread(apply_answer, desk, carrier, Answer(row, report, None))
    failpoint("poll.stored")


async def _look(
    desk: Desk,
    carrier: Carrier,
    reader: AsyncProviderClient,
    crowd: Crowd,
    row: Any,
    storing: asyncio.Lock,
) -> None:
    failpoint("poll.claimed")
    answer = await _ask(reader, row)
    failpoint("poll.answered")
    async with storing:
        await asyncio.to_thread(apply_answer, desk, carrier, answer)
    crowd.asked_alone(row["id"])
    failpoint("poll.stored")


async def _ask(reader: AsyncProviderClient, row: Any) -> Answer:
    try:
        known = about(row, row["external_country"], row["external_service"])
        return Answer(row, await reader.status(row["upstream_id"], known), None)
    except ProviderError as error:
        return Answer(row, None, error)


def _claim(desk: Desk, account_id: int, most: int) -> Sequence[Any]:
    if most < 1:
        return []
    now = desk.clock()
    with desk.database.transaction() as unit:
        return unit.all(
            _CLAIM,
            account_id=account_id,
            now=now,
            lease=now + timedelta(seconds=LEASE_SECONDS),
            limit=most,
        )


def _anything_live(desk: Desk, account_id: int) -> bool:
    with desk.database.transaction() as unit:
        return bool(
            unit.scalar(
                "select exists (select from activation where account_id = :id"
                " and state in ('waiting','received','cancelling'))",
                id=account_id,
            )
        )


def apply_answer(desk: Desk, carrier: Carrier, answer: Answer) -> None:
    """Write down what a status call brought; each activation in its own transaction."""
    now = desk.clock()
    row = answer.row
    if answer.report is not None:
        _apply_report(desk, carrier, row, answer.report, now)
        return
    assert answer.error is not None
    code = answer.error.code
    gone = code in {"activation_not_found", "activation_expired", "activation_closed"}
    with desk.database.transaction() as unit:
        if gone and now >= row["expires_at"]:
            # Past its deadline "unknown id" is how many providers say that it is over.
            _end(unit, desk, row, "expired", "refunded", now)
        elif overdue(row, now, carrier.terms.settle_seconds):
            _end(unit, desk, row, "expired", "closing", now)
        else:
            look_again(unit, row["id"], row["fence"], _after_failure(row, now), failed=True)


def _apply_report(
    desk: Desk, carrier: Carrier, row: Any, report: StatusReport, now: datetime
) -> None:
    messages = messages_of(report)
    with desk.database.transaction() as unit:
        if messages:
            store_messages(unit, desk, row["id"], messages, now)
            confirm(unit, row["id"], now)
        received = bool(messages) or row["sms_count"] > 0
        if report.state in {"cancelled", "expired", "finished"}:
            event = "cancelled" if report.state == "cancelled" else "expired"
            _end(unit, desk, row, event, "refunded", now, received=received)
        elif now >= row["expires_at"]:
            _end(unit, desk, row, "expired", "closing", now, received=received)
        else:
            pace = carrier.terms.poll_seconds * (RECEIVED_SLOWDOWN if received else 1)
            look_again(unit, row["id"], row["fence"], now + timedelta(seconds=pace))


def _end(
    unit: Any,
    desk: Desk,
    row: Any,
    event: str,
    upstream: str,
    now: datetime,
    *,
    received: bool | None = None,
) -> None:
    if received if received is not None else row["sms_count"] > 0:
        finish(unit, desk, row["id"], now)
    else:
        give_back(unit, desk, row["id"], event, upstream=upstream, now=now)


def _after_failure(row: Any, now: datetime) -> datetime:
    wait = min(FAILURE_SECONDS_MAX, 2 ** min(row["status_failures"], 5))
    return now + timedelta(seconds=wait)
