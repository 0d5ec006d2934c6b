"""Events that providers push: each kept once, each a hint that a status call confirms.

Whoever changes a number and a delivery locks the number first, so that no two of them deadlock.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.activations.about import about_activation
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.machine import LIVE
from nexnum_console.activations.mishaps import apart
from nexnum_console.activations.settle import Sms, messages_of, store_messages
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.storable import storable
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.errors import NotAdmitted, ProviderError
from nexnum_console.providers.normal import NormalForm

log = logging.getLogger(__name__)

BODY_MOST: Final = 8_192
# How long an event waits for the order it speaks of, and how long it is kept for staff to see.
WAIT: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=14)
# Whoever knows an address may send junk to it; that much of it is kept for each account.
REFUSALS_KEPT: Final = 200
# The poller asks at once; where its answer does not show the SMS, these look again.
POLLER_SECONDS: Final = 10
CHECKS_MOST: Final = 6
_CHECKS_A_PASS: Final = 8
_CHECKS_AT_ONCE: Final = 4
_MATCHES_AT_ONCE: Final = 200
_UNPROVEN: Final = frozenset({"", "address"})


@dataclass(frozen=True, slots=True)
class Push:
    """One request of a provider. ``event`` is None where it is refused, and ``reason`` says why.

    ``verified``: how it proved itself; ``address`` where only the address was secret. ``body`` has
    its secrets taken out.
    """

    account_id: int
    sender: str
    key: str
    verified: str
    event: NormalForm | None
    body: str
    reason: str = ""


def take_push(desk: Desk, push: Push) -> str:
    """Keep an event, once, and have its number looked at; returns its outcome.

    All in one transaction: a process that dies in it leaves nothing, and one that dies after it
    loses only the answer, so what the provider sends again is taken once.
    """
    push = _storable(push)
    asks = desk.carriers.get(push.account_id).client.supports("status")
    now = desk.clock()
    with desk.database.transaction() as unit:
        order = _order_of(unit, push.account_id, push.event or {})
        row = _written(unit, push, now)
        if row["outcome"] == "refused" and row["times"] == 1:
            unit.run(_TRIM, account_id=push.account_id, kept=REFUSALS_KEPT)
        if row["outcome"] not in {"waiting", "checking"} or order is None:
            return str(row["outcome"])
        return _judge(unit, desk, row, order, now, asks)


def match_waiting(desk: Desk) -> int:
    """Give events to orders that were committed after them; returns how many."""
    with desk.database.transaction() as unit:
        unit.run(_GIVE_UP, now=desk.clock(), since=desk.clock() - WAIT)
        found = unit.all(_MATCHED, live=list(LIVE), limit=_MATCHES_AT_ONCE)
    for one in found:
        with apart(desk, f"inbound delivery {one['id']}", "give this event to its order"):
            _match(desk, one)
    return len(found)


def confirm_due(desk: Desk, carrier: Carrier) -> int:
    """Ask for the status behind events that no poll has confirmed; returns how many were asked.

    Those of closed numbers, which are polled no more, and those that the first poll did not show.
    """
    now = desk.clock()
    with desk.database.transaction() as unit:
        rows = unit.all(_CLAIM, account_id=carrier.terms.account_id, now=now, limit=_CHECKS_A_PASS)
    if not rows:
        return 0

    def check(row: Any) -> None:
        with apart(desk, f"inbound delivery {row['id']}", "store the SMS behind this event"):
            _confirm(desk, carrier, row)

    with ThreadPoolExecutor(_CHECKS_AT_ONCE) as pool:
        return len(list(pool.map(check, rows)))


def confirm(unit: UnitOfWork, activation_id: int, now: datetime) -> int:
    """Settle the events whose SMS is stored by now, after a status call; returns how many."""
    return unit.run(_CONFIRM, id=activation_id, now=now).rowcount


def forget(unit: UnitOfWork, now: datetime) -> int:
    """Delete what is older than KEPT; returns how many."""
    return unit.run(
        "delete from inbound_delivery where received_at < :before", before=now - KEPT
    ).rowcount


def _match(desk: Desk, one: Any) -> None:
    asks = desk.carriers.get(one["account_id"]).client.supports("status")
    with desk.database.transaction() as unit:
        order = _order_of(unit, one["account_id"], one["event"])
        row = unit.first(
            "select * from inbound_delivery where id = :id and outcome = 'waiting' for update",
            id=one["id"],
        )
        if row is not None and order is not None:
            _judge(unit, desk, row, order, desk.clock(), asks)


def _judge(unit: UnitOfWork, desk: Desk, row: Any, order: Any, now: datetime, asks: bool) -> str:
    """What is done about an event whose order, locked by the caller, is known."""
    if unit.scalar(_STORED, id=order["id"], **_told(row["event"])):
        return _settle(unit, row, order["id"], "duplicate", now)
    if not asks and row["verified"] in _UNPROVEN:
        why = "no status call can confirm it, and nothing in it proves who sent it"
        return _settle(unit, row, order["id"], "refused", now, why)
    if not asks:
        told = row["event"]
        store_messages(unit, desk, order["id"], [_sms(told)], now)
        return _settle(unit, row, order["id"], "applied", now)
    live = order["state"] in LIVE
    if live:
        unit.run(
            "update activation set next_at = :now where id = :id and next_at > :now",
            id=order["id"],
            now=now,
        )
    unit.run(
        "update inbound_delivery set outcome = 'checking', activation_id = :order,"
        " next_at = :next_at where id = :id",
        id=row["id"],
        order=order["id"],
        next_at=now + timedelta(seconds=POLLER_SECONDS if live else 0),
    )
    return "checking"


def _confirm(desk: Desk, carrier: Carrier, row: Any) -> None:
    with desk.database.transaction() as unit:
        order = unit.first("select * from activation where id = :id", id=row["activation_id"])
        assert order is not None, "a delivery that is checked has its order"
        known = about_activation(unit, order)
    why = "the provider's status does not show its SMS"
    try:
        messages = messages_of(carrier.client.status(order["upstream_id"], known))
    except NotAdmitted:
        with desk.database.transaction() as unit:
            unit.run("update inbound_delivery set checks = checks - 1 where id = :id", id=row["id"])
        return
    except ProviderError as error:
        messages, why = [], f"the provider's status could not be read: {error.code}"
    now = desk.clock()
    with desk.database.transaction() as unit:
        if messages:
            store_messages(unit, desk, order["id"], messages, now)
            confirm(unit, order["id"], now)
        if row["checks"] >= CHECKS_MOST:
            unit.run(
                "update inbound_delivery set outcome = 'unconfirmed', reason = :why,"
                " next_at = null, settled_at = :now where id = :id and outcome = 'checking'",
                id=row["id"],
                why=why,
                now=now,
            )


def _order_of(unit: UnitOfWork, account_id: int, event: NormalForm) -> Any:
    """The order of an event, locked: by its id, else the newest open one with its number."""
    if event.get("activation_id"):
        return unit.first(
            "select id, state from activation where account_id = :account_id"
            " and upstream_id = :id for update",
            account_id=account_id,
            id=event["activation_id"],
        )
    if event.get("phone"):
        return unit.first(
            "select id, state from activation where account_id = :account_id and phone = :phone"
            " and state = any(:live) order by id desc limit 1 for update",
            account_id=account_id,
            phone=event["phone"],
            live=list(LIVE),
        )
    return None


def _storable(push: Push) -> Push:
    """Without what PostgreSQL keeps in no text, and the SMS as it would be stored."""
    return replace(
        push,
        key=storable(push.key),
        event=push.event and _storable_event(push.event),
        body=storable(push.body),
        reason=storable(push.reason),
    )


def _storable_event(event: NormalForm) -> NormalForm:
    kept = {
        name: storable(value) if isinstance(value, str) else value for name, value in event.items()
    }
    sms = _sms(kept)
    told = {"code": sms.code, "text": sms.text, "sender": sms.sender}
    return kept | {name: value for name, value in told.items() if value or name in kept}


def _sms(event: NormalForm) -> Sms:
    return Sms(event.get("code") or None, event.get("text") or "", event.get("sender") or "")


def _written(unit: UnitOfWork, push: Push, now: datetime) -> Any:
    event = push.event
    outcome = "refused" if event is None else "waiting" if _speaks(event) else "ignored"
    return unit.first(
        _WRITE,
        account_id=push.account_id,
        sender=push.sender[:64],
        key=push.key[:240],
        now=now,
        verified=push.verified[:64],
        outcome=outcome,
        reason=push.reason[:240],
        upstream_id=((event or {}).get("activation_id") or "")[:120] or None,
        phone=((event or {}).get("phone") or "")[:20] or None,
        event=None if event is None else json.dumps(event, default=str),
        body=push.body[:BODY_MOST],
        settled_at=None if outcome == "waiting" else now,
    )


def _settle(
    unit: UnitOfWork, row: Any, order_id: int, outcome: str, now: datetime, reason: str = ""
) -> str:
    unit.run(
        "update inbound_delivery set outcome = :outcome, reason = :reason, activation_id = :order,"
        " next_at = null, settled_at = :now where id = :id",
        id=row["id"],
        outcome=outcome,
        reason=reason,
        order=order_id,
        now=now,
    )
    return outcome


def _speaks(event: NormalForm) -> bool:
    """Whether it tells of an SMS; which number it means may be in doubt yet."""
    return event.get("event") == "sms" and bool(event.get("code") or event.get("text"))


def _told(event: NormalForm) -> dict[str, str]:
    return {"code": event.get("code") or "", "text": event.get("text") or ""}


_WRITE: Final = """
insert into inbound_delivery (account_id, sender, event_key, received_at, seen_at, verified,
  outcome, reason, upstream_id, phone, event, body, settled_at)
values (:account_id, :sender, :key, :now, :now, :verified, :outcome, :reason, :upstream_id,
  :phone, cast(:event as jsonb), :body, cast(:settled_at as timestamptz))
on conflict (account_id, sender, event_key) do update
  set times = inbound_delivery.times + 1, seen_at = excluded.seen_at,
    outcome = case when inbound_delivery.outcome in ('unknown','unconfirmed') then 'waiting'
      else inbound_delivery.outcome end
returning *
"""
_TRIM: Final = (
    "delete from inbound_delivery where account_id = :account_id and outcome = 'refused'"
    " and id <= (select id from inbound_delivery where account_id = :account_id"
    "  and outcome = 'refused' order by id desc offset :kept limit 1)"
)
_STORED: Final = (
    "select exists (select from message where activation_id = :id"
    " and (code = :code and :code <> '' or text = :text and :text <> ''))"
)
# Not while a purchase is unsettled: the order may be about to come.
_GIVE_UP: Final = (
    "update inbound_delivery d set outcome = 'unknown', settled_at = :now"
    " where d.outcome = 'waiting' and d.seen_at < :since and not exists (select from attempt t"
    "  where t.account_id = d.account_id and t.state in ('sent','unknown'))"
)
_MATCHED: Final = """
select d.id, d.account_id, d.event from inbound_delivery d
where d.outcome = 'waiting' and exists (select from activation a
  where a.account_id = d.account_id and (a.upstream_id = d.upstream_id
    or d.upstream_id is null and a.phone = d.phone and a.state = any(:live)))
order by d.id limit :limit
"""
_CLAIM: Final = """
update inbound_delivery set checks = checks + 1,
  next_at = cast(:now as timestamptz) + interval '5 seconds' * power(2, checks)
where id in (select id from inbound_delivery where account_id = :account_id
    and outcome = 'checking' and next_at <= :now
  order by next_at limit :limit for update skip locked)
returning *
"""
_CONFIRM: Final = """
update inbound_delivery d set outcome = 'applied', settled_at = :now, next_at = null
where d.activation_id = :id and d.outcome = 'checking' and exists (select from message m
  where m.activation_id = d.activation_id and (m.code = d.event->>'code'
    or m.text <> '' and m.text = d.event->>'text'))
"""
