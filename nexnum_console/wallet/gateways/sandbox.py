"""Play money: paid at once. Its callbacks are signed, so that every mishap can be played."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.money import to_micro
from nexnum_console.wallet.gateways.port import (
    Begun,
    CallbackRefused,
    Invoice,
    Notice,
    Returned,
)

HEADER: Final = "x-sandbox-signature"
_KINDS: Final = frozenset({"paid", "expired", "disputed", "dispute_won", "dispute_lost"})


class SandboxGateway:
    """``instant`` by default; not so where a test plays the callbacks."""

    name = "sandbox"
    by_hand = False

    def __init__(self, key: str, *, instant: bool = True) -> None:
        self._key = key.encode()
        self.instant = instant

    def begin(self, invoice: Invoice) -> Begun:
        """The same ticket has the same name."""
        return Begun(f"sandbox:{invoice.ticket}")

    def sign(self, body: bytes) -> str:
        """What its callbacks carry in ``HEADER``."""
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def read(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """``{"event", "kind", "ticket", "payment", "amount", "currency"}``, amount as text."""
        if not hmac.compare_digest(self.sign(body), headers.get(HEADER, "")):
            raise CallbackRefused("The callback's signature is not the sandbox's.")
        try:
            said: dict[str, Any] = json.loads(body)
            kind, ticket = said["kind"], str(said["ticket"])
            amount = to_micro(str(said.get("amount", "0")))
            event, payment = str(said["event"]), str(said.get("payment", ""))
        except (ValueError, KeyError, TypeError, InvalidInput) as error:
            raise CallbackRefused(f"The callback cannot be read: {error}") from error
        return Notice(
            event,
            kind if kind in _KINDS else "ignored",
            ticket=ticket,
            external_id=f"sandbox:{ticket}",
            payment_id=payment,
            amount=amount,
            currency=str(said.get("currency", "")),
        )

    def give_back(self, payment_id: str, amount: int, currency: str, key: str) -> Returned:
        """At once."""
        return Returned(f"sandbox:{key}", done=True)
