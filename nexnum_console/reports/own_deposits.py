"""A user's own deposits by gateway: what was asked for, where to pay it, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.runtime_settings import rules
from nexnum_console.reports.deposits_list import CLEARED, STATES
from nexnum_console.reports.words import millis, money
from nexnum_console.wallet import intents
from nexnum_console.wallet.intents import Intent

_MOST: Final = 6
# The name on the button, and what happens after it.
_WAYS: Final = {
    "sandbox": ("Play money", "Play money: the sandbox gateway books it at once."),
    "stripe": ("Card", "You pay on Stripe’s page and come back here; it is booked within moments."),
    "manual": ("Transfer", "You get a reference to write on the transfer; it is booked when seen."),
}
_BY_HAND: Final = ("info", "clock", "Waits for the transfer")
_UNOPENED: Final = ("low", "x", "Not opened")
# How much went back is told in the ledger.
_OTHERS: Final = {
    "suspense": ("warn", "clock", "Being looked at"),
    "refunded": ("warn", "undo", "Paid back, all or in part"),
}


@dataclass(frozen=True, slots=True)
class WayToPay:
    """A gateway as its user chooses it; ``instant`` where nothing is to be paid elsewhere."""

    gateway: str = ""
    title: str = ""
    told: str = ""
    instant: bool = True


@dataclass(frozen=True, slots=True)
class OwnDeposit:
    """``pay`` leads to the gateway while it waits for the money; of a transfer that waits,
    ``ticket`` is its reference and ``how`` where the admin says to send it."""

    id: int
    title: str
    amount: str
    tone: str
    icon: str
    word: str
    at_ms: int
    note: str
    pay: str
    ticket: str
    how: str


def way(gateway: str, *, instant: bool) -> WayToPay:
    """A gateway in words."""
    title, told = _WAYS.get(gateway, (gateway, ""))
    return WayToPay(gateway, title, told, instant)


def of_user(unit: UnitOfWork, user_id: int, now: datetime) -> list[OwnDeposit]:
    """The user's newest deposits that were asked for."""
    found, transfers = intents.of_user(unit, user_id, _MOST), rules(unit).manual_deposits
    parked = _parked(unit, [one.id for one in found])
    return [_shown(one, parked.get(one.id, ""), transfers, now) for one in found]


def _parked(unit: UnitOfWork, numbers: list[int]) -> dict[int, str]:
    """What became of payments that did not fit, by deposit; one that still waits counts."""
    rows = unit.all(
        "select intent_id, state from suspense where intent_id = any(:numbers)"
        " order by (state = 'open'), id",
        numbers=numbers,
    )
    return {row["intent_id"]: row["state"] for row in rows}


def _shown(one: Intent, parked: str, transfers: str, now: datetime) -> OwnDeposit:
    tone, icon, word = _word(one, parked)
    waits = one.state == "created" and one.expires_at > now
    by_hand = waits and one.gateway == "manual"
    return OwnDeposit(
        id=one.id,
        title=_WAYS.get(one.gateway, (one.gateway, ""))[0],
        amount=money(one.amount, one.currency),
        tone=tone,
        icon=icon,
        word=word,
        at_ms=millis(one.created_at),
        note=one.note,
        pay=one.url if waits else "",
        ticket=one.ticket if by_hand else "",
        how=transfers if by_hand else "",
    )


def _word(one: Intent, parked: str) -> tuple[str, str, str]:
    if one.state == "created" and one.gateway == "manual":
        return _BY_HAND
    if one.state == "created" and not one.url:
        return _UNOPENED
    if one.state == "suspense" and parked in CLEARED:
        return CLEARED[parked]
    return _OTHERS.get(one.state) or STATES[one.state]
