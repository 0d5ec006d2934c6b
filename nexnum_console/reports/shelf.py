"""What is for sale: services, the countries of one, the offers of both. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.catalogue.service import ABLE
from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.deliveries import NOTHING_YET, Delivery, by_country, by_operator
from nexnum_console.reports.words import count, flag, initials, millis, money, stock, tile

MOST_SERVICES: Final = 12
MOST_COUNTRIES: Final = 80
MOST_OPERATORS: Final = 12
MOST_PAIRS: Final = 6
SORTS: Final = ("best", "price", "success", "speed")

_SOLD: Final = " from offer o join provider p on p.id = o.provider_id and p.enabled" + ABLE
_IN_STOCK: Final = " where o.available and (o.stock is null or o.stock > 0)"
_FOR_SALE: Final = _SOLD + _IN_STOCK
_FOR_SALE_THERE: Final = _SOLD + " join country c on c.iso2 = o.country" + _IN_STOCK

# How long the carrier of an offer refuses a cancellation, and whether it can be asked for one
# more SMS.
_LOCK: Final = (
    "coalesce((select max(pa.cancel_lock_seconds) from provider_account pa"
    " where pa.provider_id = p.id),"
    " cast(p.config->'lifetimes'->>'cancelLockSeconds' as int), 0)"
)
_ANOTHER: Final = "(p.config->'endpoints'->'resend') is not null"
_FIRST: Final = {
    "best": "best",
    "price": "cheapest",
    "success": "most codes",
    "speed": "quickest",
}

_SERVICES: Final = (
    """
select s.code, s.name from service s
where (cardinality(cast(:codes as text[])) = 0 or s.code = any(:codes))
  and exists (select 1"""
    + _FOR_SALE
    + """ and o.service = s.code)
order by array_position(cast(:codes as text[]), cast(s.code as text)), s.popularity desc, s.name
limit :limit
"""
)


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """A service with something for sale."""

    code: str
    name: str
    initials: str
    tile: int


@dataclass(frozen=True, slots=True)
class CountryRow:
    """A country of one service: cheapest price, pieces."""

    iso2: str
    name: str
    flag: str
    price: str
    stock: str
    success: str = ""
    updated_ms: int = 0


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An operator of one service and country; ``price_micro`` is the cap if it is chosen."""

    operator: str
    title: str
    note: str
    price: str
    price_micro: int
    balance_after: str
    affordable: bool
    missing: str
    stock: str
    updated_ms: int
    success: str = ""
    sample: str = ""
    percent: int = 0
    tone: str = ""
    wait: str = ""
    codes: str = ""
    cancel: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: codes, best first; empty means that nothing was searched."""

    services: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """One look at the shop for a query, a service and a country (codes, empty for none)."""

    services: tuple[ServiceTile, ...]
    service: ServiceTile | None
    countries: tuple[CountryRow, ...]
    countries_label: str
    country: CountryRow | None
    offers: tuple[OfferRow, ...]


@dataclass(frozen=True, slots=True)
class _Purse:
    available: int
    currency: str
    shut: list[int]


def shelf(
    unit: UnitOfWork,
    *,
    found: Found,
    service: str,
    country: str,
    available: int,
    currency: str,
    now: datetime,
    sort: str = "best",
    shut: Sequence[int] = (),
) -> Shelf:
    """What to show; ``available`` (micro-units) is the buyer's balance. ``shut``: accounts that
    must not be asked to sell now; every price is one that another account would sell at.

    ``sort`` is one of SORTS; ``best`` is the lowest price for a code that comes.
    """
    chosen = _service(unit, service) if service else None
    purse = _Purse(available, currency, list(shut))
    countries = _countries(unit, service, found.countries, purse, now, sort) if chosen else []
    place = _country(unit, service, country, purse) if chosen and country else None
    offers = _offers(unit, service, country, purse, now, sort) if place else []
    return Shelf(
        services=tuple(_services(unit, found.services, purse)),
        service=chosen,
        countries=tuple(countries),
        countries_label=_how_many(len(countries), sort),
        country=place,
        offers=tuple(offers),
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """A service in a country that somebody comes back to; ``price_micro`` 0 when sold out."""

    service: str
    name: str
    initials: str
    tile: int
    country: str
    country_name: str
    flag: str
    price: str
    price_micro: int
    href: str


_PAIRS: Final = (
    """
select t.service, t.country, s.name, c.name as country_name, (
  select min(o.price_micro)"""
    + _FOR_SALE
    + """ and o.service = t.service and o.country = t.country) as price
from ({source}) t join service s on s.code = t.service join country c on c.iso2 = t.country
order by t.at desc limit :limit
"""
)
_FAVOURITES: Final = _PAIRS.format(
    source="select service, country, created_at as at from favourite where user_id = :user_id"
)
_RECENT: Final = _PAIRS.format(
    source="select service, country, max(created_at) as at from activation"
    " where user_id = :user_id group by service, country"
)


def favourites(
    unit: UnitOfWork, user_id: int, currency: str, shut: Sequence[int] = ()
) -> list[Pair]:
    """The buyer's favourites, the newest first; ``shut`` as in ``shelf``."""
    rows = unit.all(_FAVOURITES, user_id=user_id, limit=20, shut=list(shut))
    return [_pair(row, currency) for row in rows]


def recent(unit: UnitOfWork, user_id: int, currency: str, shut: Sequence[int] = ()) -> list[Pair]:
    """What the buyer ordered last, each once; ``shut`` as in ``shelf``."""
    rows = unit.all(_RECENT, user_id=user_id, limit=MOST_PAIRS, shut=list(shut))
    return [_pair(row, currency) for row in rows]


def _pair(row: Any, currency: str) -> Pair:
    price = row["price"] or 0
    return Pair(
        service=row["service"],
        name=row["name"],
        initials=initials(row["name"]),
        tile=tile(row["name"]),
        country=row["country"],
        country_name=row["country_name"],
        flag=flag(row["country"]),
        price=money(price, currency) if price else "sold out",
        price_micro=price,
        href=f"/store?service={row['service']}&country={row['country']}",
    )


def coverage(unit: UnitOfWork, shut: Sequence[int] = ()) -> tuple[int, int, int]:
    """(countries, services, pieces) for sale now."""
    row = unit.first(
        "select count(distinct o.country) as countries, count(distinct o.service) as services,"
        " coalesce(sum(o.stock), 0) as pieces" + _FOR_SALE,
        shut=list(shut),
    )
    assert row is not None, "an aggregate has one row"
    return row["countries"], row["services"], int(row["pieces"])


def _services(unit: UnitOfWork, codes: tuple[str, ...], purse: _Purse) -> list[ServiceTile]:
    rows = unit.all(_SERVICES, codes=list(codes), limit=MOST_SERVICES, shut=purse.shut)
    return [_tile(row) for row in rows]


def _service(unit: UnitOfWork, code: str) -> ServiceTile | None:
    row = unit.first("select code, name from service where code = :code", code=code)
    return _tile(row) if row else None


def _countries(
    unit: UnitOfWork,
    service: str,
    codes: tuple[str, ...],
    purse: _Purse,
    now: datetime,
    sort: str,
) -> list[CountryRow]:
    told = by_country(unit, service, now)
    rows = unit.all(
        "select c.iso2, c.name, min(o.price_micro) as price, sum(o.stock) as stock,"
        " max(o.updated_at) as updated_at"
        + _FOR_SALE_THERE
        + " and o.service = :service group by c.iso2, c.name order by price, c.name limit 300",
        service=service,
        shut=purse.shut,
    )
    named = [row for row in rows if row["iso2"] in codes]
    rows_told = [(row, told.get(row["iso2"], NOTHING_YET)) for row in (named or rows)]
    rows_told.sort(key=lambda pair: _rank(sort, *pair))
    return [_place(row, purse.currency, delivery) for row, delivery in rows_told[:MOST_COUNTRIES]]


def _country(unit: UnitOfWork, service: str, iso2: str, purse: _Purse) -> CountryRow | None:
    row = unit.first(
        "select c.iso2, c.name, min(o.price_micro) as price, sum(o.stock) as stock,"
        " max(o.updated_at) as updated_at"
        + _FOR_SALE_THERE
        + " and o.service = :service and o.country = :iso2 group by c.iso2, c.name",
        service=service,
        iso2=iso2,
        shut=purse.shut,
    )
    return _place(row, purse.currency) if row else None


def _offers(
    unit: UnitOfWork, service: str, country: str, purse: _Purse, now: datetime, sort: str
) -> list[OfferRow]:
    told = by_operator(unit, service, country, now)
    rows = unit.all(
        "select o.operator, min(o.price_micro) as price, sum(o.stock) as stock,"
        " count(distinct o.provider_id) as providers, max(o.updated_at) as updated_at,"
        f" max({_LOCK}) as lock, bool_or({_ANOTHER}) as another"
        + _FOR_SALE
        + " and o.service = :service and o.country = :country"
        " group by o.operator order by price, o.operator",
        service=service,
        country=country,
        shut=purse.shut,
    )
    if not rows:
        return []
    pieces = [row["stock"] for row in rows]
    anyone: dict[str, Any] = {
        "operator": "any",
        "price": rows[0]["price"],
        "stock": None if None in pieces else sum(pieces),
        "providers": max(row["providers"] for row in rows),
        "updated_at": max(row["updated_at"] for row in rows),
        "lock": max(row["lock"] for row in rows),
        "another": any(row["another"] for row in rows),
    }
    named: list[Any] = [row for row in rows if row["operator"] != "any"][: MOST_OPERATORS - 1]
    rows_told: list[tuple[Any, Delivery]] = [
        (row, told.get("" if row["operator"] == "any" else row["operator"], NOTHING_YET))
        for row in (anyone, *named)
    ]
    rows_told.sort(key=lambda pair: _rank(sort, *pair))
    return [_offer(row, delivery, purse) for row, delivery in rows_told]


def _rank(sort: str, row: Any, delivery: Delivery) -> tuple[float, int, bool]:
    never = float("inf")
    orders = {
        "price": float(row["price"]),
        "success": -delivery.chance,
        "speed": never if delivery.wait is None else delivery.wait,
    }
    best = row["price"] / delivery.chance
    return orders.get(sort, best), row["price"], row.get("operator") != "any"


def _how_many(countries: int, sort: str) -> str:
    return "1 country" if countries == 1 else f"{countries} countries, {_FIRST[sort]} first"


def _tile(row: Any) -> ServiceTile:
    return ServiceTile(row["code"], row["name"], initials(row["name"]), tile(row["name"]))


def _place(row: Any, currency: str, told: Delivery = NOTHING_YET) -> CountryRow:
    pieces = None if row["stock"] is None else int(row["stock"])
    return CountryRow(
        iso2=row["iso2"],
        name=row["name"],
        flag=flag(row["iso2"]),
        price=money(row["price"], currency),
        stock=stock(pieces),
        success=f"{told.share} {told.sample}" if told.had_time else "",
        updated_ms=millis(row["updated_at"]),
    )


def _after(seconds: int) -> str:
    if seconds == 0:
        return "any time"
    return f"after {seconds} s" if seconds < 60 else f"after {round(seconds / 60)} min"


def _offer(row: Any, told: Delivery, purse: _Purse) -> OfferRow:
    anyone = row["operator"] == "any"
    sources = f"{count(row['providers'])} carriers" if row["providers"] > 1 else "One carrier"
    currency = purse.currency
    left = purse.available - row["price"]
    return OfferRow(
        operator=row["operator"],
        title="Any operator" if anyone else row["operator"].replace("_", " ").capitalize(),
        note="We route to the best" if anyone else sources,
        price=money(row["price"], currency),
        price_micro=row["price"],
        balance_after=money(max(left, 0), currency),
        affordable=left >= 0,
        missing=money(max(-left, 0), currency),
        stock=stock(None if row["stock"] is None else int(row["stock"])),
        updated_ms=millis(row["updated_at"]),
        success=told.share,
        sample=told.sample,
        percent=told.percent,
        tone=told.tone,
        wait=told.wait_label,
        codes="Many, on request" if row["another"] else "Those that come",
        cancel=_after(row["lock"]),
    )
