"""How codes came lately: shares with their sample, and how long they took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import count

MEASURED: Final = timedelta(hours=24)
FEW: Final = 20
LOW: Final = 0.7

_TOLD: Final = """
select a.{by} as name, count(*) as had_time, count(*) filter (where a.sms_count > 0) as coded,
  percentile_cont(0.5) within group (order by extract(epoch from m.first_at - a.acquired_at))
    as wait
from activation a
left join lateral (select min(received_at) as first_at from message
                   where activation_id = a.id) m on true
where a.service = :service and (cast(:country as text) = '' or a.country = :country)
  and a.acquired_at >= :since and (a.sms_count > 0 or a.state = 'expired')
group by grouping sets ((a.{by}), ())
"""
_BY_OPERATOR: Final = _TOLD.format(by="operator")
_BY_COUNTRY: Final = _TOLD.format(by="country")


@dataclass(frozen=True, slots=True)
class Delivery:
    """``coded`` of ``had_time`` numbers that had their time got a code, half within ``wait`` s."""

    had_time: int = 0
    coded: int = 0
    wait: float | None = None

    @property
    def share(self) -> str:
        """``90.4 %``, empty without results."""
        return f"{100 * self.coded / self.had_time:.1f} %" if self.had_time else ""

    @property
    def sample(self) -> str:
        """What stands after the share."""
        return f"· {count(self.had_time)}" if self.had_time else "no results yet"

    @property
    def percent(self) -> int:
        """For a bar, 0 to 100."""
        return 100 * self.coded // self.had_time if self.had_time else 0

    @property
    def tone(self) -> str:
        """Colour of the bar: few results are pale, a low share warns."""
        if self.had_time < FEW:
            return "few"
        return "warn" if self.coded < LOW * self.had_time else "ok"

    @property
    def wait_label(self) -> str:
        """``14 s``."""
        return "–" if self.wait is None else f"{self.wait:.0f} s"

    @property
    def chance(self) -> float:
        """The share, drawn towards two in three while the sample is small."""
        return (self.coded + 2) / (self.had_time + 3)


NOTHING_YET: Final = Delivery()


def by_operator(unit: UnitOfWork, service: str, country: str, now: datetime) -> dict[str, Delivery]:
    """By operator as it was asked for; under an empty name all of them together."""
    rows = unit.all(_BY_OPERATOR, service=service, country=country, since=now - MEASURED)
    return _told(rows)


def by_country(unit: UnitOfWork, service: str, now: datetime) -> dict[str, Delivery]:
    """By country of one service; under an empty name all of them together."""
    return _told(unit.all(_BY_COUNTRY, service=service, country="", since=now - MEASURED))


def _told(rows: list[Any]) -> dict[str, Delivery]:
    return {
        row["name"] or "": Delivery(
            row["had_time"], row["coded"], None if row["wait"] is None else float(row["wait"])
        )
        for row in rows
    }
