"""Deposits: a gateway's word becomes money once."""

from __future__ import annotations

from datetime import datetime

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.money import format_micro
from nexnum_console.core.runtime_settings import rules
from nexnum_console.wallet import ledger


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
    arrived: bool = False,
) -> int:
    """Book ``amount`` micro-units; the same ``gateway_ref`` again changes nothing.

    Returns the deposit's id, the first one's where it was booked before, whatever the bounds are
    by now. Money that has ``arrived`` is booked whatever they are. Raises DepositOutOfRange.
    """
    booked = _booked(unit, gateway, gateway_ref)
    if booked is not None:
        return booked
    if not arrived:
        check_range(unit, amount)
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
        booked = _booked(unit, gateway, gateway_ref)
        assert booked is not None
        return booked
    cause = ledger.Cause(ref=f"deposit:{deposit_id}", actor=actor, now=now, reason=gateway)
    ledger.deposit(unit, wallet_id, amount, gateway, cause)
    return int(deposit_id)


def check_range(unit: UnitOfWork, amount: int) -> None:
    """Whether a deposit may be asked for; DepositOutOfRange."""
    ruling = rules(unit)
    if not ruling.deposit_least <= amount <= ruling.deposit_most:
        raise DepositOutOfRange(
            f"a deposit lies between {format_micro(ruling.deposit_least)}"
            f" and {format_micro(ruling.deposit_most)}; {format_micro(amount)} was not booked"
        )


def _booked(unit: UnitOfWork, gateway: str, gateway_ref: str) -> int | None:
    found = unit.scalar(
        "select id from deposit where gateway = :gateway and gateway_ref = :gateway_ref",
        gateway=gateway,
        gateway_ref=gateway_ref,
    )
    return None if found is None else int(found)
