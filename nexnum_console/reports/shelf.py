"""What is for sale: services, the countries of one, the offers of both. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.delivery import Deliveries, Delivery, Order, deliveries
from nexnum_console.reports.words import count, flag, initials, millis, money, stock, tile

MOST_SERVICES: Final = 12
MOST_COUNTRIES: Final = 80
MOST_OPERATORS: Final = 12

_FOR_SALE: Final = (
    " from offer o join provider p on p.id = o.provider_id and p.enabled"
    " where o.available and (o.stock is null or o.stock > 0)"
)

# How long the carrier of an offer refuses a cancellation, and whether it takes a wish for one
# more SMS.
_LOCK: Final = (
    "coalesce((select max(pa.cancel_lock_seconds) from provider_account pa"
    " where pa.provider_id = p.id),"
    " cast(p.config->'lifetimes'->>'cancelLockSeconds' as int), 0)"
)
_ANOTHER: Final = "(p.config->'endpoints'->'resend') is not null"
_FIRST: Final[dict[Order, str]] = {
    "best": "best",
    "price": "cheapest",
    "success": "most codes",
    "speed": "quickest",
}

_SERVICES: Final = """
select s.code, s.name from service s
where (cardinality(cast(:codes as text[])) = 0 or s.code = any(:codes))
  and exists (
    select 1 from offer o join provider p on p.id = o.provider_id and p.enabled
    where o.service = s.code and o.available and (o.stock is null or o.stock > 0))
order by array_position(cast(:codes as text[]), cast(s.code as text)), s.popularity desc, s.name
limit :limit
"""


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
    sample: str = ""
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
    success: str
    sample: str
    percent: int
    tone: str
    wait: str
    codes: str
    cancel: str


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


def shelf(
    unit: UnitOfWork,
    *,
    found: Found,
    service: str,
    country: str,
    available: int,
    currency: str,
    now: datetime,
    order: Order = "best",
) -> Shelf:
    """What to show; ``available`` (micro-units) is the buyer's balance."""
    chosen = _service(unit, service) if service else None
    came = deliveries(unit, service, now) if chosen else Deliveries({})
    countries = _countries(unit, service, found.countries, currency, came, order) if chosen else []
    place = _country(unit, service, country, currency, came) if chosen and country else None
    offers = _offers(unit, service, country, available, currency, came, order) if place else []
    return Shelf(
        services=tuple(_services(unit, found.services)),
        service=chosen,
        countries=tuple(countries),
        countries_label=_how_many(len(countries), order),
        country=place,
        offers=tuple(offers),
    )


def coverage(unit: UnitOfWork) -> tuple[int, int, int]:
    """(countries, services, pieces) for sale now."""
    row = unit.first(
        "select count(distinct o.country) as countries, count(distinct o.service) as services,"
        " coalesce(sum(o.stock), 0) as pieces" + _FOR_SALE
    )
    assert row is not None, "an aggregate has one row"
    return row["countries"], row["services"], int(row["pieces"])


def _services(unit: UnitOfWork, codes: tuple[str, ...]) -> list[ServiceTile]:
    rows = unit.all(_SERVICES, codes=list(codes), limit=MOST_SERVICES)
    return [_tile(row) for row in rows]


def _service(unit: UnitOfWork, code: str) -> ServiceTile | None:
    row = unit.first("select code, name from service where code = :code", code=code)
    return _tile(row) if row else None


def _countries(
    unit: UnitOfWork,
    service: str,
    codes: tuple[str, ...],
    currency: str,
    came: Deliveries,
    order: Order,
) -> list[CountryRow]:
    rows = unit.all(
        "select c.iso2, c.name, min(o.price_micro) as price, sum(o.stock) as stock,"
        " max(o.updated_at) as updated_at"
        + _FOR_SALE.replace(" where", " join country c on c.iso2 = o.country where")
        + " and o.service = :service group by c.iso2, c.name order by price, c.name limit 300",
        service=service,
    )
    named = [row for row in rows if row["iso2"] in codes]
    ranked = sorted(named or rows, key=lambda row: came.of(row["iso2"]).rank(order, row["price"]))
    return [_place(row, currency, came) for row in ranked[:MOST_COUNTRIES]]


def _country(
    unit: UnitOfWork, service: str, iso2: str, currency: str, came: Deliveries
) -> CountryRow | None:
    row = unit.first(
        "select c.iso2, c.name, min(o.price_micro) as price, sum(o.stock) as stock,"
        " max(o.updated_at) as updated_at"
        + _FOR_SALE.replace(" where", " join country c on c.iso2 = o.country where")
        + " and o.service = :service and o.country = :iso2 group by c.iso2, c.name",
        service=service,
        iso2=iso2,
    )
    return _place(row, currency, came) if row else None


def _offers(
    unit: UnitOfWork,
    service: str,
    country: str,
    available: int,
    currency: str,
    came: Deliveries,
    order: Order,
) -> list[OfferRow]:
    rows = unit.all(
        "select o.operator, min(o.price_micro) as price, sum(o.stock) as stock,"
        " count(distinct o.provider_id) as providers, max(o.updated_at) as updated_at,"
        f" max({_LOCK}) as lock, bool_or({_ANOTHER}) as another"
        + _FOR_SALE
        + " and o.service = :service and o.country = :country"
        " group by o.operator order by price, o.operator",
        service=service,
        country=country,
    )
    if not rows:
        return []
    pieces = [row["stock"] for row in rows]
    anyone: Any = {
        "operator": "any",
        "price": rows[0]["price"],
        "stock": None if None in pieces else sum(pieces),
        "providers": max(row["providers"] for row in rows),
        "updated_at": max(row["updated_at"] for row in rows),
        "lock": max(row["lock"] for row in rows),
        "another": any(row["another"] for row in rows),
    }
    named = [row for row in rows if row["operator"] != "any"][: MOST_OPERATORS - 1]
    rows = [anyone, *named]
    ranked = sorted(
        rows,
        key=lambda row: came.of(country, row["operator"]).rank(order, row["price"]),
    )
    return [_offer(row, available, currency, came.of(country, row["operator"])) for row in ranked]


def _how_many(countries: int, order: Order) -> str:
    return "1 country" if countries == 1 else f"{countries} countries, {_FIRST[order]} first"


def _tile(row: Any) -> ServiceTile:
    return ServiceTile(row["code"], row["name"], initials(row["name"]), tile(row["name"]))


def _place(row: Any, currency: str, came: Deliveries) -> CountryRow:
    pieces = None if row["stock"] is None else int(row["stock"])
    delivery = came.of(row["iso2"])
    return CountryRow(
        iso2=row["iso2"],
        name=row["name"],
        flag=flag(row["iso2"]),
        price=money(row["price"], currency),
        stock=stock(pieces),
        success=delivery.success_label,
        sample=delivery.sample_label,
        updated_ms=millis(row["updated_at"]),
    )


def _after(seconds: int) -> str:
    if seconds == 0:
        return "any time"
    return f"after {seconds} s" if seconds < 60 else f"after {round(seconds / 60)} min"


def _offer(row: Any, available: int, currency: str, delivery: Delivery) -> OfferRow:
    anyone = row["operator"] == "any"
    sources = f"{count(row['providers'])} carriers" if row["providers"] > 1 else "One carrier"
    left = available - row["price"]
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
        success=delivery.success_label,
        sample=delivery.sample_label,
        percent=delivery.percent,
        tone=delivery.tone,
        wait=delivery.wait_label,
        codes="Many, on request" if row["another"] else "Those that come",
        cancel=_after(row["lock"]),
    )
