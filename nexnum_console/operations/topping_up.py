"""Money in, as its user asks for it on a page: a deposit at a gateway, or a coupon."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.events import user_channel
from nexnum_console.core.throttle import Limit, Throttle
from nexnum_console.operations import deposit_desk
from nexnum_console.operations.deposit_desk import DepositDesk
from nexnum_console.wallet import coupons
from nexnum_console.wallet.intents import Intent
from nexnum_console.wallet.reading import Balance, balance_of

COUPON_TRIES: Final = Limit("coupon", 10, 600)
COUPON_TRIES_OF_PLACE: Final = Limit("coupon-place", 60, 600)
_PAGE: Final = "page:deposit"


@dataclass(frozen=True, slots=True)
class Opened:
    """A deposit asked for: ``booked`` at once, or to be paid at ``url``, or by hand with ``ticket``
    written on it. ``note`` says what the coupon came to, once it is booked."""

    booked: bool
    url: str
    ticket: str
    note: str


def open_once(
    desk: DepositDesk, actor: Actor, gateway: str, amount: int, coupon: str, key: str
) -> Opened:
    """Open a deposit from a page, which makes the ``key``, so that a click sent twice opens one;
    another amount under the same key is another wish.

    Raises as ``deposit_desk.ask``.
    """
    wish = f"{gateway}|{amount}|{coupons.normal(coupon)}"
    request_hash = idempotency.fingerprint("DEPOSIT", _PAGE, wish.encode())
    key = f"{key}:{request_hash.hex()[:16]}"
    kept, _ = deposit_desk.ask(
        desk, actor, gateway, amount, key, request_hash, _told, coupon=coupon
    )
    return Opened(**json.loads(kept.body))


def redeem(
    desk: DepositDesk, throttle: Throttle, actor: Actor, place: str, code: str
) -> tuple[int, Balance]:
    """Redeem a coupon; what it gave, micro-units, and the wallet after it. Tries are counted, by
    person and by ``place`` (their address), so that codes cannot be guessed.

    Raises TooMany, CouponRefused.
    """
    throttle.hit(COUPON_TRIES, actor.name)
    throttle.hit(COUPON_TRIES_OF_PLACE, place)
    with desk.database.transaction() as unit:
        wallet_id = balance_of(unit, actor.user_id).wallet_id
        got = coupons.redeem(unit, wallet_id, code, desk.clock())
        channel = user_channel(actor.user_id)
        unit.after_commit(lambda: desk.events.publish(channel, "wallet"))
        return got.amount, balance_of(unit, actor.user_id)


def _told(intent: Intent) -> str:
    told = Opened(intent.deposit_id is not None, intent.url, intent.ticket, intent.note)
    return json.dumps(asdict(told))
