"""How codes came lately, by country and operator of a service: our own activations, no one's word.

Success is numbers that received a code among those that had time to: a code, or expired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import count

MEASURED: Final = timedelta(hours=24)
# As good as five numbers of which four got a code: what nothing is known of is thought fair,
# and one lucky number does not lead the list.
_PRIOR_CODED, _PRIOR_ALL = 4, 5
_FEW: Final = 5
_LOW_SHARE: Final = 0.7

Order = Literal["best", "price", "success", "speed"]
ORDERS: Final[tuple[Order, ...]] = ("best", "price", "success", "speed")

_DELIVERED: Final = """
select a.country, a.operator, grouping(a.operator) = 1 as whole, count(*) as had_time,
  count(*) filter (where a.sms_count > 0) as coded,
  percentile_cont(0.5) within group (
    order by extract(epoch from m.first_at - a.acquired_at)) as wait
from activation a
left join lateral (select min(received_at) as first_at from message
                   where activation_id = a.id and not late) m on true
where a.service = :service and a.acquired_at >= :since
  and (a.sms_count > 0 or a.state = 'expired')
group by grouping sets ((a.country), (a.country, a.operator))
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """``had_time`` numbers had time for a code, ``coded`` got one; ``wait``: median seconds."""

    had_time: int = 0
    coded: int = 0
    wait: float | None = None

    @property
    def percent(self) -> int:
        """Success in whole percent, for a bar; 0 where nothing is known."""
        return round(100 * self.coded / self.had_time) if self.had_time else 0

    @property
    def success_label(self) -> str:
        """``90.4 %``; empty where nothing is known."""
        return f"{100 * self.coded / self.had_time:.1f} %" if self.had_time else ""

    @property
    def sample_label(self) -> str:
        """Of how many numbers the success is."""
        return count(self.had_time) if self.had_time else "no results yet"

    @property
    def wait_label(self) -> str:
        """``14 s`` or ``3 min``."""
        if self.wait is None:
            return "–"
        return f"{self.wait:.0f} s" if self.wait < 120 else f"{self.wait / 60:.0f} min"

    @property
    def tone(self) -> str:
        """``warn`` for low success, ``low`` for a sample that says little."""
        if self.had_time < _FEW:
            return "low"
        return "warn" if self.coded < _LOW_SHARE * self.had_time else "ok"

    def rank(self, order: Order, price: int) -> tuple[float, ...]:
        """The place in ``order``, smaller first; ``price`` in micro-units breaks ties."""
        chance = (self.coded + _PRIOR_CODED) / (self.had_time + _PRIOR_ALL)
        if order == "best":
            return (price / chance, price)
        if order == "success":
            return (-chance if self.had_time else 1.0, price)
        if order == "speed":
            return (float("inf") if self.wait is None else self.wait, price)
        return (price,)


UNKNOWN: Final = Delivery()


class Deliveries:
    """The deliveries of one service."""

    def __init__(self, found: dict[tuple[str, str | None], Delivery]) -> None:
        self._found = found

    def of(self, country: str, operator: str | None = None) -> Delivery:
        """Of a country, or of one operator there; ``any`` stands for the whole country."""
        return self._found.get((country, None if operator == "any" else operator), UNKNOWN)


def deliveries(unit: UnitOfWork, service: str, now: datetime) -> Deliveries:
    """How codes of ``service`` came in the 24 hours before ``now``."""
    rows = unit.all(_DELIVERED, service=service, since=now - MEASURED)
    return Deliveries(
        {
            (row["country"], None if row["whole"] else row["operator"]): Delivery(
                row["had_time"], row["coded"], None if row["wait"] is None else float(row["wait"])
            )
            for row in rows
        }
    )


def order_of(text: str) -> Order:
    """The order that a URL asks for; ``best`` for anything else."""
    return next((order for order in ORDERS if order == text), "best")
