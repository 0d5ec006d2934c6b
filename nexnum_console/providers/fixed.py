"""Lists that stand in the config itself, because the provider has no call for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any, Final

from nexnum_console.providers.vocabulary import ANY

FIXED: Final = "fixed"
LISTS: Final = ("countries", "services", "operators", "prices")
MOST_ROWS: Final = 100_000
# A price that leaves one of these out is that of every one: the operation that lists them, and
# the output that names one.
EVERY: Final = (("country", "countries", "id"), ("service", "services", "code"))
_ASKED: Final = ("country", "service")
_OFFER: Final = ("country", "service", "operator")

Row = Mapping[str, str | int | list[str | int]]


def size(row: Row) -> int:
    """How many rows a written one stands for: a list in it gives one for each member."""
    return prod(len(value) for value in row.values() if isinstance(value, list))


def spread(row: Row) -> Iterator[dict[str, str | int]]:
    """The rows that a written one stands for."""
    members = [value if isinstance(value, list) else [value] for value in row.values()]
    return (dict(zip(row, each, strict=True)) for each in product(*members))


def meant(row: Mapping[str, Any], variables: Mapping[str, str]) -> bool:
    """Whether a row is one of those asked for: of that country, of that service."""
    for name in _ASKED:
        asked = variables.get(name) or ""
        if name in row and asked.lower() not in ANY and str(row[name]) != asked:
            return False
    return True


def for_every(
    offers: Iterable[dict[str, Any]], name: str, values: list[str]
) -> list[dict[str, Any]]:
    """Offers that leave ``name`` out, once for each of its values."""
    found: list[dict[str, Any]] = []
    for offer in offers:
        found += [offer] if name in offer else [{name: value} | offer for value in values]
    return found


def first_of_each(offers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several prices for the same thing the one that is written first."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for offer in offers:
        found.setdefault(tuple(map(offer.get, _OFFER)), offer)
    return list(found.values())
