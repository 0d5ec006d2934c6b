"""Getting our money back from providers, with patience: numbers refunded here but still open
there, cancellations without an answer, and orphans."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from nexnum_console.activations import cancel
from nexnum_console.activations.about import about_activation, about_stray
from nexnum_console.activations.attempts import wallet_cost
from nexnum_console.activations.desk import Desk, note
from nexnum_console.activations.giving_up import GivenUp, give_up
from nexnum_console.activations.lanes import OURS
from nexnum_console.activations.mishaps import apart
from nexnum_console.activations.settle import (
    book_provider_loss,
    book_provider_refund,
    store_messages,
)
from nexnum_console.core.actor import SYSTEM
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.failpoints import failpoint
from nexnum_console.providers.carrier import Carrier, Terms
from nexnum_console.wallet import ledger

log = logging.getLogger(__name__)

TRIES_MAX = 40
AT_ONCE = 4
ORPHANS_A_PASS = 2 * AT_ONCE
RETRY_SECONDS_MAX = 60
_ORPHANS = (
    "update sighting s set state = 'orphan', tries = tries + 1, next_at = :soon"  # noqa: S608
    " where s.id in (select s.id from sighting s"
    " where s.account_id = :id and (s.state = 'orphan' and s.next_at <= :now"
    "  or s.state = 'seen' and s.grace_until <= :now and ("
    + OURS
    + " or :exclusive and not exists (select from attempt t where t.account_id = s.account_id"
    "   and t.state in ('sent','unknown')"
    "   and t.external_service = coalesce(s.external_service, t.external_service)"
    "   and t.external_country = coalesce(s.external_country, t.external_country))))"
    " and not exists (select from activation a where a.account_id = s.account_id"
    "  and a.upstream_id = s.upstream_id)"
    " order by coalesce(s.next_at, s.grace_until) limit :limit for update of s skip locked)"
    " returning *"
)


def close_due(desk: Desk, carrier: Carrier) -> None:
    """Ask once more for what is due, a few at a time: a listing must not wait for long."""
    with desk.database.transaction() as unit:
        cancelling = _due(unit, desk, carrier, "state = 'cancelling'")
        closing = _due(unit, desk, carrier, "upstream = 'closing'")
    if not cancelling and not closing:
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [
            *(
                pool.submit(_apart, desk, row, "cancel this number", cancel.ask_again, desk, row)
                for row in cancelling
            ),
            *(
                pool.submit(_apart, desk, row, "close this number", _close, desk, carrier, row)
                for row in closing
            ),
        ]
    for done in asked:
        done.result()


def _apart(desk: Desk, row: Any, deed: str, ask: Callable[..., None], *terms: Any) -> None:
    """Ask about one number; one that cannot be settled here waits, and holds up no other."""
    with apart(desk, f"activation {row['id']}", deed):
        ask(*terms)
        return
    now = desk.clock()
    with desk.database.transaction() as unit:
        unit.run(
            "update activation set close_at = :at where id = :id and close_at <= :now",
            id=row["id"],
            now=now,
            at=now + timedelta(seconds=RETRY_SECONDS_MAX),
        )


def _due(unit: UnitOfWork, desk: Desk, carrier: Carrier, which: str) -> list[Any]:
    return unit.all(
        f"select * from activation where account_id = :id and {which}"  # noqa: S608
        " and close_at <= :now order by close_at limit :limit",
        id=carrier.terms.account_id,
        now=desk.clock(),
        limit=AT_ONCE,
    )


def _close(desk: Desk, carrier: Carrier, row: Any) -> None:
    with desk.database.transaction() as unit:
        known = about_activation(unit, row)
    tries = row["close_tries"] + 1
    told = give_up(carrier, row["upstream_id"], known, last=_last(tries))
    failpoint("close.answered")
    now = desk.clock()
    with desk.database.transaction() as unit:
        if _asked_again(told, tries):
            unit.run(
                "update activation set close_tries = close_tries + :tried, close_at = :at"
                " where id = :id and upstream = 'closing'",
                id=row["id"],
                tried=int(told.ending == "later"),
                at=now + _patience(row["close_tries"]),
            )
            return
        store_messages(unit, desk, row["id"], told.late, now)
        end_closing(unit, desk, row["id"], "refunded" if told.ending == "over" else "lost", now)
    failpoint("close.settled")


def end_closing(
    unit: UnitOfWork, desk: Desk, activation_id: int, ending: str, now: datetime
) -> bool:
    """Settle our side of a number the buyer was refunded for: ``refunded`` to us, or ``lost``.

    False where it was settled already.
    """
    row = unit.first(
        "update activation set upstream = :ending, close_at = null"
        " where id = :id and upstream = 'closing' returning *",
        id=activation_id,
        ending=ending,
    )
    if row is None:
        return False
    book = book_provider_refund if ending == "refunded" else book_provider_loss
    book(unit, desk, row, now)
    note(unit, activation_id, f"provider_{ending}", now)
    return True


def drop_orphans(desk: Desk, carrier: Carrier) -> int:
    """Claim strays whose grace is over, a few at a time, and give them back; returns how many were
    closed.

    A stray is spared while any purchase on the account is unsettled that it could belong to, and
    on an account that others buy with too: there only what the provider, or staff, told us as ours
    goes.
    """
    now = desk.clock()
    with desk.database.transaction() as unit:
        # A purchase may bind a number between our listing it and writing it down.
        unit.run(
            "update sighting s set state = 'bound', closed_at = :now"
            " where s.account_id = :id and s.state = 'seen' and exists (select from activation a"
            "  where a.account_id = s.account_id and a.upstream_id = s.upstream_id)",
            id=carrier.terms.account_id,
            now=now,
        )
        orphans = unit.all(
            _ORPHANS,
            id=carrier.terms.account_id,
            now=now,
            soon=now + timedelta(seconds=RETRY_SECONDS_MAX),
            exclusive=carrier.terms.exclusive,
            limit=ORPHANS_A_PASS,
        )
    if not orphans:
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(lambda orphan: _drop_apart(desk, carrier, orphan), orphans))


def _drop_apart(desk: Desk, carrier: Carrier, orphan: Any) -> int:
    with apart(desk, f"stray {orphan['id']}", "give this number back"):
        return _drop(desk, carrier, orphan)
    return 0


def _drop(desk: Desk, carrier: Carrier, orphan: Any) -> int:
    known, last = about_stray(orphan), _last(orphan["tries"])
    told = give_up(carrier, orphan["upstream_id"], known, last=last)
    now = desk.clock()
    if _asked_again(told, orphan["tries"]):
        with desk.database.transaction() as unit:
            unit.run(
                "update sighting set next_at = :at, tries = tries - :unasked"
                " where id = :id and state = 'orphan'",
                id=orphan["id"],
                unasked=int(told.ending == "unasked"),
                at=now + _patience(orphan["tries"]),
            )
        return 0
    state = "cancelled" if told.ending == "over" else "lost"
    with desk.database.transaction() as unit:
        closed = end_stray(unit, orphan["id"], state, now)
        if closed and state == "lost":
            book_orphan(unit, desk, carrier.terms, orphan, now)
    log.warning("orphan %s at %s: %s", orphan["upstream_id"], carrier.terms.provider, state)
    return int(closed)


def end_stray(unit: UnitOfWork, stray_id: int, state: str, now: datetime) -> bool:
    """Close a stray with its outcome; False where it was closed already."""
    return bool(
        unit.scalar(
            "update sighting set state = :state, closed_at = :now, next_at = null"
            " where id = :id and state in ('seen','orphan') returning true",
            id=stray_id,
            state=state,
            now=now,
        )
    )


def book_orphan(unit: UnitOfWork, desk: Desk, terms: Terms, orphan: Any, now: datetime) -> bool:
    """Book what a number that nobody ordered cost us; False where that cannot be told."""
    rate = unit.scalar("select rate from currency_rate where currency = :c", c=terms.currency)
    if not orphan["cost_micro"] or rate is None:
        log.error("orphan %s: its cost is not known and not booked", orphan["upstream_id"])
        return False
    cost = wallet_cost(orphan["cost_micro"], rate)
    legs = {f"orphan_expense:{terms.provider}": -cost, f"float:{terms.provider}": cost}
    cause = ledger.Cause(f"orphan:{orphan['id']}", SYSTEM, now)
    ledger.book_house(unit, "orphan_cost", legs, desk.wallet_currency, cause)
    return True


def _asked_again(told: GivenUp, tries: int) -> bool:
    return told.ending == "unasked" or (told.ending == "later" and not _last(tries))


def _last(tries: int) -> bool:
    return tries >= TRIES_MAX


def _patience(tries: int) -> timedelta:
    return timedelta(seconds=min(RETRY_SECONDS_MAX, 2 ** min(tries, 6)))
