"""What became of purchases, told to the providers' performance: off the sale's path, in batches.

A decision is looked at until its calls are settled and its delivery is; each outcome is learned
in the transaction that says so. A number still waiting tells nothing yet. A buyer who gives a
number back before its code was likely to be there does not tell against the provider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.activations.attempts import NOT_ADMITTED
from nexnum_console.activations.desk import Desk
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers import performance_rows
from nexnum_console.providers.performance import Event, Observation, Scope, median_wait
from nexnum_console.routing import decisions
from nexnum_console.routing.decisions import Open
from nexnum_console.routing.knowledge import forget_after

BATCH: Final = 500
# A look costs little, and the older a number is the less it matters to know at once.
LOOK_LEAST: Final = timedelta(seconds=5)
LOOK_MOST: Final = timedelta(seconds=60)
AGE_SHARE: Final = 8
_OPEN: Final = ("buying", "confirming")
_WAITING: Final = ("waiting", "cancelling")
# Declined for reasons of ours, or of the wish: they say nothing about the provider.
_OURS: Final = frozenset(
    {
        NOT_ADMITTED,
        *("no_balance", "rate_limited", "limit_channels", "bad_operator", "max_price_too_low"),
    }
)
_SUPPLY: Final = frozenset({"no_numbers"})

_ROWS: Final = """
select a.id, a.state, a.service, a.country, a.created_at, a.acquired_at, a.closed_at,
  p.provider_id, t.operator,
  (select min(received_at) from message where activation_id = a.id and not late) as first_sms,
  case when a.state = 'cancelled' then (select max(at) from activation_event
    where activation_id = a.id and kind = 'cancel_asked') end as cancel_asked,
  exists (select from activation_event where activation_id = a.id and kind = 'report_asked')
    as reported
from activation a
left join attempt t on t.activation_id = a.id and t.state = 'acquired'
left join provider_account p on p.id = t.account_id
where a.id = any(:ids)
"""
_ATTEMPTS: Final = """
select t.activation_id, t.state, t.error_code, t.operator, t.answered_at, p.provider_id,
  a.service, a.country
from attempt t join activation a on a.id = t.activation_id
join provider_account p on p.id = t.account_id
where t.activation_id = any(:ids) order by t.id
"""


def learn(desk: Desk, *, batch: int = BATCH) -> int:
    """Learn what is settled among the decisions due; returns how many outcomes that were."""
    now = desk.clock()
    with desk.database.transaction() as unit:
        found = decisions.due(unit, now, batch)
        if not found:
            return 0
        rows = {r["id"]: r for r in unit.all(_ROWS, ids=[each.activation_id for each in found])}
        bought = _bought(unit, found, rows)
        delivered, looked = _delivered(unit, found, rows, now)
        seen = sorted(bought + delivered, key=lambda each: each.at)
        performance_rows.learn(unit, seen)
        decisions.looked(unit, looked)
        if seen:
            forget_after(unit)
    return len(seen)


def call_event(state: str, code: str | None) -> Event | None:
    """What a settled purchase call says of its provider; None: nothing."""
    if state == "acquired":
        return "bought"
    if state == "declined" and code in _SUPPLY:
        return "no_stock"
    if state == "declined" and code in _OURS:
        return None
    return "refused"


def delivery_event(row: Mapping[str, Any], median: float) -> Event | None:
    """What the end of a number says of its provider; None: nothing.

    ``median``: seconds after which half of this provider's codes have come. ``cancel_asked``: when
    its buyer gave up a number that then was cancelled; a cancellation refused tells nothing.
    """
    if row["first_sms"] is not None:
        return "delivered"
    if row["reported"] or row["cancel_asked"] is None:
        return "undelivered"
    waited = (row["cancel_asked"] - row["acquired_at"]).total_seconds()
    return "undelivered" if waited >= median else None


def _bought(unit: UnitOfWork, found: Sequence[Open], rows: Mapping[int, Any]) -> list[Observation]:
    settled = [
        each.activation_id
        for each in found
        if each.learned == 0 and rows[each.activation_id]["state"] not in _OPEN
    ]
    seen = []
    for call in unit.all(_ATTEMPTS, ids=settled):
        event = call_event(call["state"], call["error_code"])
        if event is not None:
            seen.append(Observation(_scope(call), event, call["answered_at"]))
    return seen


def _delivered(
    unit: UnitOfWork, found: Sequence[Open], rows: Mapping[int, Any], now: datetime
) -> tuple[list[Observation], list[tuple[int, int, datetime]]]:
    over = {
        id_: row
        for id_, row in rows.items()
        if row["state"] not in (*_OPEN, *_WAITING) and row["provider_id"] is not None
    }
    tallies = performance_rows.waits(unit, {_scope(row) for row in over.values()})
    seen, looked = [], []
    for each in found:
        row = rows[each.activation_id]
        if row["state"] in (*_OPEN, *_WAITING):
            reached = 0 if row["state"] in _OPEN else 1
            looked.append((each.activation_id, reached, _next_look(row, now)))
            continue
        looked.append((each.activation_id, 2, now))
        if each.activation_id in over:
            seen += _outcome(row, median_wait(_scope(row), tallies))
    return seen, looked


def _outcome(row: Mapping[str, Any], median: float) -> list[Observation]:
    event = delivery_event(row, median)
    if event is None:
        return []
    at = row["first_sms"] or row["closed_at"]
    seconds = None
    if row["first_sms"] is not None:
        seconds = max(0.0, (row["first_sms"] - row["acquired_at"]).total_seconds())
    return [Observation(_scope(row), event, at, seconds, row["acquired_at"])]


def _next_look(row: Any, now: datetime) -> datetime:
    age: timedelta = (now - row["created_at"]) / AGE_SHARE
    return now + min(max(age, LOOK_LEAST), LOOK_MOST)


def _scope(row: Any) -> Scope:
    return Scope(row["provider_id"], row["service"], row["country"], row["operator"])
