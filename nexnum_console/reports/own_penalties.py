"""A user's own penalties: what for, what they said to it, what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.misuse import RULES
from nexnum_console.reports.penalties_list import STATES, counted
from nexnum_console.reports.words import money

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class OwnPenalty:
    """``open`` while it may be appealed; ``day`` is when the rule was broken."""

    id: int
    title: str
    counted: str
    day: str
    amount: str
    tone: str
    icon: str
    word: str
    appeal: str
    decision: str
    open: bool


def rows_of_user(unit: UnitOfWork, user_id: int) -> list[Any]:
    """The user's newest penalties with their currency."""
    return unit.all(
        "select p.*, w.currency from penalty p join wallet w on w.id = p.wallet_id"
        " where w.user_id = :user_id order by p.id desc limit :most",
        user_id=user_id,
        most=_MOST,
    )


def of_user(unit: UnitOfWork, user_id: int) -> list[OwnPenalty]:
    """The same in words."""
    return [_shown(row) for row in rows_of_user(unit, user_id)]


def _shown(row: Any) -> OwnPenalty:
    tone, icon, word = STATES[row["state"]]
    return OwnPenalty(
        id=row["id"],
        title=RULES.get(row["rule"], str(row["rule"])),
        counted=counted(row["rule"], row["evidence"]),
        day=str(row["period"]),
        amount=money(int(row["amount"]), row["currency"]),
        tone=tone,
        icon=icon,
        word=word,
        appeal=row["appeal"] or "",
        decision=row["decision"] or "",
        open=row["state"] == "booked",
    )
