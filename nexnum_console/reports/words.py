"""How figures and moments read on a page: ready-made labels, so that no page does arithmetic."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nexnum_console.core.money import format_micro

_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£"}
_TILES: Final = 6
MINUS: Final = "−"


def money(micro: int, currency: str) -> str:
    """``$1,250.00``, or ``12.50 CHF`` where no symbol is common."""
    whole, _, fraction = format_micro(abs(micro)).partition(".")
    sign, amount = (MINUS if micro < 0 else ""), f"{int(whole):,}.{fraction}"
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{sign}{amount} {currency}"


def signed_money(micro: int, currency: str) -> str:
    """Like ``money`` with a plus before what came in."""
    return ("+" if micro > 0 else "") + money(micro, currency)


def count(number: int) -> str:
    """``12,345``."""
    return f"{number:,}"


def stock(number: int | None) -> str:
    """Pieces in stock; a provider that does not tell gets a word, not a number."""
    return "not told" if number is None else count(number)


def millis(moment: datetime | None) -> int:
    """Milliseconds since 1970 for the page's clock; 0 for no moment."""
    return 0 if moment is None else int(moment.timestamp() * 1000)


def initials(name: str) -> str:
    """One or two letters for a tile."""
    words = [word for word in name.split() if word[0].isalnum()] or [name or "?"]
    return (
        "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else words[0][:1].upper()
    )


def tile(name: str) -> int:
    """The same tile colour for the same name, everywhere."""
    return sum(name.encode()) % _TILES


def flag(country: str) -> str:
    """Where the country's flag is served."""
    return f"/flags/{country.lower()}.svg"
