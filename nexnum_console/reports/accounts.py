"""What the ledger's accounts are called, and which way round people read their balances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# What the house earns (+) and what it costs it (-), as people call it; the rest are balances.
RESULT: Final = {
    "revenue": "Sales, less refunds",
    "penalty_income": "Penalties, less reversed",
    "cogs": "Numbers bought, less given back",
    "refund_loss": "Numbers refunded that providers kept",
    "orphan_expense": "Numbers that no order wanted",
    "promo": "Promotions",
    "adjustment": "Corrections",
    "dispute": "Disputes",
    "fx_difference": "Exchange",
}
BALANCES: Final = {
    "wallets": "Owed to users",
    "gateway": "With gateways",
    "float": "With providers",
    "suspense": "In suspense",
    "bank": "Bank",
    "owner": "Paid in by the owner",
}
_WALLET: Final = {"available": "Available", "reserved": "Held"}


@dataclass(frozen=True, slots=True)
class Named:
    """An account in words; ``part`` is a provider, a gateway or a wallet.

    ``sign`` times the ledger's amount (credits positive) is the amount as people read it: what a
    user has, what the house earned, and of the house's balances what it has, not what it owes.
    """

    title: str
    part: str
    sign: int
    result: bool = False

    @property
    def whole(self) -> str:
        """``With gateways · stripe``."""
        return f"{self.title} · {self.part}" if self.part else self.title


def named(code: str) -> Named:
    """An account by its code: ``wallet:17:available``, ``float:alpha``, ``revenue``."""
    kind, _, rest = code.partition(":")
    if kind == "wallet":
        wallet, _, side = rest.partition(":")
        return Named(_WALLET.get(side, side), f"wallet {wallet}", 1)
    if kind in RESULT:
        return Named(RESULT[kind], rest, 1, result=True)
    title = BALANCES.get(kind, kind.replace("_", " ").capitalize())
    return Named(title, rest, -1)
