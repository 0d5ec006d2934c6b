"""Refunds of deposits under way: what ends one, and what undoes it."""

from __future__ import annotations

from datetime import datetime

from nexnum_console.core.db import UnitOfWork
from nexnum_console.notifications.alerts import close_alert
from nexnum_console.wallet import ledger
from nexnum_console.wallet.gateways.port import Notice
from nexnum_console.wallet.suspense_return import UNKNOWN


def end(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> int | None:
    """The gateway paid back: the refund under way that is done by that, None where none is.

    Where an answer of the gateway was lost, a refund made there by hand for as much is the same to
    who paid, and ends it too.
    """
    found = unit.scalar(
        "select r.id from deposit_refund r join deposit d on d.id = r.deposit_id"
        " where r.state = 'asked' and (r.key = :key or r.external_id = :external"
        "  or (:key = '' and r.external_id is null and d.gateway = :gateway"
        "   and d.gateway_ref = :payment and r.amount = :amount))"
        " order by r.key = :key desc, r.external_id is not distinct from :external desc, r.id"
        " limit 1 for update of r",
        key=notice.ticket,
        external=notice.external_id,
        gateway=gateway,
        payment=notice.payment_id,
        amount=notice.amount,
    )
    if found is None:
        return None
    unit.run(
        "update deposit_refund set state = 'done', closed_at = :now, external_id = :external"
        " where id = :id",
        id=found,
        external=notice.external_id,
        now=now,
    )
    close_alert(unit, UNKNOWN, f"refund {found}", now)
    return int(found)


def refuse(unit: UnitOfWork, refund_id: int, why: str, now: datetime) -> bool:
    """The gateway said no, and the money is the wallet's again. False where it was asked before
    that, for then it may have paid all the same; nothing is changed."""
    first = unit.scalar(
        "select asks = 1 and state = 'asked' from deposit_refund where id = :id for update",
        id=refund_id,
    )
    return bool(first) and undo(unit, refund_id, why, now)


def undo(unit: UnitOfWork, refund_id: int, why: str, now: datetime) -> bool:
    """A refund did not happen: the money is the wallet's again, by a journal; False if settled."""
    row = unit.first(
        "update deposit_refund r set state = 'refused', closed_at = :now, note = :why"
        " from deposit d where d.id = r.deposit_id and r.id = :id and r.state in ('asked','done')"
        " returning r.amount, d.id as deposit_id, d.wallet_id, d.gateway",
        id=refund_id,
        now=now,
        why=why,
    )
    if row is None:
        return False
    cause = ledger.Cause(f"deposit_refund:{refund_id}", f"gateway:{row['gateway']}", now, why)
    ledger.undo_return(unit, row["wallet_id"], row["amount"], row["gateway"], cause)
    unit.run(
        "update deposit_intent set state = 'booked' where deposit_id = :id and state = 'refunded'"
        " and not exists (select from deposit_refund where deposit_id = :id"
        "  and state <> 'refused')",
        id=row["deposit_id"],
    )
    close_alert(unit, UNKNOWN, f"refund {refund_id}", now)
    return True
