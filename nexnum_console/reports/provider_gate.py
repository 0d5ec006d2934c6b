"""An account's gate as the provider page shows it: breaker, reasons, limits as learned."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers.breaker import OK
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.health import AccountHealth, health
from nexnum_console.reports.words import count, millis

# state: kind of the chip, its icon, its word
_CHIPS: Final = {
    "closed": ("ok", "check", "Closed"),
    "half": ("warn", "refresh", "Half open"),
    "open": ("danger", "ban", "Open"),
    "unknown": ("warn", "alert", "Unknown"),
}
_MEANINGS: Final = {
    "closed": "Calls go out.",
    "half": "A few calls go out, to see how they fare.",
    "open": "No call goes out, and nobody buys here.",
    "unknown": "Redis does not answer; every process decides for itself.",
}


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many calls of the last minute ended so."""

    code: str
    count: str


@dataclass(frozen=True, slots=True)
class GateCard:
    """``forced`` is ``open``, ``closed`` or empty; ``since_ms`` 0 for no moment."""

    account_id: int
    label: str
    chip: str
    icon: str
    word: str
    meaning: str
    why: str
    since_ms: int
    forced: str
    limit: str
    limit_note: str
    at_once: str
    codes: list[CodeCount] = field(default_factory=list)


def gate_cards(unit: UnitOfWork, gates: Gates, name: str, now: datetime) -> list[GateCard]:
    """One card for each account of the provider."""
    return [_card(each) for each in health(unit, gates, now, name)]


def _card(seen: AccountHealth) -> GateCard:
    forced = seen.decided.force.state
    chip, icon, word = _CHIPS[seen.state]
    codes = sorted(seen.counts.items(), key=lambda pair: (pair[0] != OK, -pair[1], pair[0]))
    return GateCard(
        account_id=seen.account_id,
        label=seen.label,
        chip=chip,
        icon=icon,
        word=f"Forced {word.lower()}" if forced else word,
        meaning=_MEANINGS[seen.state],
        why=_why(seen),
        since_ms=millis(seen.since) if seen.since else 0,
        forced=forced,
        limit=f"{_number(seen.cap)} in {_number(seen.per_seconds)} s",
        limit_note=_learned(seen),
        at_once=f"{seen.at_once} of {seen.at_once_most}",
        codes=[CodeCount(code.replace("_", " "), count(times)) for code, times in codes],
    )


def _why(seen: AccountHealth) -> str:
    if seen.decided.force.state:
        return f"“{seen.decided.reason}”, by {seen.decided.actor.replace(':', ' ')}"
    if seen.state == "open":
        return f"{seen.why.replace('_', ' ')}; asked again in {seen.again_in:.0f} s at most"
    return seen.why.replace("_", " ")


def _learned(seen: AccountHealth) -> str:
    if seen.resting > 0:
        return f"the provider asked for a pause, {seen.resting:.0f} s more"
    if seen.cap < seen.most:
        return f"learned from refusals; the config says {seen.most}"
    return "as its config says"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
