"""Deposits by hand: an admin saw the money; above the limit a second one must agree."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.money import format_micro
from nexnum_console.core.runtime_settings import rules
from nexnum_console.operations.deposit_desk import DepositDesk, announce
from nexnum_console.operations.people import NotOneself, proper_reason
from nexnum_console.wallet import approvals, intents, ledger
from nexnum_console.wallet.approvals import WAITS, AwaitsApproval, Booked, Request
from nexnum_console.wallet.gateways.port import Notice
from nexnum_console.wallet.intents import Intent
from nexnum_console.wallet.told import Told

# A reference that was told before says nothing new, and books nothing.
_NOTHING_NEW: Final = frozenset({"told before", "booked before", "in suspense before"})


def confirm(
    desk: DepositDesk, actor: Actor, intent_id: int, reference: str, amount: int, note: str
) -> Told:
    """An admin saw the money of a manual deposit: ``amount`` micro-units under ``reference``.

    The same reference is booked once. What is above the limit of one person waits for a second
    one; ``request_id`` then names the request. InvalidInput, NotFound, NotOneself, AwaitsApproval.
    """
    reference, note = " ".join(reference.split()), proper_reason(note)
    if not 3 <= len(reference) <= 120:
        raise InvalidInput("Give the transfer's reference, 3 to 120 characters.")
    if amount <= 0:
        raise InvalidInput(
            "Say what arrived, an amount above zero. Nothing was changed; a deposit that nobody"
            " pays ends by itself."
        )
    with desk.database.transaction() as unit:
        intent = intents.get(unit, intent_id, lock=True)
        found = desk.gateways.get(intent.gateway)
        if found is None or not found.by_hand:
            raise InvalidInput(f"Deposits by {intent.gateway} are confirmed by it alone.")
        if intent.user_id == actor.user_id:
            raise NotOneself("You cannot confirm your own deposit; ask another admin.")
        cause = ledger.Cause(f"deposit:{intent.id}", actor.name, desk.clock(), note)
        outcome = _request(unit, actor, intent, reference, amount, cause)
        if outcome is None:
            outcome = _receive(unit, intent, reference, amount, cause.now)
            done = {"came": outcome.outcome, "by": reference}
            _note(unit, actor, "deposit.confirm", intent, amount, cause, done)
        announce(unit, desk, outcome)
    return outcome


def book_request(unit: UnitOfWork, actor: Actor, asked: Request, cause: ledger.Cause) -> Booked:
    """The second person agrees: the money is the user's, or in suspense where it does not fit.

    InvalidInput where its reference was booked meanwhile.
    """
    assert asked.intent_id is not None, "a request about a deposit"
    intent = intents.get(unit, asked.intent_id, lock=True)
    told = _receive(unit, intent, asked.payment, asked.amount, cause.now)
    if told.outcome in _NOTHING_NEW:
        raise InvalidInput(
            f"{asked.payment} was {told.outcome}. Nothing was changed; refuse this request."
        )
    done = {
        "came": told.outcome,
        "by": asked.payment,
        "request": asked.id,
        "asked_by": asked.asked_by,
    }
    _note(unit, actor, "deposit.confirm", intent, asked.amount, cause, done)
    return Booked(told.outcome, _journal(unit, told.deposit_id))


def refuse_request(unit: UnitOfWork, actor: Actor, asked: Request, cause: ledger.Cause) -> None:
    """The second person says no, or the first one takes it back; the deposit waits as before."""
    assert asked.intent_id is not None, "a request about a deposit"
    intent = intents.get(unit, asked.intent_id)
    refused = {"by": asked.payment, "request": asked.id}
    _note(unit, actor, "deposit.confirm_reject", intent, asked.amount, cause, refused)


def _request(
    unit: UnitOfWork,
    actor: Actor,
    intent: Intent,
    reference: str,
    amount: int,
    cause: ledger.Cause,
) -> Told | None:
    """What a second person must decide; None where one person's word is enough."""
    waiting = approvals.of_intent(unit, intent.id)
    if waiting is not None:
        if (waiting.asked_by, waiting.payment, waiting.amount) != (actor.name, reference, amount):
            raise AwaitsApproval(
                f"Request {waiting.id} about this deposit waits for a second admin. Nothing was"
                " changed; decide it first."
            )
        return Told(WAITS, intent.user_id, request_id=waiting.id)
    if amount <= rules(unit).adjustment_alone or intents.heard(unit, intent.gateway, reference):
        return None
    once = ledger.Cause(f"{cause.ref}:{secrets.token_hex(8)}", cause.actor, cause.now, cause.reason)
    request_id = approvals.ask(
        unit, intent.wallet_id, amount, once, intent_id=intent.id, payment=reference
    )
    asked = {"by": reference, "request": request_id}
    _note(unit, actor, "deposit.confirm_ask", intent, amount, cause, asked)
    return Told(WAITS, intent.user_id, request_id=request_id)


def _receive(unit: UnitOfWork, intent: Intent, reference: str, amount: int, now: datetime) -> Told:
    notice = Notice(
        reference,
        "paid",
        ticket=intent.ticket,
        external_id=intent.external_id or "",
        payment_id=reference,
        amount=amount,
        currency=intent.currency,
    )
    return intents.receive(unit, intent.gateway, notice, now)


def _journal(unit: UnitOfWork, deposit_id: int | None) -> int | None:
    found = unit.scalar(
        "select id from journal where key = 'deposit:deposit:' || cast(:id as text)", id=deposit_id
    )
    return None if found is None else int(found)


def _note(
    unit: UnitOfWork,
    actor: Actor,
    action: str,
    intent: Intent,
    amount: int,
    cause: ledger.Cause,
    after: Mapping[str, object],
) -> None:
    audit.record(
        unit,
        actor,
        action,
        f"user:{intent.user_id}",
        after={"amount": format_micro(amount), **after},
        reason=cause.reason,
        now=cause.now,
    )
