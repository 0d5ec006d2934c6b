"""What a wallet holds, for its owner."""

from __future__ import annotations

from dataclasses import dataclass

from nexnum_console.core.db import UnitOfWork
from nexnum_console.wallet.errors import WalletNotFound


@dataclass(frozen=True, slots=True)
class Balance:
    """Micro-units of ``currency``: free to spend, and held for open orders."""

    wallet_id: int
    currency: str
    available: int
    reserved: int


def balance_of(unit: UnitOfWork, user_id: int) -> Balance:
    """The user's balance."""
    row = unit.first(
        "select id, currency, available, reserved from wallet where user_id = :user_id",
        user_id=user_id,
    )
    if row is None:
        raise WalletNotFound("this account has no wallet")
    return Balance(row["id"], row["currency"], row["available"], row["reserved"])
