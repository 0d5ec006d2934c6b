"""Deposits: a gateway's word becomes money once."""

from __future__ import annotations

from datetime import datetime

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.wallet import ledger

LEAST = to_micro("0.01")
MOST = to_micro(10_000)


class DepositOutOfRange(InvalidInput):
    """The amount is below the least or above the most a single deposit may be."""

    code = "deposit_out_of_range"


def deposit(
    unit: UnitOfWork,
    *,
    wallet_id: int,
    amount: int,
    gateway: str,
    gateway_ref: str,
    actor: str,
    now: datetime,
) -> int:
    """Book ``amount`` micro-units; the same ``gateway_ref`` again changes nothing.

    Returns the deposit's id, the first one's where it was booked before.
    """
    if not LEAST <= amount <= MOST:
        raise DepositOutOfRange(
            f"a deposit lies between {format_micro(LEAST)} and {format_micro(MOST)};"
            f" {format_micro(amount)} was not booked"
        )
    deposit_id = unit.scalar(
        "insert into deposit (wallet_id, gateway, gateway_ref, amount, created_at)"
        " values (:wallet_id, :gateway, :gateway_ref, :amount, :now)"
        " on conflict (gateway, gateway_ref) do nothing returning id",
        wallet_id=wallet_id,
        gateway=gateway,
        gateway_ref=gateway_ref,
        amount=amount,
        now=now,
    )
    if deposit_id is None:
        return int(
            unit.scalar(
                "select id from deposit where gateway = :gateway and gateway_ref = :gateway_ref",
                gateway=gateway,
                gateway_ref=gateway_ref,
            )
        )
    cause = ledger.Cause(ref=f"deposit:{deposit_id}", actor=actor, now=now, reason=gateway)
    ledger.deposit(unit, wallet_id, amount, gateway, cause)
    return int(deposit_id)
