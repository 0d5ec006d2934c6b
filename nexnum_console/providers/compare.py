"""Is a result what a recording expects? The rules of equality of the normal form."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from nexnum_console.providers.errors import ProviderError

MONEY: Final = frozenset({"balance", "price", "cost", "min_price"})
INSTANTS: Final = frozenset({"expires_at", "created_at"})
LISTS: Final = frozenset({"offers", "activations", "countries", "services"})
_SHOWN = 300


class Difference(NamedTuple):
    """The first thing that is not as expected. ``row`` is the result's row, if it is in a list."""

    key: str
    message: str
    row: int | None = None


def outcome_of(result: dict[str, Any] | None, error: ProviderError | None) -> dict[str, Any]:
    """A result or an error as recordings write what they expect."""
    if error is None:
        return {"ok": result or {}}
    found: dict[str, Any] = {"error": str(error.code)}
    return found | ({"min_price": error.min_price} if error.min_price is not None else {})


def difference(expected: dict[str, Any], result: dict[str, Any]) -> str | None:
    """The first difference as a sentence, or None. Keys not expected are ignored."""
    found = first_difference(expected, result)
    return found.message if found else None


def first_difference(expected: dict[str, Any], result: dict[str, Any]) -> Difference | None:
    """The first difference, or None; in a list the first expected row that has no equal."""
    for key, wanted in expected.items():
        found = result.get(key)
        if same(key, wanted, found):
            continue
        if isinstance(wanted, list) and isinstance(found, list):
            return _row_difference(key, wanted, found)
        return Difference(key, f"{key}: expected {_shown(wanted)}, got {_shown(found)}")
    return None


def same(key: str, wanted: Any, found: Any) -> bool:
    """Equality of one value: money as numbers, instants as instants, lists in any order."""
    if isinstance(wanted, list):
        return isinstance(found, list) and not _unmatched(key, wanted, found)
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


def _row_difference(key: str, wanted: list[Any], found: list[Any]) -> Difference:
    """The first expected row without an equal, beside the free row that is nearest to it."""
    lonely, free = _pairs(key, wanted, found)
    counts = "" if len(wanted) == len(found) else f"{len(wanted)} rows expected, {len(found)} got; "
    if not lonely:
        extra = found[free[0]]
        return Difference(key, f"{key}: {counts}not expected: {_shown(extra)}", free[0])
    row = wanted[lonely[0]]
    nearest = _nearest(row, found, free)
    if nearest is None:
        return Difference(key, f"{key}: {counts}no row is {_shown(row)}")
    inner = first_difference(row, found[nearest])
    name = inner.key if inner else key
    told = inner.message if inner else f"got {_shown(found[nearest])}"
    return Difference(name, f"{key}: {counts}row {_shown(row)}: {told}", nearest)


def _nearest(row: Any, found: list[Any], free: list[int]) -> int | None:
    """The free row that agrees with most of an expected row, if it agrees with anything."""
    if not isinstance(row, dict):
        return None
    best, agreed = None, 0
    for index in free[:2000]:
        other = found[index]
        if isinstance(other, dict):
            equal = sum(same(name, value, other.get(name)) for name, value in row.items())
            if equal > agreed:
                best, agreed = index, equal
    return best


def _unmatched(key: str, wanted: list[Any], found: list[Any]) -> bool:
    if len(wanted) != len(found):
        return True
    lonely, free = _pairs(key, wanted, found)
    return bool(lonely or free)


def _pairs(key: str, wanted: list[Any], found: list[Any]) -> tuple[list[int], list[int]]:
    """Expected rows that cannot have a row of their own, and rows that nobody expects.

    A largest pairing by augmenting paths; candidates come from an index of the rows, so that
    100,000 rows are compared in about the time it takes to read them.
    """
    fits = _candidates(key, wanted, found)
    owner: dict[int, int] = {}
    next_free: dict[int, int] = defaultdict(int)  # rows that are alike share one list
    for row in sorted(range(len(wanted)), key=lambda each: len(fits[each])):
        columns = fits[row]
        at = next_free[id(columns)]
        while at < len(columns) and columns[at] in owner:
            at += 1
        next_free[id(columns)] = at
        if at < len(columns):
            owner[columns[at]] = row
        else:
            _place(row, fits, owner)
    placed = set(owner.values())
    lonely = [row for row in range(len(wanted)) if row not in placed]
    return lonely, [column for column in range(len(found)) if column not in owner]


def _place(row: int, fits: list[list[int]], owner: dict[int, int]) -> bool:
    """Give a row a column of its own, moving others where that helps."""
    came_from: dict[int, int] = {}
    waiting = deque([row])
    while waiting:
        asking = waiting.popleft()
        for column in fits[asking]:
            if column in came_from:
                continue
            came_from[column] = asking
            if column not in owner:
                _hand_over(column, came_from, owner, row)
                return True
            waiting.append(owner[column])
    return False


def _hand_over(column: int, came_from: dict[int, int], owner: dict[int, int], first: int) -> None:
    held = {who: where for where, who in owner.items()} if came_from[column] != first else {}
    while True:
        who = came_from[column]
        owner[column] = who
        if who == first:
            return
        column = held[who]


def _candidates(key: str, wanted: list[Any], found: list[Any]) -> list[list[int]]:
    """For each expected row the rows that equal it."""
    indexes: dict[tuple[str, ...], dict[Hashable, list[int]]] = {}
    fits: list[list[int]] = []
    for row in wanted:
        form = _form(key, row, None)
        if form is None:
            fits.append([i for i, other in enumerate(found) if same(key, row, other)])
            continue
        names = tuple(row) if isinstance(row, dict) else ()
        if names not in indexes:
            indexes[names] = _index(key, found, names if isinstance(row, dict) else None)
        fits.append(indexes[names].get(form, []))
    return fits


def _index(key: str, found: list[Any], names: tuple[str, ...] | None) -> dict[Hashable, list[int]]:
    table: dict[Hashable, list[int]] = defaultdict(list)
    for number, other in enumerate(found):
        if (names is None) == (not isinstance(other, dict)):
            form = _form(key, other, names)
            if form is not None:
                table[form].append(number)
    return table


def _form(key: str, row: Any, names: tuple[str, ...] | None) -> Hashable | None:
    """A hashable that equal rows share; None where only comparing can tell."""
    if not isinstance(row, dict):
        return _scalar_form(key, row)
    parts = [_scalar_form(name, row.get(name)) for name in (names if names is not None else row)]
    return None if None in parts else tuple(parts)


def _scalar_form(key: str, value: Any) -> Hashable | None:
    if isinstance(value, dict | list):
        return None
    if key in MONEY:
        number = _number(value)
        return ("money", number) if number is not None else ("no money", str(value))
    if key in INSTANTS:
        return ("instant", instant(str(value)) or str(value))
    return (type(value).__name__, value)


def _shown(value: Any) -> str:
    written = repr(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"
