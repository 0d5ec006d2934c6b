"""Who cancelled how much on a day: what penalties are charged for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from nexnum_console.core.db import UnitOfWork

# The rules of penalties in words.
RULES: Final = {
    "cancel_share": "Too many numbers given back",
    "velocity": "Too many given back in an hour",
}


@dataclass(frozen=True, slots=True)
class Day:
    """A user's day: numbers got, given back by them, and the most given back in one hour."""

    user_id: int
    email: str
    wallet_id: int
    available: int
    numbers: int
    cancelled: int
    in_an_hour: int


# A number that was reported as dead is no whim; neither is one its provider took back.
_DAY: Final = """
with mine as (
  select a.user_id, a.acquired_at, a.closed_at, a.state = 'cancelled' and exists (
    select from activation_event v where v.activation_id = a.id and v.kind = 'cancel_asked'
  ) and not exists (
    select from activation_event v where v.activation_id = a.id and v.kind = 'report_asked'
  ) as given_back
  from activation a
  where a.acquired_at < :until and (a.acquired_at >= :since or a.closed_at >= :since)
),
got as (
  select user_id, count(*) as numbers, count(*) filter (where given_back) as cancelled
  from mine where acquired_at >= :since group by user_id
),
hours as (
  select user_id, count(*) over (partition by user_id order by closed_at
    range between current row and interval '1 hour' following) as number
  from mine where given_back and closed_at >= :since and closed_at < :until
)
select u.id as user_id, u.email, w.id as wallet_id, w.available, coalesce(g.numbers, 0) as numbers,
  coalesce(g.cancelled, 0) as cancelled, coalesce(h.most, 0) as in_an_hour
from app_user u join wallet w on w.user_id = u.id
left join got g on g.user_id = u.id
left join (select user_id, max(number) as most from hours group by user_id) h on h.user_id = u.id
where g.user_id is not null or h.user_id is not null
order by u.id
"""


def day_of(unit: UnitOfWork, day: date) -> list[Day]:
    """Everybody who got or gave back a number on a day (UTC)."""
    since = datetime.combine(day, time(), UTC)
    rows = unit.all(_DAY, since=since, until=since + timedelta(days=1))
    return [Day(**row) for row in rows]
