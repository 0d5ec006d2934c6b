"""What happened in a span and in the one before it, piece by piece, from orders and ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.overview_span import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """Counts and micro-units (wallet currency) of one piece.

    ``had_time`` are numbers with a code or that expired without; ``margin`` is revenue less what
    the numbers cost, after refunds.
    """

    sold: int = 0
    had_time: int = 0
    coded: int = 0
    revenue: int = 0
    margin: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Milliseconds from getting a number to its first code; None where no code came."""

    p50: int | None = None
    p95: int | None = None
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Pieces and waits by number (negative: the span before), totals of both spans."""

    span: Span
    pieces: dict[int, Piece]
    waits: dict[int, Wait]
    now: Piece
    before: Piece
    wait: Wait
    wait_before: Wait
    active: int
    with_code: int
    active_course: list[int] = field(default_factory=list)

    def piece(self, number: int) -> Piece:
        """What happened in a piece; nothing, where nothing did."""
        return self.pieces.get(number, Piece())


def facts(unit: UnitOfWork, span: Span) -> Facts:
    """Read both spans."""
    bounds = span.bounds()
    orders = {row["n"]: dict(row) for row in unit.all(_ORDERS, **bounds)}
    money = {row["n"]: dict(row) for row in unit.all(_MONEY, **bounds)}
    pieces = {n: _piece(orders.get(n, {}), money.get(n, {})) for n in orders.keys() | money.keys()}
    waits = unit.all(_WAITS, **bounds)
    by_piece = {row["n"]: _wait(row) for row in waits if row["n"] is not None}
    totals = {row["here"]: _wait(row) for row in waits if row["n"] is None}
    live = unit.first(_ACTIVE)
    assert live is not None, "a select without from has one row"
    return Facts(
        span=span,
        pieces=pieces,
        waits=by_piece,
        now=_sum(piece for n, piece in pieces.items() if n >= 0),
        before=_sum(piece for n, piece in pieces.items() if n < 0),
        wait=totals.get(True, Wait()),
        wait_before=totals.get(False, Wait()),
        active=live["active"],
        with_code=live["with_code"],
        active_course=_course(unit, span, live["active"]),
    )


def _piece(orders: dict[str, Any], money: dict[str, Any]) -> Piece:
    return Piece(
        sold=orders.get("sold", 0),
        had_time=orders.get("had_time", 0),
        coded=orders.get("coded", 0),
        revenue=int(money.get("revenue", 0)),
        margin=int(money.get("margin", 0)),
    )


def _sum(pieces: Any) -> Piece:
    found = list(pieces)
    return Piece(
        sold=sum(one.sold for one in found),
        had_time=sum(one.had_time for one in found),
        coded=sum(one.coded for one in found),
        revenue=sum(one.revenue for one in found),
        margin=sum(one.margin for one in found),
    )


def _wait(row: Any) -> Wait:
    return Wait(round(row["waits"][0]), round(row["waits"][1]), row["sample"])


def _course(unit: UnitOfWork, span: Span, active: int) -> list[int]:
    """Open numbers at the end of each piece: from now backwards by what opened and closed."""
    moved = {row["n"]: row for row in unit.all(_OPENED_AND_CLOSED, **span.bounds())}
    course = []
    for n in reversed(range(span.pieces)):
        course.append(active)
        row = moved.get(n)
        active += (row["closed"] - row["opened"]) if row else 0
    return [max(0, number) for number in reversed(course)]


_ORDERS: Final = """
select width_bucket(created_at, :edges) - :zero as n,
  count(*) filter (where acquired_at is not null) as sold,
  count(*) filter (where sms_count > 0 or (acquired_at is not null and state = 'expired'))
    as had_time,
  count(*) filter (where sms_count > 0) as coded
from activation where created_at >= :earliest and created_at < :end group by 1
"""
# Every account whose movements are profit or loss: what we take, and what it costs us.
_MONEY: Final = """
select width_bucket(j.occurred_at, :edges) - :zero as n,
  coalesce(sum(e.amount) filter (where ac.code = 'revenue'), 0) as revenue,
  coalesce(sum(e.amount), 0) as margin
from journal j join entry e on e.journal_id = j.id join account ac on ac.id = e.account_id
where j.occurred_at >= :earliest and j.occurred_at < :end 
  and ac.code ~ '^(revenue|cogs|orphan_expense|refund_loss|promo)(:|$)' group by 1
"""
# One row for each piece, and one for each of the two spans (n is null there).
_WAITS: Final = """
with first as (
  select a.id, a.created_at, extract(epoch from min(m.received_at) - a.acquired_at) * 1000 as ms
  from activation a join message m on m.activation_id = a.id and not m.late
  where a.created_at >= :earliest and a.created_at < :end and a.acquired_at is not null
  group by a.id
), placed as (
  select width_bucket(created_at, :edges) - :zero as n, created_at >= :start as here, ms from first
)
select n, here, count(*) as sample,
  percentile_cont(array[0.5, 0.95]) within group (order by ms) as waits
from placed group by grouping sets ((n), (here))
"""
_ACTIVE: Final = """
select count(*) as active, count(*) filter (where state = 'received') as with_code
from activation where state in ('waiting','received','cancelling')
"""
# No number lives for two days, so older orders neither opened nor closed in the span.
_OPENED_AND_CLOSED: Final = """
select n, count(*) filter (where opened) as opened, count(*) filter (where not opened) as closed
from (
  select width_bucket(acquired_at, :edges) - :zero as n, true as opened from activation
  where created_at >= cast(:start as timestamptz) - interval '2 days' and acquired_at >= :start
  union all
  select width_bucket(closed_at, :edges) - :zero, false from activation
  where created_at >= cast(:start as timestamptz) - interval '2 days' and closed_at >= :start
    and acquired_at is not null
) moved where n >= 0 group by n
"""
