"""What a buyer comes back for: favourites and what was bought last. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import flag, initials, money, tile

MOST_RECENT: Final = 4
# Orders looked through for the last few things bought.
LOOKED_BACK: Final = 60

_FAVOURITES: Final = """
select f.service, f.country, f.cap, s.name as service_name, c.name as country_name,
  (select min(o.price_micro) from offer o join provider p on p.id = o.provider_id and p.enabled
   where o.service = f.service and o.country = f.country and o.available
     and (o.stock is null or o.stock > 0)) as price
from favourite f join service s on s.code = f.service join country c on c.iso2 = f.country
where f.user_id = :user_id order by f.id
"""
_RECENT: Final = """
select service, country, service_name, country_name from (
  select a.service, a.country, s.name as service_name, c.name as country_name, max(a.id) as last
  from (select id, service, country from activation where user_id = :user_id
        order by id desc limit :back) a
  join service s on s.code = a.service join country c on c.iso2 = a.country
  group by 1, 2, 3, 4) bought
where not exists (select from favourite f where f.user_id = :user_id
  and f.service = bought.service and f.country = bought.country)
order by last desc limit :limit
"""


@dataclass(frozen=True, slots=True)
class Habit:
    """A service in a country; ``cap`` and what stands in its way are of favourites only."""

    service: str
    service_name: str
    country: str
    country_name: str
    initials: str
    tile: int
    flag: str
    href: str
    cap: str = ""
    why_not: str = ""


def favourites(unit: UnitOfWork, user_id: int, currency: str) -> list[Habit]:
    """The user's favourites in the order they were kept; ``why_not`` says why one click would
    buy nothing now."""
    return [_favourite(row, currency) for row in unit.all(_FAVOURITES, user_id=user_id)]


def recent(unit: UnitOfWork, user_id: int) -> list[Habit]:
    """What the user bought last and does not keep as a favourite, newest first."""
    rows = unit.all(_RECENT, user_id=user_id, back=LOOKED_BACK, limit=MOST_RECENT)
    return [Habit(**_named(row)) for row in rows]


def _favourite(row: Any, currency: str) -> Habit:
    why_not = ""
    if row["price"] is None:
        why_not = "sold out"
    elif row["price"] > row["cap"]:
        why_not = f"now {money(row['price'], currency)}"
    return Habit(**_named(row), cap=money(row["cap"], currency), why_not=why_not)


def _named(row: Any) -> dict[str, Any]:
    name = row["service_name"]
    return {
        "service": row["service"],
        "service_name": name,
        "country": row["country"],
        "country_name": row["country_name"],
        "initials": initials(name),
        "tile": tile(name),
        "flag": flag(row["country"]),
        "href": f"/store?service={row['service']}&country={row['country']}",
    }
