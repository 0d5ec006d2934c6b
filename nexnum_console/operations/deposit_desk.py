"""Deposits from the wish to the money: asked once, told by the gateway, paid back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database, Row, UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.events import ADMIN_CHANNEL, Events, user_channel
from nexnum_console.core.idempotency import Replay
from nexnum_console.core.money import format_micro
from nexnum_console.core.runtime_settings import rules
from nexnum_console.notifications.alerts import close_alert, raise_alert
from nexnum_console.operations import paying_back
from nexnum_console.operations.people import proper_reason
from nexnum_console.wallet import deposit_refund, intents
from nexnum_console.wallet.gateways.port import (
    Gateway,
    GatewayClosed,
    GatewayRefused,
    Invoice,
    Notice,
    Returned,
)
from nexnum_console.wallet.intents import Intent
from nexnum_console.wallet.reading import balance_of
from nexnum_console.wallet.suspense_return import UNKNOWN
from nexnum_console.wallet.told import Told

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
# The first seconds of a refund are its asker's.
REFUND_GRACE: Final = timedelta(minutes=2)
# Stripe forgets a key of ours after 24 hours; asked with it then, it would pay a part twice.
KEY_LIFE: Final = timedelta(hours=23)
CREATED: Final = 201
# How an intent is told, as the answer that is kept and replayed.
Telling = Callable[[Intent], str]


@dataclass(frozen=True, slots=True)
class DepositDesk:
    """What deposits need."""

    database: Database
    gateways: Mapping[str, Gateway]
    events: Events
    clock: Callable[[], datetime]
    public_url: str

    def offered(self, unit: UnitOfWork) -> list[Gateway]:
        """How money can be paid in now, by hand last."""
        transfers = rules(unit).manual_deposits
        found = [one for one in self.gateways.values() if transfers or not one.by_hand]
        return sorted(found, key=lambda one: (one.by_hand, one.name))

    def gateway(self, unit: UnitOfWork, name: str) -> Gateway:
        """GatewayClosed where it is not offered now."""
        for one in self.offered(unit):
            if one.name == name:
                return one
        raise GatewayClosed(f"Deposits by {name[:32]} are closed here; nothing was booked.")


def ask(
    desk: DepositDesk,
    actor: Actor,
    gateway: str,
    amount: int,
    key: str,
    request_hash: bytes,
    telling: Telling,
    *,
    coupon: str = "",
) -> tuple[Replay, bool]:
    """Open a deposit at a gateway, once for each ``key``; the answer kept, and whether it was
    given before.

    Raises GatewayClosed, DepositOutOfRange, GatewayRefused, GatewayUnknown, InFlight, KeyReused.
    """
    now = desk.clock()
    with desk.database.transaction() as unit:
        begun = idempotency.begin(unit, actor.name, key, request_hash, now=now, lease=LEASE)
        if isinstance(begun, Replay):
            return begun, True
        chosen = desk.gateway(unit, gateway)
        intent = _intent(unit, desk, chosen, begun.ref, actor, amount, coupon)
        idempotency.attach(unit, actor.name, key, f"intent:{intent.id}")
    try:
        invoice = Invoice(
            intent.ticket, intent.amount, intent.currency, f"{desk.public_url}/store/wallet"
        )
        at_gateway = chosen.begin(invoice)
    except BusinessError:
        with desk.database.transaction() as unit:
            idempotency.let_go(unit, actor.name, key, now=desk.clock())
        raise
    with desk.database.transaction() as unit:
        intent = intents.begun(unit, intent.id, at_gateway)
        if chosen.instant:
            announce(unit, desk, intents.receive(unit, gateway, _instantly(intent), desk.clock()))
            intent = intents.get(unit, intent.id)
        return idempotency.finish(unit, actor.name, key, CREATED, telling(intent)), False


def told(desk: DepositDesk, gateway: str, body: bytes, headers: Mapping[str, str]) -> Told:
    """A gateway's callback; GatewayClosed, CallbackRefused (then nothing was read)."""
    found = desk.gateways.get(gateway)
    if found is None:
        raise GatewayClosed(f"There is no gateway {gateway[:32]} here.")
    notice = found.read(body, headers)
    with desk.database.transaction() as unit:
        outcome = intents.receive(unit, gateway, notice, desk.clock())
        announce(unit, desk, outcome)
    log.info("%s told %s (%s): %s", gateway, notice.kind, notice.event_id, outcome.outcome)
    return outcome


def refund(
    desk: DepositDesk, actor: Actor, deposit_id: int, amount: int, reason: str, key: str
) -> str:
    """Pay a deposit back the way it came: ``asked``, ``done`` or ``refused``.

    The wallet is debited first, so that money is never paid out twice, and gives the same share of
    what a coupon credited for the deposit; where the gateway refuses, the wallet has both again.
    The same ``key`` pays back once. InvalidInput, InsufficientFunds, WalletFrozen, NotFound,
    NotOneself, KeyReused, GatewayClosed.
    """
    reason, now = proper_reason(reason), desk.clock()
    key = f"refund:{actor.name}:{key}"[:160]
    with desk.database.transaction() as unit:
        refund_id, fresh = paying_back.debit(unit, actor, deposit_id, amount, reason, key, now)
        if fresh and (gateway := _refund_row(unit, refund_id)["gateway"]) not in desk.gateways:
            raise GatewayClosed(f"The gateway {gateway} is closed here; nothing was changed.")
    return _pay_back(desk, refund_id) if fresh else _state_of(desk, refund_id)


def pay_back_due(desk: DepositDesk) -> int:
    """Ask again for refunds whose answer was lost; gateways pay each back once. Returns how many
    are due, newest first: those that nobody may ask for any more hold up no other."""
    with desk.database.transaction() as unit:
        due = unit.run(
            "select id from deposit_refund where state = 'asked' and external_id is null"
            " and asked_at < :before order by id desc limit 50",
            before=desk.clock() - REFUND_GRACE,
        ).scalars()  # fmt: skip
    for refund_id in due:
        _pay_back(desk, int(refund_id))
    return len(due)


def _intent(
    unit: UnitOfWork,
    desk: DepositDesk,
    gateway: Gateway,
    ref: str,
    actor: Actor,
    amount: int,
    coupon: str,
) -> Intent:
    if ref:
        return intents.get(unit, int(ref.removeprefix("intent:")))
    patience = intents.BY_HAND_PATIENCE if gateway.by_hand else intents.PATIENCE
    wallet_id = balance_of(unit, actor.user_id).wallet_id
    return intents.create(
        unit, wallet_id, gateway.name, amount, desk.clock(), coupon=coupon, patience=patience
    )


def _instantly(intent: Intent) -> Notice:
    return Notice(
        f"instant:{intent.ticket}",
        "paid",
        ticket=intent.ticket,
        external_id=intent.external_id or "",
        payment_id=intent.external_id or intent.ticket,
        amount=intent.amount,
        currency=intent.currency,
    )


def _pay_back(desk: DepositDesk, refund_id: int) -> str:
    with desk.database.transaction() as unit:
        row = _refund_row(unit, refund_id)
        gateway, why = desk.gateways.get(row["gateway"]), _hindrance(desk, row)
        if gateway is None or why:
            _tell_unknown(unit, row, why, desk.clock())
            return str(row["state"])
        unit.run("update deposit_refund set asks = asks + 1 where id = :id", id=refund_id)
    try:
        back = gateway.give_back(row["gateway_ref"], row["amount"], row["currency"], row["key"])
    except GatewayRefused as refusal:
        with desk.database.transaction() as unit:
            if deposit_refund.refuse(unit, refund_id, refusal.message, desk.clock()):
                return "refused"
        return _not_known(desk, refund_id, refusal)
    except BusinessError as unknown:
        return _not_known(desk, refund_id, unknown)
    with desk.database.transaction() as unit:
        _answered(unit, row, back, desk.clock())
    return _state_of(desk, refund_id)


def _hindrance(desk: DepositDesk, row: Row) -> str:
    """Why its gateway cannot be asked now; empty where it can."""
    if row["gateway"] not in desk.gateways:
        return f"the gateway {row['gateway']} is closed here."
    if row["asks"] and desk.clock() - row["asked_at"] > KEY_LIFE:
        return "it was asked so long ago that asking again might pay twice, so it is not asked."
    return ""


def _refund_row(unit: UnitOfWork, refund_id: int) -> Row:
    row = unit.first(
        "select r.id, r.key, r.amount, r.asks, r.asked_at, r.state, d.id as deposit_id,"
        " d.gateway, d.gateway_ref, w.currency from deposit_refund r"
        " join deposit d on d.id = r.deposit_id join wallet w on w.id = d.wallet_id"
        " where r.id = :id",
        id=refund_id,
    )
    assert row is not None, "the refund was just written"
    return row


def _answered(unit: UnitOfWork, row: Row, back: Returned, now: datetime) -> None:
    """The gateway has taken the order; unless it said of it meanwhile what became of it."""
    unit.run(
        "update deposit_refund set external_id = :external,"
        " state = case when :done then 'done' else state end,"
        " closed_at = case when :done then cast(:now as timestamptz) end"
        " where id = :id and state = 'asked'",
        id=row["id"],
        external=back.external_id,
        done=back.done,
        now=now,
    )
    unit.run(
        "update deposit_intent set state = 'refunded', closed_at = :now"
        " where deposit_id = :deposit_id and state = 'booked' and exists (select from"
        "  deposit_refund r where r.deposit_id = :deposit_id and r.state <> 'refused')",
        deposit_id=row["deposit_id"],
        now=now,
    )
    close_alert(unit, UNKNOWN, f"refund {row['id']}", now)


def _not_known(desk: DepositDesk, refund_id: int, why: BusinessError) -> str:
    """It is asked for again; somebody is told unless this was the first time."""
    log.warning("refund %s is not known to be done: %s", refund_id, why.code)
    with desk.database.transaction() as unit:
        row = _refund_row(unit, refund_id)
        if row["asks"] > 1:
            _tell_unknown(unit, row, why.message, desk.clock())
    return str(row["state"])


def _tell_unknown(unit: UnitOfWork, row: Row, why: str, now: datetime) -> None:
    if row["state"] != "asked":
        return
    raise_alert(
        unit,
        UNKNOWN,
        f"refund {row['id']}",
        f"It is not known whether {row['gateway']} paid {format_micro(row['amount'])}"
        f" {row['currency']} of deposit {row['deposit_id']} ({row['gateway_ref']}) back: {why} The"
        " wallet was debited for it and stays so. Unless a later ask or word of the gateway ends"
        " it, look the payment up there: where it was paid back, have that event sent again; where"
        " it was not, pay it back there by hand. Either settles this.",
        now,
    )


def _state_of(desk: DepositDesk, refund_id: int) -> str:
    with desk.database.transaction() as unit:
        return str(unit.scalar("select state from deposit_refund where id = :id", id=refund_id))


def announce(unit: UnitOfWork, desk: DepositDesk, outcome: Told) -> None:
    """Tell the pages that show it, once it is committed."""
    user_id = outcome.user_id
    if user_id is not None:
        unit.after_commit(lambda: desk.events.publish(user_channel(user_id), "wallet"))
    unit.after_commit(lambda: desk.events.publish(ADMIN_CHANNEL, "deposits"))
