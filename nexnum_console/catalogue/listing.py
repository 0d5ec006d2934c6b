"""A provider's price list made ready to store; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from nexnum_console.catalogue.normalise import KnownCountry, KnownService, Normaliser
from nexnum_console.catalogue.source import Priced
from nexnum_console.core.money import MoneyError, to_micro_up

ANY: Final = "any"
OPERATOR_MAX: Final = 64
EXTERNAL_MAX: Final = 64
STOCK_MAX: Final = 10**12


class Row(msgspec.Struct, frozen=True, gc=False):
    """One offer ready to store; ``cost_micro`` in the provider's currency.

    A list has a hundred thousand: made in a fifth of a dataclass's time, out of the garbage
    collector's sight.
    """

    country: str
    service: str
    operator: str
    external_country: str
    external_service: str
    cost_micro: int
    stock: int | None


@dataclass(slots=True)
class Listing:
    """What one reply came to; ``skipped`` counts rows by the reason they were left out."""

    rows: list[Row] = field(default_factory=list)
    countries: dict[str, KnownCountry] = field(default_factory=dict)
    services: dict[str, KnownService] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    unknown_countries: Counter[str] = field(default_factory=Counter)


def read_listing(prices: Iterable[Priced], words: Normaliser) -> Listing:
    """Normalise and merge: one row for a country, service and operator, the best one in stock."""
    listing = Listing()
    best: dict[tuple[str, str, str], Row] = {}
    costs: dict[str, int | None] = {}
    for price in prices:
        row = _row(price, words, listing, costs)
        if row is None:
            continue
        key = (row.country, row.service, row.operator)
        other = best.get(key)
        if other is None:
            best[key] = row
        else:
            listing.skipped["a better price for the same thing"] += 1
            if _rank(row) < _rank(other):
                best[key] = row
    listing.rows = list(best.values())
    return listing


def _row(
    price: Priced, words: Normaliser, listing: Listing, costs: dict[str, int | None]
) -> Row | None:
    """``costs`` remembers what each price comes to: a list repeats few prices many times."""
    their_country, their_service, written = price.country, price.service, price.price
    if not their_country or not their_service or written is None:
        listing.skipped["incomplete"] += 1
        return None
    if len(their_country) > EXTERNAL_MAX or len(their_service) > EXTERNAL_MAX:
        listing.skipped["unreadable"] += 1
        return None
    if written not in costs:
        costs[written] = _cost(written)
    cost = costs[written]
    if cost is None:
        listing.skipped["no usable price"] += 1
        return None
    country = words.country(their_country)
    if country is None:
        listing.skipped["unknown country"] += 1
        listing.unknown_countries[their_country] += 1
        return None
    service = words.service(their_service)
    listing.countries[country.iso2] = country
    listing.services[service.code] = service
    return Row(
        country.iso2,
        service.code,
        (price.operator or ANY)[:OPERATOR_MAX],
        their_country,
        their_service,
        cost,
        None if price.stock is None else min(max(0, price.stock), STOCK_MAX),
    )


def _cost(text: str) -> int | None:
    try:
        cost = to_micro_up(text)
    except MoneyError:
        return None
    return cost if cost > 0 else None


def _rank(row: Row) -> tuple[bool, int]:
    return row.stock == 0, row.cost_micro
