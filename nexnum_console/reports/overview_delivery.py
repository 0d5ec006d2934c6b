"""Who delivers, and where: shares with their sample, by provider and by country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.figures import BarRow, bar_row
from nexnum_console.reports.overview_figures import LIST, share
from nexnum_console.reports.overview_span import Span
from nexnum_console.reports.words import count, flag

TARGET: Final = 80
MOST_COUNTRIES: Final = 8
# A share of fewer numbers than this says little, so nobody is blamed for it.
FEW: Final = 10


@dataclass(frozen=True, slots=True)
class CountryLine:
    """A country by what was sold there; ``tone`` of its share of codes."""

    iso2: str
    name: str
    flag: str
    live: str
    sold: str
    success: str
    sample: str
    tone: str
    stock: str
    href: str


def who_delivers(unit: UnitOfWork, span: Span) -> list[BarRow]:
    """Providers with numbers that had time to receive a code in the span, the best first."""
    rows = unit.all(_BY_PROVIDER, **_period(span))
    return [
        bar_row(
            row["title"],
            row["coded"],
            row["had_time"],
            f"{share(row['coded'], row['had_time'])} %",
            f"n = {count(row['had_time'])}",
            target=TARGET,
            tone="" if row["had_time"] < FEW else None,
            href=f"{LIST}?provider={row['name']}&from={span.first_day()}",
        )
        for row in rows
    ]


def top_countries(unit: UnitOfWork, span: Span) -> tuple[list[CountryLine], str]:
    """Where most numbers were sold in the span, and how many countries are for sale."""
    rows = unit.all(_BY_COUNTRY, limit=MOST_COUNTRIES, **_period(span))
    covered = unit.scalar("select count(distinct country) from offer where available")
    return [
        CountryLine(
            iso2=row["country"],
            name=row["name"],
            flag=flag(row["country"]),
            live=count(row["live"]),
            sold=count(row["sold"]),
            success=f"{share(row['coded'], row['had_time'])} %" if row["had_time"] else "–",
            sample=f"n = {count(row['had_time'])}",
            tone=_tone(row["coded"], row["had_time"]),
            stock=count(row["stock"]) if row["stock"] is not None else "–",
            href=f"{LIST}?country={row['country']}&from={span.first_day()}",
        )
        for row in rows
    ], f"{count(covered)} for sale"


def _tone(coded: int, had_time: int) -> str:
    return "warn" if had_time >= FEW and 100 * coded < TARGET * had_time else ""


def _period(span: Span) -> dict[str, object]:
    return {"start": span.start, "end": span.end}


_BY_PROVIDER: Final = """
select p.name, p.title, count(*) filter (where a.sms_count > 0) as coded, count(*) as had_time
from activation a join provider_account pa on pa.id = a.account_id
  join provider p on p.id = pa.provider_id
where a.created_at >= :start and a.created_at < :end
  and (a.sms_count > 0 or (a.acquired_at is not null and a.state = 'expired'))
group by p.id
order by count(*) filter (where a.sms_count > 0)::numeric / count(*) desc, count(*) desc, p.name
"""
_BY_COUNTRY: Final = """
select t.*, c.name, (select sum(o.stock) from offer o
    where o.country = t.country and o.available) as stock
from (
  select country, count(*) as sold,
    count(*) filter (where state in ('waiting','received','cancelling')) as live,
    count(*) filter (where sms_count > 0) as coded,
    count(*) filter (where sms_count > 0 or state = 'expired') as had_time
  from activation
  where created_at >= :start and created_at < :end and acquired_at is not null
  group by country order by count(*) desc, country limit :limit
) t join country c on c.iso2 = t.country
order by t.sold desc, t.country
"""
