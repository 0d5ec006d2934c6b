"""The second person's word: what one person may not move alone is booked, or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.accounts import service as accounts
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.operations import manual_deposits, people, suspense_desk
from nexnum_console.operations.people import NotOneself, not_oneself, proper_reason
from nexnum_console.wallet import approvals, ledger
from nexnum_console.wallet.approvals import Booked, Request
from nexnum_console.wallet.reading import balance_of

Booking = Callable[[UnitOfWork, Actor, Request, ledger.Cause], Booked]
Refusing = Callable[[UnitOfWork, Actor, Request, ledger.Cause], None]
_CORRECTION: Final = (people.book_request, people.refuse_request)
_DEPOSIT: Final = (manual_deposits.book_request, manual_deposits.refuse_request)
_SUSPENSE: Final = (suspense_desk.book_request, suspense_desk.refuse_request)


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a request: ``booked``, ``refused``, ``withdrawn`` or ``in suspense: …``, and
    what the user then has, in micro-units of ``currency``."""

    outcome: str
    user_id: int
    email: str
    currency: str
    available: int


def decide(
    unit: UnitOfWork, actor: Actor, request_id: int, note: str, now: datetime, *, approve: bool
) -> Decided:
    """Approve or reject what another admin asked for; whoever asked may withdraw it (reject).

    NotFound, NotOneself (approving one's own request, or for one's own balance), AlreadyDecided,
    InvalidInput for what cannot be booked any more (then it still waits).
    """
    note = proper_reason(note)
    asked = approvals.lock(unit, request_id)
    if approve and asked.asked_by == actor.name:
        raise NotOneself("You asked for this; another admin must approve it. Nothing was changed.")
    not_oneself(actor, asked.user_id, "decide on your own balance")
    book, refuse = _room(asked)
    cause = ledger.Cause(asked.key, actor.name, now, asked.reason)
    if approve:
        booked = book(unit, actor, asked, cause)
        approvals.approve(unit, asked, actor.name, note, booked.journal_id, now)
        outcome = booked.outcome
    else:
        refuse(unit, actor, asked, cause)
        approvals.close(unit, asked, actor.name, note, now)
        outcome = "withdrawn" if asked.asked_by == actor.name else "refused"
    balance = balance_of(unit, asked.user_id)
    email = accounts.get(unit, asked.user_id).email
    return Decided(outcome, asked.user_id, email, balance.currency, balance.available)


def _room(asked: Request) -> tuple[Booking, Refusing]:
    if asked.suspense_id is not None:
        return _SUSPENSE
    return _CORRECTION if asked.intent_id is None else _DEPOSIT
