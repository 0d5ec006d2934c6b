"""The public price list: every service with its cheapest country and how its codes arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.catalogue.service import ABLE
from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import count, flag, initials, millis, money, tile

MEASURED: Final = timedelta(hours=24)

_PRICES: Final = """
with sale as (
  select o.service, o.country, min(o.price_micro) as price, max(o.updated_at) as updated_at
  from offer o join provider p on p.id = o.provider_id and p.enabled
  {able}
  where o.available and (o.stock is null or o.stock > 0)
  group by o.service, o.country
), cheapest as (
  select distinct on (service) service, country, price from sale order by service, price, country
), wide as (
  select service, count(*) as countries, max(updated_at) as updated_at from sale group by service
), told as (
  select a.service, count(*) as had_time, count(*) filter (where a.sms_count > 0) as coded,
    percentile_cont(0.5) within group (
      order by extract(epoch from m.first_at - a.acquired_at)) as wait
  from activation a
  left join lateral (select min(received_at) as first_at from message
                     where activation_id = a.id) m on true
  where a.acquired_at >= :since and (a.sms_count > 0 or a.state = 'expired')
  group by a.service
)
select s.code, s.name, c.iso2, c.name as country, ch.price, w.countries, w.updated_at,
  coalesce(t.had_time, 0) as had_time, coalesce(t.coded, 0) as coded, t.wait
from cheapest ch join wide w on w.service = ch.service join service s on s.code = ch.service
join country c on c.iso2 = ch.country left join told t on t.service = ch.service
order by s.popularity desc, s.name
""".replace("{able}", ABLE)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A service as strangers see it; shares carry their sample, all figures are of 24 hours."""

    code: str
    name: str
    initials: str
    tile: int
    country: str
    flag: str
    price: str
    countries: str
    success: str
    wait: str
    href: str
    updated_ms: int


def prices(
    unit: UnitOfWork, currency: str, now: datetime, shut: Sequence[int] = ()
) -> list[PriceLine]:
    """Every service that is for sale, the most asked for first.

    ``shut``: accounts that must not be asked to sell now; their prices do not count.
    """
    rows = unit.all(_PRICES, since=now - MEASURED, shut=list(shut))
    return [_line(row, currency) for row in rows]


def matching(lines: list[PriceLine], words: str) -> list[PriceLine]:
    """The services whose name, code or cheapest country has every word."""
    asked = words.casefold().split()
    return [
        line
        for line in lines
        if all(word in f"{line.name} {line.code} {line.country}".casefold() for word in asked)
    ]


def _line(row: Any, currency: str) -> PriceLine:
    asked, wait = row["had_time"], row["wait"]
    share = f"{100 * row['coded'] / asked:.1f} % · {count(asked)}" if asked else "no results yet"
    return PriceLine(
        code=row["code"],
        name=row["name"],
        initials=initials(row["name"]),
        tile=tile(row["name"]),
        country=row["country"],
        flag=flag(row["iso2"]),
        price=money(row["price"], currency),
        countries=count(row["countries"]),
        success=share,
        wait=f"{float(wait):.0f} s" if wait is not None else "–",
        href=f"/store?service={row['code']}&country={row['iso2']}",
        updated_ms=millis(row["updated_at"]),
    )
