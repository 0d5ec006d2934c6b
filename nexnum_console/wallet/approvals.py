"""What is above the limit of one person: written down, booked when a second one agrees.

That is a correction of a balance, the money of a manual deposit, or money from suspense.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, NotFound
from nexnum_console.wallet.ledger import Cause

# What came of a deed that a second person must agree to.
WAITS: Final = "waits for a second admin"


class AwaitsApproval(BusinessError):
    """A request about this money waits for a second person already."""

    code = "awaits_approval"
    status = 409


class AlreadyDecided(BusinessError):
    """The request was approved, rejected or withdrawn before."""

    code = "already_decided"
    status = 409


@dataclass(frozen=True, slots=True)
class Request:
    """A correction somebody asked for; ``amount`` in signed micro-units. With an ``intent_id`` it
    is the money of that manual deposit, seen under the reference ``payment``; with a
    ``suspense_id`` that money from suspense, ``credit`` what it is worth where it is foreign."""

    id: int
    user_id: int
    wallet_id: int
    key: str
    amount: int
    reason: str
    asked_by: str
    asked_at: datetime
    intent_id: int | None
    payment: str
    suspense_id: int | None
    credit: int | None


@dataclass(frozen=True, slots=True)
class Booked:
    """What agreeing did, in words, and the journal of it; None for money in suspense."""

    outcome: str
    journal_id: int | None


_COLUMNS: Final = (
    "select r.id, w.user_id, r.wallet_id, r.key, r.amount, r.reason, r.asked_by, r.asked_at,"
    " r.intent_id, r.payment, r.suspense_id, r.credit from adjustment_request r"
    " join wallet w on w.id = r.wallet_id"
)


def ask(
    unit: UnitOfWork,
    wallet_id: int,
    amount: int,
    cause: Cause,
    *,
    intent_id: int | None = None,
    payment: str = "",
    suspense_id: int | None = None,
    credit: int | None = None,
) -> int:
    """Write the request down; its id, also when the same one was asked before."""
    unit.run(
        "insert into adjustment_request (wallet_id, key, amount, reason, asked_by, asked_at,"
        " intent_id, payment, suspense_id, credit) values (:wallet_id, :key, :amount, :reason,"
        " :actor, :now, :intent_id, :payment, :suspense_id, :credit) on conflict (key) do nothing",
        wallet_id=wallet_id,
        key=cause.ref,
        amount=amount,
        reason=cause.reason,
        actor=cause.actor,
        now=cause.now,
        intent_id=intent_id,
        payment=payment,
        suspense_id=suspense_id,
        credit=credit,
    )
    return int(unit.scalar("select id from adjustment_request where key = :key", key=cause.ref))


def pending(unit: UnitOfWork) -> list[Request]:
    """What waits for a second person, oldest first."""
    rows = unit.all(f"{_COLUMNS} where r.state = 'pending' order by r.id")
    return [Request(**row) for row in rows]


def of_intent(unit: UnitOfWork, intent_id: int) -> Request | None:
    """What waits for a second person about this deposit; at most one request does."""
    row = unit.first(f"{_COLUMNS} where r.intent_id = :id and r.state = 'pending'", id=intent_id)
    return None if row is None else Request(**row)


def of_suspense(unit: UnitOfWork, suspense_id: int) -> Request | None:
    """What waits for a second person about this money in suspense; at most one request does."""
    row = unit.first(
        f"{_COLUMNS} where r.suspense_id = :id and r.state = 'pending'", id=suspense_id
    )
    return None if row is None else Request(**row)


def lock(unit: UnitOfWork, request_id: int) -> Request:
    """A pending request, for this transaction to decide; NotFound, AlreadyDecided."""
    row = unit.first(f"{_COLUMNS} where r.id = :id for update of r", id=request_id)
    if row is None:
        raise NotFound(f"There is no request {request_id}.")
    state = unit.scalar("select state from adjustment_request where id = :id", id=request_id)
    if state != "pending":
        raise AlreadyDecided(f"This request was {state} before. Nothing was changed.")
    return Request(**row)


def approve(
    unit: UnitOfWork,
    request: Request,
    actor: str,
    note: str,
    journal_id: int | None,
    now: datetime,
) -> None:
    """The second person agreed and it was booked as ``journal_id``; None in suspense."""
    _decide(unit, request, "approved", actor, note, now, journal_id)


def close(unit: UnitOfWork, request: Request, actor: str, note: str, now: datetime) -> None:
    """Rejected, or withdrawn where the asker does it."""
    state = "withdrawn" if request.asked_by == actor else "rejected"
    _decide(unit, request, state, actor, note, now, None)


def _decide(
    unit: UnitOfWork,
    request: Request,
    state: str,
    actor: str,
    note: str,
    now: datetime,
    journal_id: int | None,
) -> None:
    unit.run(
        "update adjustment_request set state = :state, decided_by = :actor, decided_at = :now,"
        " note = :note, journal_id = :journal_id where id = :id",
        id=request.id,
        state=state,
        actor=actor,
        note=note,
        journal_id=journal_id,
        now=now,
    )
