"""Money in suspense is given to its owner, above the limit by two people, or sent back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.core.runtime_settings import rules
from nexnum_console.operations.deposit_desk import DepositDesk, announce
from nexnum_console.operations.people import NotOneself, proper_reason
from nexnum_console.wallet import approvals, suspense, suspense_return
from nexnum_console.wallet.approvals import WAITS, AwaitsApproval, Booked, Request
from nexnum_console.wallet.gateways.port import (
    Gateway,
    GatewayClosed,
    GatewayRefused,
    GatewayUnknown,
    Returned,
)
from nexnum_console.wallet.ledger import Cause
from nexnum_console.wallet.reading import balance_of
from nexnum_console.wallet.suspense import Parked, Worth
from nexnum_console.wallet.told import Told


@dataclass(frozen=True, slots=True)
class _Gift:
    """Whose the money is to be, and what it is worth to them."""

    suspense_id: int
    user_id: int
    wallet_id: int
    worth: Worth


def assign(
    desk: DepositDesk,
    actor: Actor,
    suspense_id: int,
    user_id: int,
    note: str,
    *,
    credit: int | None = None,
) -> Told:
    """Money without an owner is a user's; foreign money is worth the ``credit`` micro-units that
    the admin says.

    What is credited above the limit of one person waits for a second one; ``request_id`` then
    names the request. NotFound, AlreadyResolved, BeingReturned, InvalidInput, NotOneself,
    AwaitsApproval.
    """
    if actor.user_id == user_id:
        raise NotOneself("You cannot take money from suspense yourself; ask another admin.")
    cause = Cause(f"suspense:{suspense_id}", actor.name, desk.clock(), proper_reason(note))
    with desk.database.transaction() as unit:
        wallet_id = balance_of(unit, user_id).wallet_id
        worth = suspense.worth(unit, suspense_id, wallet_id, credit)
        gift = _Gift(suspense_id, user_id, wallet_id, worth)
        outcome = _request(unit, actor, gift, cause)
        if outcome is None:
            _book(unit, actor, gift, cause)
            outcome = Told("assigned", user_id)
        announce(unit, desk, outcome)
    return outcome


def return_money(desk: DepositDesk, actor: Actor, suspense_id: int, note: str) -> Returned:
    """Money without an owner goes back to who paid it; NotFound, AlreadyResolved, AwaitsApproval.

    It is sent back once its gateway has done it, at once or by a later word. What a gateway
    raises, too: where it refused the first time it was asked, all is as before; where an answer
    was lost, the money is nobody else's until it was asked again, which pays back once. A no to
    that says nothing about the answer that was lost: GatewayUnknown.
    """
    note = proper_reason(note)
    with desk.database.transaction() as unit:
        row = suspense_return.begin_return(unit, suspense_id, actor.name, note, desk.clock())
        if (waiting := approvals.of_suspense(unit, suspense_id)) is not None:
            raise _awaits(waiting)
        if (found := desk.gateways.get(row.gateway)) is None:
            raise GatewayClosed(f"The gateway {row.gateway} is closed here; nothing was returned.")
    returned = _ask(desk, found, actor, row, note)
    with desk.database.transaction() as unit:
        current = suspense.of_payment(unit, row.gateway, row.payment_id)
        # Its gateway may have told of it before it answered.
        if returned.done and current == row:
            suspense_return.give_back(unit, suspense_id, actor.name, note, desk.clock())
        came = "sent back" if returned.done else "on its way"
        _note_return(unit, actor, row, note, came, desk.clock())
        announce(unit, desk, Told("returned"))
    return returned


def _ask(desk: DepositDesk, gateway: Gateway, actor: Actor, row: Parked, note: str) -> Returned:
    try:
        return gateway.give_back(row.payment_id, row.amount, row.currency, row.ticket)
    except GatewayRefused as refusal:
        with desk.database.transaction() as unit:
            stopped = suspense_return.stop_return(unit, row.id)
        if stopped:
            raise
        _not_known(desk, actor, row, note, refusal.message)
        raise GatewayUnknown(
            f"{refusal.message} An earlier answer about this money was lost, so it may have been"
            " paid back all the same. It is nobody's until that is known; look it up at"
            f" {row.gateway}."
        ) from refusal
    except GatewayUnknown as unknown:
        _not_known(desk, actor, row, note, unknown.message)
        raise


def _not_known(desk: DepositDesk, actor: Actor, row: Parked, note: str, why: str) -> None:
    """The money stays nobody's, and somebody must look; unless its gateway told of it meanwhile."""
    with desk.database.transaction() as unit:
        if suspense.of_payment(unit, row.gateway, row.payment_id) == row:
            suspense_return.not_known(unit, row, why, desk.clock())
        _note_return(unit, actor, row, note, "not known", desk.clock())
        announce(unit, desk, Told("not known"))


def _note_return(
    unit: UnitOfWork, actor: Actor, row: Parked, note: str, came: str, now: datetime
) -> None:
    audit.record(
        unit,
        actor,
        "suspense.return",
        f"suspense:{row.id}",
        after={"amount": f"{format_micro(row.amount)} {row.currency}", "came": came},
        reason=note,
        now=now,
    )


def book_request(unit: UnitOfWork, actor: Actor, asked: Request, cause: Cause) -> Booked:
    """The second person agrees: the money is the user's."""
    assert asked.suspense_id is not None, "a request about money in suspense"
    worth = suspense.worth(unit, asked.suspense_id, asked.wallet_id, asked.credit)
    gift = _Gift(asked.suspense_id, asked.user_id, asked.wallet_id, worth)
    after = {"request": asked.id, "asked_by": asked.asked_by}
    return Booked("booked", _book(unit, actor, gift, cause, after))


def refuse_request(unit: UnitOfWork, actor: Actor, asked: Request, cause: Cause) -> None:
    """The second person says no, or the first one takes it back; the money is in suspense as
    before."""
    assert asked.suspense_id is not None, "a request about money in suspense"
    refused = {"suspense": asked.suspense_id, "request": asked.id}
    _note(unit, actor, "suspense.assign_reject", asked.user_id, asked.amount, cause, refused)


def _request(unit: UnitOfWork, actor: Actor, gift: _Gift, cause: Cause) -> Told | None:
    """What a second person must decide; None where one person's word is enough."""
    waiting = approvals.of_suspense(unit, gift.suspense_id)
    wish = (actor.name, gift.wallet_id, gift.worth.amount)
    if waiting is not None:
        if (waiting.asked_by, waiting.wallet_id, waiting.amount) != wish:
            raise _awaits(waiting)
        return Told(WAITS, gift.user_id, request_id=waiting.id)
    if gift.worth.amount <= rules(unit).adjustment_alone:
        return None
    request_id = approvals.ask(
        unit,
        gift.wallet_id,
        gift.worth.amount,
        replace(cause, ref=f"{cause.ref}:{secrets.token_hex(8)}"),
        suspense_id=gift.suspense_id,
        credit=gift.worth.said,
    )
    asked = {"suspense": gift.suspense_id, "request": request_id}
    _note(unit, actor, "suspense.assign_ask", gift.user_id, gift.worth.amount, cause, asked)
    return Told(WAITS, gift.user_id, request_id=request_id)


def _awaits(waiting: Request) -> AwaitsApproval:
    return AwaitsApproval(
        f"Request {waiting.id} about this money waits for a second admin. Nothing was changed;"
        " decide it first."
    )


def _book(
    unit: UnitOfWork,
    actor: Actor,
    gift: _Gift,
    cause: Cause,
    more: Mapping[str, object] = MappingProxyType({}),
) -> int:
    journal_id = suspense.assign(
        unit,
        gift.suspense_id,
        gift.wallet_id,
        actor.name,
        cause.reason,
        cause.now,
        credit=gift.worth.said,
    )
    done = {"suspense": gift.suspense_id, **more}
    _note(unit, actor, "suspense.assign", gift.user_id, gift.worth.amount, cause, done)
    return journal_id


def _note(
    unit: UnitOfWork,
    actor: Actor,
    action: str,
    user_id: int,
    credited: int,
    cause: Cause,
    after: Mapping[str, object],
) -> None:
    audit.record(
        unit,
        actor,
        action,
        f"user:{user_id}",
        after={"credited": format_micro(credited), **after},
        reason=cause.reason,
        now=cause.now,
    )
