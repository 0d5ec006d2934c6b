"""Prices in integer micro-units (1/1,000,000 USD), and their exact decimal text."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

MICRO = 1_000_000


def amount_text(micro: int, decimals: int = 2) -> str:
    """Exact decimal text with at least ``decimals`` places: 12_500_000 -> ``12.50``."""
    units, rest = divmod(abs(micro), MICRO)
    places = f"{rest:06d}".rstrip("0").ljust(decimals, "0")
    sign = "-" if micro < 0 else ""
    return f"{sign}{units}.{places}" if places else f"{sign}{units}"


def parse_amount(text: str) -> int:
    """Micro-units of a decimal text, rounded down; ``ValueError`` when it is no finite amount."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"“{text}” is not an amount") from error
    if not value.is_finite() or abs(value) > 10**9:
        raise ValueError(f"“{text}” is not an amount")
    return int((value * MICRO).to_integral_value(rounding="ROUND_FLOOR"))
