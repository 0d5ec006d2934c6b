"""Is a result what a recording expects? The rules of equality of the normal form."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

MONEY: Final = frozenset({"balance", "price", "cost", "min_price"})
INSTANTS: Final = frozenset({"expires_at", "created_at"})
LISTS: Final = frozenset({"offers", "activations", "countries", "services"})


def difference(expected: dict[str, Any], result: dict[str, Any]) -> str | None:
    """The first difference as a sentence, or None. Keys not expected are ignored."""
    for key, wanted in expected.items():
        found = result.get(key)
        if not same(key, wanted, found):
            return f"{key}: expected {wanted!r}, got {found!r}"
    return None


def same(key: str, wanted: Any, found: Any) -> bool:
    """Equality of one value: money as numbers, instants as instants, lists in any order."""
    if isinstance(wanted, list):
        return isinstance(found, list) and _matched(key, wanted, found)
    if isinstance(wanted, dict):
        if not isinstance(found, dict) or (key == "operators" and set(wanted) != set(found)):
            return False
        return all(same(name, value, found.get(name)) for name, value in wanted.items())
    if key in MONEY:
        return _number(wanted) is not None and _number(wanted) == _number(found)
    if key in INSTANTS and (moment := instant(str(wanted))) is not None:
        return moment == instant(str(found))
    return bool(wanted == found) and type(wanted) is type(found)


def instant(written: str) -> datetime | None:
    """A moment with a zone, sub-microseconds cut; None where it does not parse."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool | float):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _matched(key: str, wanted: list[Any], found: list[Any]) -> bool:
    """A pairing in which each expected member has a member of its own (augmenting paths)."""
    if len(wanted) != len(found):
        return False
    fits = [[same(key, each, other) for other in found] for each in wanted]
    owner: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column, fit in enumerate(fits[row]):
            if fit and column not in seen:
                seen.add(column)
                if column not in owner or place(owner[column], seen):
                    owner[column] = row
                    return True
        return False

    return all(place(row, set()) for row in range(len(wanted)))
