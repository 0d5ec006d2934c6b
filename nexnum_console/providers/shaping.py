"""Transforms that change a text by what stands after their colon: cuts, sums, searches, times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from nexnum_console.providers.patterns import pattern

Shape = Callable[[str], str | None]

_PARTS: Final = re.compile(
    r"P?(?:(\d+)\s*d(?:ays?)?,?\s*)?T?(?:(\d+)\s*h(?:(?:ou)?rs?)?,?\s*)?"
    r"(?:(\d+)\s*m(?:in(?:ute)?s?)?,?\s*)?(?:(\d+)(?:\.\d+)?\s*s(?:ec(?:ond)?s?)?)?\Z",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d+):(\d\d)\Z")
_FINEST: Final = Decimal(10) ** -12
_LONGEST: Final = 40


def times(mark: str) -> Shape:
    """Multiply by a number; exact, without needless zeros. Raises ValueError."""
    factor = _number(mark)
    return lambda written: _counted(written, lambda number: number * factor)


def divide(mark: str) -> Shape:
    """Divide by a number, to twelve places. Raises ValueError."""
    divisor = _number(mark)
    return lambda written: _counted(written, lambda number: number / divisor)


def find(mark: str) -> Shape:
    """What a regex finds: its first group, or all of it. Raises BadPattern."""
    compiled = pattern(mark)

    def shape(written: str) -> str | None:
        found = compiled.search(written)
        if not found:
            return None
        groups = found.groups()
        return next((each for each in groups if each is not None), None) if groups else found[0]

    return shape


def replace(mark: str) -> Shape:
    """``from=>to``, wherever it stands. Raises ValueError."""
    old, arrow, new = mark.partition("=>")
    if not arrow or not old:
        raise ValueError("write replace:old=>new")
    return lambda written: written.replace(old, new)


def date(mark: str) -> Shape:
    """A unix time, or one of ISO 8601, in a ``strftime`` form, in UTC."""

    def shape(written: str) -> str | None:
        try:
            moment = (
                datetime.fromtimestamp(int(written), UTC)
                if written.isdigit()
                else datetime.fromisoformat(written)
            )
            return moment.astimezone(UTC).strftime(mark)
        except (ValueError, OverflowError, OSError):
            return None

    return shape


def duration(written: str) -> str | None:
    """Seconds of ``20:00``, ``1:20:00``, ``19m 30s`` or ``PT20M``; a bare number is seconds."""
    written = written.strip()
    if len(written) > _LONGEST:
        return None
    if written.isdigit():
        return str(int(written))
    clock = _CLOCK.match(written)
    if clock:
        hours, minutes, seconds = (int(each or 0) for each in clock.groups())
        return str(hours * 3600 + minutes * 60 + seconds)
    parts = _PARTS.match(written)
    if not parts or not any(parts.groups()):
        return None
    days, hours, minutes, seconds = (int(each or 0) for each in parts.groups())
    return str(days * 86_400 + hours * 3600 + minutes * 60 + seconds)


def _number(written: str) -> Decimal:
    try:
        number = Decimal(written)
    except InvalidOperation:
        number = Decimal()
    if not number.is_finite() or number <= 0 or abs(number.adjusted()) > 12:
        raise ValueError(f"“{written}” is not a number above 0")
    return number


def _counted(written: str, change: Callable[[Decimal], Decimal]) -> str | None:
    try:
        number = Decimal(written.strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > 20:
        return None
    found = change(number)
    if found.as_tuple().exponent < -12:  # type: ignore[operator]
        found = found.quantize(_FINEST)
    plain = format(found, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


MARKED: Final[dict[str, Callable[[str], Shape]]] = {
    "times": times,
    "divide": divide,
    "find": find,
    "replace": replace,
    "remove": lambda mark: lambda written: written.replace(mark, ""),
    "date": date,
}
