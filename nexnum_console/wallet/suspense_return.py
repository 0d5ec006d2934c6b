"""Money in suspense that goes back to who paid it, or that its gateway takes back by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.notifications.alerts import close_alert, raise_alert
from nexnum_console.wallet import ledger
from nexnum_console.wallet.suspense import Parked, alert, clearing, close, get, lock

# A gateway was asked to pay money back, and nothing it says tells whether it did.
UNKNOWN: Final = "refund-unknown"


def begin_return(
    unit: UnitOfWork, suspense_id: int, actor: str, note: str, now: datetime
) -> Parked:
    """Its gateway is about to be asked to pay it back: nobody else may have it from now on.

    It may be asked again, which pays back once. NotFound, AlreadyResolved.
    """
    lock(unit, suspense_id)
    unit.run(
        "update suspense set returning_at = coalesce(returning_at, :now),"
        " returning_by = coalesce(returning_by, :actor), note = :note, asks = asks + 1"
        " where id = :id",
        id=suspense_id,
        now=now,
        actor=actor,
        note=note,
    )
    return get(unit, suspense_id)


def stop_return(unit: UnitOfWork, suspense_id: int) -> bool:
    """The gateway said no: the money is here as before. False where it was asked before that, for
    then it may have paid all the same; nothing is changed."""
    return bool(
        unit.scalar(
            "update suspense set returning_at = null, returning_by = null, note = '', asks = 0"
            " where id = :id and state = 'open' and asks = 1 returning true",
            id=suspense_id,
        )
    )


def not_known(unit: UnitOfWork, row: Parked, why: str, now: datetime) -> None:
    """Alert that nobody knows whether its gateway paid it back."""
    raise_alert(
        unit,
        UNKNOWN,
        f"suspense {row.id}",
        f"It is not known whether {row.gateway} paid {format_micro(row.amount)} {row.currency} of"
        f" suspense {row.id} ({row.payment_id}) back: {why} Until it is, the money is nobody's."
        " Send it back once more, or look the payment up there: where it was paid back, have that"
        " event sent again; where it was not, pay it back there by hand. Either settles this.",
        now,
    )


def give_back(unit: UnitOfWork, suspense_id: int, actor: str, note: str, now: datetime) -> None:
    """The money went back to who paid it, which the caller has seen to; AlreadyResolved."""
    lock(unit, suspense_id)
    row = get(unit, suspense_id)
    _returned(unit, row, row.ticket, actor, note, now)


def taken(unit: UnitOfWork, row: Parked, thing: str, note: str, now: datetime) -> None:
    """Its gateway took the money back by ``thing``, a refund or dispute that we did not ask for;
    AlreadyResolved."""
    lock(unit, row.id)
    _returned(unit, row, taken_ref(row, thing), f"gateway:{row.gateway}", note, now)


def taken_ref(row: Parked, thing: str) -> str:
    """What the journal of money taken back by ``thing`` is booked for."""
    return f"suspense:{row.id}:{thing}"[:120]


def returner(unit: UnitOfWork, row: Parked) -> tuple[str, str]:
    """Who asked for the money to be sent back, and why; the gateway where nobody did."""
    found = unit.first("select returning_by, note from suspense where id = :id", id=row.id)
    assert found is not None, "a row that was read"
    return found["returning_by"] or f"gateway:{row.gateway}", found["note"] or "it was paid back"


def return_failed(unit: UnitOfWork, row: Parked, ref: str, why: str, now: datetime) -> bool:
    """What was to go back by ``ref``, or did, is in suspense as before; False where nothing was.

    A return that was booked is undone by a journal.
    """
    if row.state == "open":
        if ref != row.ticket or not _is_returning(unit, row.id):
            return False
        undone = 0
    else:
        if row.state != "returned" or not ledger.is_booked(unit, "suspense_return", ref):
            return False
        cause = ledger.Cause(ref, f"gateway:{row.gateway}", now, why)
        if not _book_return(unit, row, "suspense_return_undone", -row.amount, cause):
            return False
        undone = 1
    unit.run(
        "update suspense set state = 'open', returning_at = null, returning_by = null, asks = 0,"
        " closed_by = null, closed_at = null, note = :why, failed = failed + 1,"
        " undone = undone + :undone where id = :id",
        id=row.id,
        why=why,
        undone=undone,
    )
    close_alert(unit, UNKNOWN, f"suspense {row.id}", now)
    text = f"{format_micro(row.amount)} {row.currency} is in suspense again: {why}"
    alert(unit, row.gateway, row.payment_id, text, now)
    return True


def _is_returning(unit: UnitOfWork, suspense_id: int) -> bool:
    return bool(
        unit.scalar("select returning_at is not null from suspense where id = :id", id=suspense_id)
    )


def _returned(
    unit: UnitOfWork, row: Parked, ref: str, actor: str, note: str, now: datetime
) -> None:
    cause = ledger.Cause(ref, actor, now, note)
    _book_return(unit, row, "suspense_return", row.amount, cause)
    close(unit, row, "returned", None, actor, note, now)
    close_alert(unit, UNKNOWN, f"suspense {row.id}", now)


def _book_return(
    unit: UnitOfWork, row: Parked, kind: str, amount: int, cause: ledger.Cause
) -> bool:
    """From suspense to the gateway, or back where ``amount`` is negative; whether it is new."""
    legs = {
        f"suspense:{row.currency.lower()}": -amount,
        clearing(unit, row.gateway, row.currency): amount,
    }
    return ledger.book_house_once(unit, kind, legs, row.currency, cause)[1]
