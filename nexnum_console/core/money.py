"""Money in integer micro-units (1/1,000,000 of a currency unit); never a float."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation

from nexnum_console.core.errors import InvalidInput

MICRO = 1_000_000
CENT = 10_000
MAX_MICRO = 9_000_000_000_000_000  # 9 billion units: far below BIGINT, far above any sale

_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_WIDE = Context(prec=60)


class MoneyError(InvalidInput):
    """A text is not an amount we can hold exactly."""

    code = "bad_amount"


def decimal_of(text: str | int | Decimal) -> Decimal:
    """Exact decimal of a finite amount; floats are refused, and texts that nobody writes money in:
    “1e3”, “1_000”, digits of other scripts."""
    if isinstance(text, str) and not _PLAIN.fullmatch(text.strip()):
        raise MoneyError(f"“{text}” is not an amount; write it like 12.50")
    return _exact(text)


def _exact(text: str | int | Decimal) -> Decimal:
    if isinstance(text, float):
        raise TypeError("money must not pass through a float")
    try:
        value = Decimal(text.strip() if isinstance(text, str) else text)
    except (InvalidOperation, ValueError) as error:
        raise MoneyError(f"“{text}” is not an amount; write it like 12.50") from error
    if not value.is_finite():
        raise MoneyError(f"“{text}” is not a finite amount")
    return value


def to_micro(text: str | int | Decimal) -> int:
    """Micro-units of an amount in whole units; more than six decimals is an error."""
    scaled = _WIDE.multiply(decimal_of(text), Decimal(MICRO))
    if scaled != scaled.to_integral_value():
        raise MoneyError(f"“{text}” has more than six decimals")
    return _bounded(int(scaled), text)


def to_micro_up(text: str | int | Decimal) -> int:
    """Micro-units of a carrier's price, which may be written as a program writes it (``1E-5``);
    anything below a micro-unit rounds up, against us."""
    scaled = _WIDE.multiply(_exact(text), Decimal(MICRO))
    return _bounded(int(scaled.to_integral_value(rounding=ROUND_CEILING)), text)


def ceil_to_cent(amount: Decimal) -> int:
    """Micro-units of an exact amount in units, rounded up to the cent."""
    cents = _WIDE.multiply(amount, Decimal(100)).to_integral_value(rounding=ROUND_CEILING)
    return _bounded(int(cents) * CENT, amount)


def floor_micro(amount: Decimal) -> int:
    """Micro-units of an exact amount in units, rounded down."""
    scaled = _WIDE.multiply(amount, Decimal(MICRO)).to_integral_value(rounding=ROUND_FLOOR)
    return _bounded(int(scaled), amount)


def format_micro(amount: int) -> str:
    """Plain decimal text with at least two decimals and no rounding: 12500000 -> ``12.50``."""
    sign = "-" if amount < 0 else ""
    units, micros = divmod(abs(amount), MICRO)
    decimals = f"{micros:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{units}.{decimals}"


def _bounded(micro: int, source: object) -> int:
    if abs(micro) > MAX_MICRO:
        raise MoneyError(f"“{source}” is larger than this installation can hold")
    return micro
