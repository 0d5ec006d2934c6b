"""Buying from a page: the page makes the key, so a click sent twice buys once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from nexnum_console.activations.desk import Desk, order_ref
from nexnum_console.activations.purchase import Order, carry_out, place
from nexnum_console.core import idempotency

# Longer than every candidate's deadline together; a dead process's key is free again after it.
KEY_LEASE: Final = timedelta(seconds=180)
_PATH: Final = "page:purchase"


def buy_once(desk: Desk, order: Order, key: str) -> int:
    """Place and carry out ``order`` unless ``key`` did so before; returns the activation's id.

    Raises what ``place`` raises (nothing was written then, and the key is free), InFlight while
    the same click is being carried out, KeyReused for another order under the same key.
    """
    wish = f"{order.service}|{order.country}|{order.operator}|{order.max_price}|{order.provider}"
    fingerprint = idempotency.fingerprint("BUY", _PATH, wish.encode())
    with desk.database.transaction() as unit:
        begun = idempotency.begin(
            unit, order.actor, key, fingerprint, now=desk.clock(), lease=KEY_LEASE
        )
        if isinstance(begun, idempotency.Replay):
            return int(begun.body)
        if begun.ref:
            return int(begun.ref.removeprefix("activation:"))
        placed = place(unit, desk, order)
        idempotency.attach(unit, order.actor, key, order_ref(placed.activation_id))
    carry_out(desk, placed)
    with desk.database.transaction() as unit:
        idempotency.finish(unit, order.actor, key, 201, str(placed.activation_id))
    return placed.activation_id
