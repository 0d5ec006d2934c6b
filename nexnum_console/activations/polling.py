"""A lane: one worker polls one provider account's live numbers for a while, then hands it on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.lanes import Lane
from nexnum_console.activations.settle import (
    Sms,
    finish,
    give_back,
    look_again,
    overdue,
    store_messages,
)
from nexnum_console.core.failpoints import failpoint
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import AsyncProviderClient, StatusReport
from nexnum_console.providers.errors import ProviderError

log = logging.getLogger(__name__)

CLAIM_MAX = 100
CALLS_AT_ONCE = 20
LEASE_SECONDS = 15
IDLE_SECONDS = 0.25
RECEIVED_SLOWDOWN = 3
FAILURE_SECONDS_MAX = 30

_CLAIM = """
update activation set lease_until = :lease, fence = fence + 1
where id in (
  select id from activation
  where account_id = :account_id and state in ('waiting','received','cancelling')
    and next_at <= :now and (lease_until is null or lease_until < :now)
  order by next_at limit :limit for update skip locked
) returning *
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one status call brought: a report, or the error that stands for none."""

    row: Any
    report: StatusReport | None
    error: ProviderError | None


async def poll_lane(desk: Desk, lane: Lane, more: Callable[[], bool]) -> int:
    """Poll while ``more()`` and something is live; returns the number of status calls.

    The lane's lease is renewed each round; a lane lost to another worker ends this one.
    """
    carrier = desk.carriers.get(lane.account_id)
    calls = 0
    async with carrier.open_reader() as reader:
        while more() and await asyncio.to_thread(lane.renew, desk.clock()):
            rows = await asyncio.to_thread(_claim, desk, lane.account_id)
            if rows:
                calls += len(rows)
                await _poll_once(desk, carrier, reader, rows)
            elif not await asyncio.to_thread(_anything_live, desk, lane.account_id):
                break
            else:
                await asyncio.sleep(IDLE_SECONDS)
    return calls


async def _poll_once(
    desk: Desk, carrier: Carrier, reader: AsyncProviderClient, rows: Sequence[Any]
) -> None:
    failpoint("poll.claimed")
    answers = await _ask_all(reader, rows)
    failpoint("poll.answered")
    await asyncio.to_thread(_store_all, desk, carrier, answers)
    failpoint("poll.stored")


def _claim(desk: Desk, account_id: int) -> Sequence[Any]:
    now = desk.clock()
    with desk.database.transaction() as unit:
        return unit.all(
            _CLAIM,
            account_id=account_id,
            now=now,
            lease=now + timedelta(seconds=LEASE_SECONDS),
            limit=CLAIM_MAX,
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


async def _ask_all(reader: AsyncProviderClient, rows: Sequence[Any]) -> list[Answer]:
    gate = asyncio.Semaphore(CALLS_AT_ONCE)

    async def ask(row: Any) -> Answer:
        async with gate:
            try:
                return Answer(row, await reader.status(row["upstream_id"]), None)
            except ProviderError as error:
                return Answer(row, None, error)

    return list(await asyncio.gather(*(ask(row) for row in rows)))


def _store_all(desk: Desk, carrier: Carrier, answers: Sequence[Answer]) -> None:
    for answer in answers:
        apply_answer(desk, carrier, answer)


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
    messages = _messages(report)
    with desk.database.transaction() as unit:
        if messages:
            store_messages(unit, desk, row["id"], messages, now)
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


def _messages(report: StatusReport) -> list[Sms]:
    found = [Sms(m.code or None, m.text or "", m.sender or "") for m in report.messages]
    if not found and report.state == "received" and (report.code or report.text):
        found.append(Sms(report.code or None, report.text or "", report.sender or ""))
    return [sms for sms in found if sms.code or sms.text]


def _after_failure(row: Any, now: datetime) -> datetime:
    wait = min(FAILURE_SECONDS_MAX, 2 ** min(row["status_failures"], 5))
    return now + timedelta(seconds=wait)
