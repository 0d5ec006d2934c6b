"""What becomes of a number that was bought by hand, and what its cost makes in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nexnum_console.activations.attempts import GRACE_SECONDS
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.providers.carrier import Terms


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a number bought by hand; ``lines`` are the legs its cost is booked with, or
    would be."""

    state: str = ""
    words: str = ""
    lines: list[str] = field(default_factory=list)


def fate(unit: UnitOfWork, terms: Terms, upstream_id: str) -> Fate:
    """Where the number is now, and the lines of the ledger that its cost makes."""
    row = unit.first(_SIGHTING, account=terms.account_id, upstream_id=upstream_id)
    if row is None:
        return Fate()
    booked = unit.all(_LINES, key=f"orphan_cost:orphan:{row['id']}")
    lines = [f"{leg['code']} {format_micro(leg['amount'])} {leg['currency']}" for leg in booked]
    if not lines and row["state"] in {"seen", "orphan"}:
        cost = f"{format_micro(row['cost_micro'])} {terms.currency}" if row["cost_micro"] else ""
        amount = cost or "its cost, which is not known"
        lines = [f"orphan_expense:{terms.provider} −{amount}", f"float:{terms.provider} +{amount}"]
    words = _WORDS[row["state"]].format(seconds=terms.settle_seconds + GRACE_SECONDS)
    if row["state"] in {"seen", "orphan"} and not terms.exclusive:
        words = _SHARED
    return Fate(row["state"], words, lines)


_WORDS: Final = {
    "seen": "It belongs to no order. In {seconds} s the reconciler gives it back; what the provider"
    " keeps is booked as",
    "orphan": "The reconciler is giving it back; what the provider keeps is booked as",
    "cancelled": "It was given back, and the provider keeps nothing.",
    "lost": "The provider kept the money; it was booked as",
    "gone": "The provider knows it no more; what it kept was booked as",
    "bound": "An order took it.",
}
_SHARED: Final = (
    "Others buy with this account, so nothing is given back by itself: cancel it here when you are"
    " done. What the provider keeps would be booked as"
)
_SIGHTING: Final = (
    "select id, state, cost_micro from sighting"
    " where account_id = :account and upstream_id = :upstream_id"
)
_LINES: Final = (
    "select a.code, e.amount, j.currency from journal j join entry e on e.journal_id = j.id"
    " join account a on a.id = e.account_id where j.key = :key order by e.id"
)
