"""The wallet's side of a deposit that is paid back: it is debited before the gateway is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.idempotency import KeyReused
from nexnum_console.core.money import format_micro
from nexnum_console.operations.people import NotOneself
from nexnum_console.wallet import coupons, ledger
from nexnum_console.wallet.errors import InsufficientFunds


def debit(
    unit: UnitOfWork,
    actor: Actor,
    deposit_id: int,
    amount: int,
    reason: str,
    key: str,
    now: datetime,
) -> tuple[int, bool]:
    """Take ``amount`` micro-units of a deposit out of its wallet, once for ``key``, and the same
    share of what a coupon gave for it; the refund's id, and whether it is new.

    NotFound, NotOneself, InvalidInput, InsufficientFunds, WalletFrozen; KeyReused for another
    refund under the same key.
    """
    known = _known(unit, deposit_id, amount, key)
    if known is not None:
        return known, False
    row = _deposit(unit, actor, deposit_id)
    before = _paid_back(unit, deposit_id)
    if not 0 < amount <= row["amount"] - before:
        left = format_micro(row["amount"] - before)
        raise InvalidInput(f"Of this deposit {left} can be paid back. Nothing was changed.")
    refund_id = _written(unit, actor, deposit_id, amount, reason, key, now)
    gift = coupons.to_take_back(unit, deposit_id, row["amount"], before + amount)
    cause = ledger.Cause(f"deposit_refund:{refund_id}", actor.name, now, _reason(reason, gift))
    _take(unit, row, amount, gift, cause)
    taken = {"of_its_coupon": format_micro(gift)} if gift else {}
    audit.record(
        unit,
        actor,
        "deposit.refund",
        f"user:{row['user_id']}",
        after={"deposit": deposit_id, "amount": format_micro(amount), **taken},
        reason=reason,
        now=now,
    )
    return refund_id, True


def _known(unit: UnitOfWork, deposit_id: int, amount: int, key: str) -> int | None:
    known = unit.first("select id, deposit_id, amount from deposit_refund where key = :k", k=key)
    if known is None:
        return None
    if (known["deposit_id"], known["amount"]) != (deposit_id, amount):
        raise KeyReused(
            f"This key paid back {format_micro(known['amount'])} of deposit {known['deposit_id']}"
            " before. Nothing was changed; take a new one."
        )
    return int(known["id"])


def _deposit(unit: UnitOfWork, actor: Actor, deposit_id: int) -> Any:
    """The deposit and its user, for this transaction alone."""
    row = unit.first(
        "select d.*, w.user_id from deposit d join wallet w on w.id = d.wallet_id"
        " where d.id = :id for update of d",
        id=deposit_id,
    )
    if row is None:
        raise NotFound(f"There is no deposit {deposit_id}.")
    if row["user_id"] == actor.user_id:
        raise NotOneself("You cannot pay back your own deposit; ask another admin.")
    return row


def _paid_back(unit: UnitOfWork, deposit_id: int) -> int:
    return int(
        unit.scalar(
            "select coalesce(sum(amount), 0) from deposit_refund where deposit_id = :id"
            " and state <> 'refused'",
            id=deposit_id,
        )
    )


def _take(unit: UnitOfWork, row: Any, amount: int, gift: int, cause: ledger.Cause) -> None:
    try:
        ledger.return_deposit(unit, row["wallet_id"], amount, row["gateway"], cause, gift=gift)
    except InsufficientFunds as short:
        of_it = f", {format_micro(gift)} of it what its coupon gave," if gift else ""
        raise InsufficientFunds(
            f"This takes {format_micro(amount + gift)}{of_it} out of the wallet, which has"
            f" {format_micro(short.details['available_micro'])}. Nothing was changed; pay back"
            " less.",
            **short.details,
        ) from short


def _reason(reason: str, gift: int) -> str:
    """What the user reads beside the move."""
    return f"{reason} (with {format_micro(gift)} of its coupon)" if gift else reason


def _written(
    unit: UnitOfWork,
    actor: Actor,
    deposit_id: int,
    amount: int,
    reason: str,
    key: str,
    now: datetime,
) -> int:
    return int(
        unit.scalar(
            "insert into deposit_refund (deposit_id, key, amount, reason, asked_by, asked_at)"
            " values (:id, :key, :amount, :reason, :actor, :now) returning id",
            id=deposit_id,
            key=key,
            amount=amount,
            reason=reason,
            actor=actor.name,
            now=now,
        )
    )
