"""Penalties by rule: who would be charged what, charging it, and deciding appeals."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from nexnum_console.audit import log as audit
from nexnum_console.core.actor import SYSTEM, Actor
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.known_settings import Rules
from nexnum_console.core.money import format_micro
from nexnum_console.core.runtime_settings import rules
from nexnum_console.operations.people import NotOneself, proper_reason
from nexnum_console.reports.misuse import Day, day_of
from nexnum_console.wallet import penalties
from nexnum_console.wallet.errors import AlreadyBooked, InsufficientFunds, WalletFrozen
from nexnum_console.wallet.penalties import Charge

log = logging.getLogger(__name__)

CANCEL_SHARE: Final = "cancel_share"
VELOCITY: Final = "velocity"


@dataclass(frozen=True, slots=True)
class Line:
    """One penalty to be. ``hindrance`` says why it would not be booked: it was before, or the
    balance does not cover it."""

    email: str
    charge: Charge
    hindrance: str


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a day's penalties."""

    charged: int
    skipped: tuple[Line, ...]


def preview(unit: UnitOfWork, day: date, ruling: Rules | None = None) -> list[Line]:
    """Who would be charged what for a day, by the rules that hold or by ``ruling``."""
    ruling = ruling or rules(unit)
    return [
        Line(found.email, charge, _hindrance(unit, found, charge))
        for found in day_of(unit, day)
        for charge in _charges(found, day, ruling)
    ]


def book_day(database: Database, actor: Actor | str, day: date, now: datetime) -> Booked:
    """Charge what the preview of a past day shows; each alone, so that one refusal stops no other.

    InvalidInput for a day that is not over.
    """
    if day >= now.date():
        raise InvalidInput("The day is not over yet; its penalties are booked from tomorrow on.")
    with database.transaction() as unit:
        lines = preview(unit, day)
    charged, skipped = 0, []
    for line in lines:
        if not line.hindrance and _book(database, actor, line, now):
            charged += 1
        else:
            skipped.append(line)
    return Booked(charged, tuple(skipped))


def book_yesterday(database: Database, now: datetime) -> Booked | None:
    """What the job does each hour, where penalties are booked by themselves: what a balance did
    not cover is tried again until the day is over. Rules bind nobody for days before that."""
    with database.transaction() as unit:
        if not rules(unit).penalties_automatic:
            return None
    return book_day(database, SYSTEM, now.date() - timedelta(days=1), now)


def appeal(unit: UnitOfWork, actor: Actor, penalty_id: int, text: str, now: datetime) -> None:
    """A user's word against a penalty of theirs; it waits for staff then.

    NotFound, NotAppealable, InvalidInput.
    """
    penalties.appeal(unit, actor.user_id, penalty_id, text, now)
    audit.record(unit, actor, "penalty.appeal", f"penalty:{penalty_id}", now=now)


def decide(
    unit: UnitOfWork, actor: Actor, penalty_id: int, decision: str, now: datetime, *, reverse: bool
) -> int:
    """Uphold or reverse a penalty, with words for the user, whose id it returns.

    NotFound, NotAppealable, NotOneself.
    """
    decision = proper_reason(decision)
    user_id = unit.scalar(
        "select w.user_id from penalty p join wallet w on w.id = p.wallet_id where p.id = :id",
        id=penalty_id,
    )
    if user_id == actor.user_id:
        raise NotOneself("You cannot decide on your own penalty; ask another admin.")
    wallet_id = penalties.decide(unit, penalty_id, actor.name, decision, now, reverse=reverse)
    action = "penalty.reverse" if reverse else "penalty.uphold"
    audit.record(
        unit,
        actor,
        action,
        f"penalty:{penalty_id}",
        after={"wallet": wallet_id},
        reason=decision,
        now=now,
    )
    return int(user_id)


def _charges(found: Day, day: date, ruling: Rules) -> Iterator[Charge]:
    share = ruling.penalty_cancel_share
    if share and found.numbers >= ruling.penalty_cancel_least:
        counted = {"numbers": found.numbers, "cancelled": found.cancelled, "percent": share}
        if found.cancelled * 100 >= share * found.numbers:
            yield _charge(found, CANCEL_SHARE, day, ruling, counted)
    if ruling.penalty_velocity and found.in_an_hour > ruling.penalty_velocity:
        counted = {"in_an_hour": found.in_an_hour, "allowed": ruling.penalty_velocity}
        yield _charge(found, VELOCITY, day, ruling, counted)


def _charge(found: Day, rule: str, day: date, ruling: Rules, counted: dict[str, int]) -> Charge:
    return Charge(found.wallet_id, rule, day.isoformat(), ruling.penalty_amount, counted)


def _hindrance(unit: UnitOfWork, found: Day, charge: Charge) -> str:
    if penalties.is_booked(unit, charge):
        return "booked before"
    if found.available < charge.amount:
        return f"the balance is {format_micro(found.available)}"
    return ""


def _book(database: Database, actor: Actor | str, line: Line, now: datetime) -> bool:
    name = actor if isinstance(actor, str) else actor.name
    try:
        with database.transaction() as unit:
            penalty_id = penalties.book(unit, line.charge, name, now)
            audit.record(
                unit,
                actor,
                "penalty.book",
                f"penalty:{penalty_id}",
                after={
                    "amount": format_micro(line.charge.amount),
                    "counted": dict(line.charge.evidence),
                },
                reason=line.charge.rule,
                now=now,
            )
    except (InsufficientFunds, WalletFrozen, AlreadyBooked) as refusal:
        log.info("penalty of %s not booked: %s", line.email, refusal.code)
        return False
    return True
