"""Buying once: a wish has a key, and what it came to is kept under that key for a week."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from nexnum_console.activations.desk import NEW_ORDER_REF, Desk, activation_of
from nexnum_console.activations.purchase import Order, Placed, carry_out, place
from nexnum_console.activations.reading import ActivationView, is_being_bought, view
from nexnum_console.core import idempotency
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.idempotency import Fresh, InFlight, Replay

log = logging.getLogger(__name__)

# Longer than every candidate's deadline together; a dead process's key is free again after it.
KEY_LEASE: Final = timedelta(seconds=180)
_PAGE: Final = "page:purchase"
_CREATED: Final = 201

# What an activation came to, as it is kept and told: (HTTP status, body).
Telling = Callable[[ActivationView], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the wish came to; ``replayed`` when it had been answered before."""

    status: int
    body: str
    replayed: bool


def buy_once(desk: Desk, order: Order, key: str) -> int:
    """Buy from a page, which makes the key, so that a click sent twice buys once; the id.

    Raises as ``buy_and_tell``.
    """
    wish = f"{order.service}|{order.country}|{order.operator}|{order.max_price}|{order.provider}"
    wish += f"|{order.reuse}" if order.reuse else ""
    request_hash = idempotency.fingerprint("BUY", _PAGE, wish.encode())
    answer = buy_and_tell(desk, order, key, request_hash, lambda found: (_CREATED, str(found.id)))
    return int(answer.body)


def buy_and_tell(
    desk: Desk, order: Order, key: str, request_hash: bytes, telling: Telling
) -> Answer:
    """Place and carry out ``order`` unless ``key`` did so before, and keep what ``telling`` says.

    Raises what ``place`` raises (nothing was written then, and the key is free), InFlight while
    the same wish is being carried out, KeyReused for another one under the same key.
    """
    begun = _begin_and_place(desk, order, key, request_hash)
    if isinstance(begun, Replay):
        return Answer(begun.status, begun.body, replayed=True)
    keeping = _Keeping(order.actor, key, telling)
    if isinstance(begun, Placed):
        carry_out(desk, begun, keeping.at_the_sale)
    if keeping.kept is None:
        activation_id = begun.activation_id if isinstance(begun, Placed) else begun
        with desk.database.autocommit() as unit:
            keeping.keep(unit, view(unit, activation_id, order.user_id))
    return keeping.answer(replayed=not isinstance(begun, Placed))


class _Keeping:
    """Keeps the answer under its key: with the sale itself, or afterwards where there was none."""

    def __init__(self, principal: str, key: str, telling: Telling) -> None:
        self.kept: Replay | None = None
        self._principal = principal
        self._key = key
        self._telling = telling

    def at_the_sale(self, unit: UnitOfWork, bought: ActivationView) -> None:
        try:
            self.keep(unit, bought)
        except SQLAlchemyError:
            raise
        except Exception:
            # A sale must not be undone for want of words; they are looked for once more after it.
            log.exception("activation %s was sold and cannot be told", bought.id)

    def keep(self, unit: UnitOfWork, found: ActivationView) -> None:
        kept = idempotency.finish(unit, self._principal, self._key, *self._telling(found))
        unit.after_commit(lambda: setattr(self, "kept", kept))

    def answer(self, *, replayed: bool) -> Answer:
        assert self.kept is not None, "it was kept here, or there"
        return Answer(self.kept.status, self.kept.body, replayed)


def _begin_and_place(
    desk: Desk, order: Order, key: str, request_hash: bytes
) -> Replay | Placed | int:
    """One transaction for the key and the intent; an id where a dead process had placed it."""
    with desk.database.transaction() as unit:
        begun = _begin(unit, order.actor, key, request_hash, desk.clock())
        if isinstance(begun, Replay):
            return begun
        if begun.begun:
            return activation_of(begun.ref)
        return place(unit, desk, order, activation_of(begun.ref) if begun.ref else None)


def _begin(
    unit: UnitOfWork, principal: str, key: str, request_hash: bytes, now: datetime
) -> Fresh | Replay:
    """As ``idempotency.begin``; an order that is no longer being bought is answered at once,
    whatever became of the process that took it."""
    try:
        return idempotency.begin(
            unit, principal, key, request_hash, now=now, lease=KEY_LEASE, naming=NEW_ORDER_REF
        )
    except InFlight as busy:
        ref = busy.details.get("ref", "")
        if not ref or is_being_bought(unit, activation_of(ref)):
            raise
        return Fresh(ref, begun=True)
