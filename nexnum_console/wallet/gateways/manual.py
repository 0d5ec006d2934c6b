"""Paying by hand: the user transfers, an admin who sees the money confirms it."""

from __future__ import annotations

from collections.abc import Mapping

from nexnum_console.wallet.gateways.port import (
    Begun,
    CallbackRefused,
    Invoice,
    Notice,
    Returned,
)


class ManualGateway:
    """Nothing is called: people move the money, this keeps their word."""

    name = "manual"
    instant = False
    by_hand = True

    def begin(self, invoice: Invoice) -> Begun:
        """The ticket is what the user writes on the transfer."""
        return Begun(f"manual:{invoice.ticket}")

    def read(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Nobody calls back."""
        raise CallbackRefused("Manual deposits are confirmed by an admin, not by a callback.")

    def give_back(self, payment_id: str, amount: int, currency: str, key: str) -> Returned:
        """The admin who asks transfers it back."""
        return Returned(f"manual:{key}", done=True)
