"""A quote as its buyer sees it before buying."""

from __future__ import annotations

from dataclasses import dataclass

from nexnum_console.reports.words import money


@dataclass(frozen=True, slots=True)
class Promise:
    """At most this much, and who is asked first; "" where no quote was asked for.

    ``cap_micro``: the same in micro-units of the wallet currency.
    """

    id: str = ""
    strategy: str = ""
    price: str = ""
    balance_after: str = ""
    affordable: bool = True
    missing: str = ""
    first: str = ""
    cap_micro: int = 0


def promise(
    quote_id: str, strategy: str, cap: int, first: str, *, available: int, currency: str
) -> Promise:
    """A quote in words; ``cap`` and ``available`` in micro-units of the wallet currency."""
    left = available - cap
    return Promise(
        id=quote_id,
        strategy=strategy,
        price=money(cap, currency),
        balance_after=money(max(left, 0), currency),
        affordable=left >= 0,
        missing=money(max(-left, 0), currency),
        first=first,
        cap_micro=cap,
    )
