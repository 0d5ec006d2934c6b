"""Settling what is unknown, by the only witness there is: the provider's list of live numbers.

Purchases of one service, country and account are fungible: k unknown attempts and m unbound
numbers bind min(k, m), oldest first; one that asked for a number again binds that number alone.
What stays unmatched is released when two listings in a row, both after ``settle``, are without it;
a number that stays unmatched becomes an orphan and is given back. An order whose id the provider
told and whose number did not come in that time is cancelled there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nexnum_console.activations import renewed
from nexnum_console.activations.attempts import (
    Number,
    Stray,
    bind,
    fail_in,
    remember,
)
from nexnum_console.activations.closing import close_due, drop_orphans
from nexnum_console.activations.desk import Desk, note
from nexnum_console.activations.inbound import confirm_due
from nexnum_console.activations.lanes import (
    FAILED_REST,
    OURS,
    PURSUED,
    RECENT,
    RELIST_ALL,
    Lane,
)
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import QUESTIONS_CHANNEL
from nexnum_console.core.failpoints import failpoint
from nexnum_console.core.money import to_micro_up
from nexnum_console.notifications.alerts import close_alert, last_seen, raise_alert
from nexnum_console.providers.carrier import Carrier, Terms
from nexnum_console.providers.client import ActiveRow
from nexnum_console.providers.errors import ProviderError

log = logging.getLogger(__name__)

EMPTY_LISTINGS = 2
CLOCK_SKEW = timedelta(seconds=60)
ROUND_SECONDS = 2.0
RETRY_SECONDS = 0.5
_ENDED = frozenset({"cancelled", "expired", "finished"})
_PAID = "finished"
STRANGERS = "stranger"
_NAMED_MOST = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """What one listing settled; ``strangers``: live numbers that no purchase of ours explains."""

    listed: int = 0
    adopted: int = 0
    released: int = 0
    strays: int = 0
    strangers: int = 0


def settle_lane(desk: Desk, lane: Lane, more: Callable[[], bool]) -> None:
    """Work one account's open questions while ``more()`` and any is open."""
    while more() and lane.renew(desk.clock()):
        carrier = desk.carriers.get(lane.account_id)
        tally = reconcile(desk, carrier)
        close_due(desk, carrier)
        drop_orphans(desk, carrier)
        confirm_due(desk, carrier)
        desk.events.publish(QUESTIONS_CHANNEL, "questions", id=lane.account_id)
        if not _open_questions(desk, lane.account_id):
            if tally is None:
                lane.rests_until = desk.clock() + FAILED_REST
            break
        time.sleep(ROUND_SECONDS if tally is not None else RETRY_SECONDS)


def reconcile(desk: Desk, carrier: Carrier) -> Tally | None:
    """One listing and all it settles; None where it failed: then nothing is settled or counted."""
    asked_at = desk.clock()
    try:
        rows = carrier.client.active()
    except ProviderError as error:
        log.warning("listing of %s failed: %s", carrier.terms.provider, error.code)
        with desk.database.transaction() as unit:
            _count_anew(unit, carrier.terms.account_id)
            if not carrier.client.supports("active"):
                _listed(unit, carrier.terms.account_id, asked_at)
        return None
    failpoint("reconcile.listed")
    tally = _settle(desk, carrier, rows, asked_at)
    failpoint("reconcile.settled")
    return tally


def _settle(desk: Desk, carrier: Carrier, rows: Sequence[ActiveRow], asked_at: datetime) -> Tally:
    account_id = carrier.terms.account_id
    with desk.database.transaction() as unit:
        unowned = _unowned(unit, account_id, rows)
        unknown = unit.all(
            "select * from attempt where account_id = :id and state = 'unknown'"
            " and sent_at < :asked_at order by phone is null, sent_at",
            id=account_id,
            asked_at=asked_at,
        )
        held = renewed.holders(unit, account_id, unowned, asked_at)
    free = [row for row in unowned if row.state not in _ENDED]
    missed = [row for row in unowned if row.state == _PAID and row.created_at is not None]
    adopted = 0
    unmatched = []
    # A provider that told the order's id has said which number is whose.
    promised = {attempt["provider_order_id"] for attempt in unknown} - {None}
    for attempt in unknown:
        match = next((row for row in free if _matches(row, attempt, promised, held)), None)
        if match is None:
            unmatched.append(attempt)
            continue
        free.remove(match)
        number = _number(match, attempt, carrier)
        adopted += bind(desk, attempt["id"], number, carrier.terms, desk.clock())
    with desk.database.transaction() as unit:
        released = sum(
            _one_more_empty(unit, desk, carrier, attempt, asked_at) for attempt in unmatched
        )
        free = renewed.follow(unit, desk, free, held, desk.clock())
        strays, strangers = _sorted_out(unit, account_id, free, asked_at)
        # Sold, used up and over before we looked: nobody can use it, but we have paid for it.
        strays += [
            row for row in missed if any(_matches(row, a, promised, held) for a in unmatched)
        ]
        for row in strays:
            remember(unit, _stray(row), carrier.terms, desk.clock())
        if not carrier.terms.exclusive:
            _forget_others(unit, account_id, [row.activation_id for row in free], asked_at)
        _tell_of_strangers(unit, carrier, strangers, desk.clock())
        _listed(unit, account_id, desk.clock())
    return Tally(len(rows), adopted, released, len(strays), len(strangers))


def _sorted_out(
    unit: UnitOfWork, account_id: int, free: Sequence[ActiveRow], asked_at: datetime
) -> tuple[list[ActiveRow], list[ActiveRow]]:
    """Numbers that a purchase of ours which ended without one may have bought, and the others.

    The others may be anybody's: bought by hand with the same key, or by us before a backup that
    was restored. They are told to staff and never given back.
    """
    if not free:
        return [], []
    ended = unit.all(
        "select external_country, external_service, sent_at from attempt"
        " where account_id = :id and state <> 'acquired' and sent_at > :since",
        id=account_id,
        since=min([asked_at, *(row.created_at for row in free if row.created_at)]) - RECENT,
    )
    known = set(
        unit.run(
            "select upstream_id from sighting where account_id = :id and upstream_id = any(:ids)",
            id=account_id,
            ids=[row.activation_id for row in free],
        ).scalars()
    )
    ours = [
        row
        for row in free
        if row.activation_id in known or any(_explains(each, row, asked_at) for each in ended)
    ]
    return ours, [row for row in free if row not in ours]


def _explains(attempt: Any, row: ActiveRow, asked_at: datetime) -> bool:
    if row.service is not None and row.service != attempt["external_service"]:
        return False
    if row.country is not None and row.country != attempt["external_country"]:
        return False
    return bool(abs((row.created_at or asked_at) - attempt["sent_at"]) < RECENT)


def _tell_of_strangers(
    unit: UnitOfWork, carrier: Carrier, strangers: Sequence[ActiveRow], now: datetime
) -> None:
    subject = f"{carrier.terms.provider} account {carrier.terms.account_id}"
    if not strangers or not carrier.terms.exclusive:
        close_alert(unit, STRANGERS, subject, now)
        return
    told = last_seen(unit, STRANGERS).get(subject)
    if told is not None and now - told < RELIST_ALL:
        return
    named = ", ".join(row.activation_id for row in strangers[:_NAMED_MOST])
    raise_alert(
        unit,
        STRANGERS,
        subject,
        f"{len(strangers)} live numbers at {carrier.terms.provider} belong to no order of ours"
        f" ({named}{', …' if len(strangers) > _NAMED_MOST else ''}) and are left alone. After a"
        " backup was restored they are what was bought since: cancel them there, or let them end."
        " Where others buy with the same key they are theirs, and nothing is to be done.",
        now,
    )


def _count_anew(unit: UnitOfWork, account_id: int) -> None:
    """The next listing is the first after an outage, as may have been the last one."""
    unit.run(
        "update attempt set empty_listings = 0"
        " where account_id = :id and state = 'unknown' and empty_listings > 0",
        id=account_id,
    )


def _listed(unit: UnitOfWork, account_id: int, now: datetime) -> None:
    """The account need not be listed for its own sake for a while."""
    unit.run(
        "update lane set listed_at = :now where account_id = :id and kind = 'settle'",
        now=now,
        id=account_id,
    )


def _forget_others(
    unit: UnitOfWork, account_id: int, listed: list[str], asked_at: datetime
) -> None:
    """What somebody else bought with this account, and is over: no question any more."""
    unit.run(
        "update sighting s set state = 'gone', closed_at = :asked_at where account_id = :id"  # noqa: S608
        f" and state = 'seen' and grace_until <= :asked_at and upstream_id <> all(:listed)"
        f" and not {OURS}",
        id=account_id,
        listed=listed,
        asked_at=asked_at,
    )


def _unowned(unit: UnitOfWork, account_id: int, rows: Sequence[ActiveRow]) -> list[ActiveRow]:
    """Rows that no activation is, or was, bound to and that we have not given up, oldest first."""
    taken = unit.run(
        "select upstream_id from activation where account_id = :id and upstream_id = any(:ids)"
        " union select upstream_id from sighting where account_id = :id"
        " and upstream_id = any(:ids) and state <> 'seen'"
        # What an order was bought under, also where another code gave it another id.
        " union select provider_order_id from attempt where account_id = :id"
        " and provider_order_id = any(:ids) and state = 'acquired'",
        id=account_id,
        ids=[row.activation_id for row in rows],
    ).scalars()
    known = set(taken)
    unowned = [row for row in rows if row.activation_id not in known]
    return sorted(unowned, key=lambda row: (row.created_at is None, row.created_at or 0))


def _matches(row: ActiveRow, attempt: Any, promised: Container[str], held: Container[str]) -> bool:
    if row.phone is None or attempt["phone"] not in {None, row.phone}:
        return False
    if attempt["provider_order_id"] is not None or row.activation_id in promised:
        return bool(row.activation_id == attempt["provider_order_id"])
    if row.activation_id in held and attempt["phone"] is None:
        return False  # a live order here has that phone: what comes on it is its owner's
    told = (row.service, attempt["external_service"]), (row.country, attempt["external_country"])
    if any(code is not None and code != asked for code, asked in told):
        return False
    cost = _cost(row)
    if cost is not None and cost > attempt["max_cost"]:
        return False
    return row.created_at is None or row.created_at >= attempt["sent_at"] - CLOCK_SKEW


def _number(row: ActiveRow, attempt: Any, carrier: Carrier) -> Number:
    assert row.phone is not None
    bought_at = row.created_at or attempt["sent_at"]
    expires_at = bought_at + timedelta(seconds=carrier.terms.activation_seconds)
    return Number(row.activation_id, row.phone, _cost(row), None, expires_at)


def _stray(row: ActiveRow) -> Stray:
    return Stray(row.activation_id, row.phone, row.country, row.service, _cost(row))


def _cost(row: ActiveRow) -> int | None:
    return None if row.cost is None else to_micro_up(row.cost)


def _one_more_empty(
    unit: UnitOfWork, desk: Desk, carrier: Carrier, attempt: Any, asked_at: datetime
) -> int:
    # One that came earlier may have been before the sale, and one of the two may be a provider's
    # first after an outage, which is often empty.
    if asked_at < attempt["settle_until"]:
        return 0
    listings = unit.scalar(
        "update attempt set empty_listings = empty_listings + 1 where id = :id"
        " returning empty_listings",
        id=attempt["id"],
    )
    if listings < EMPTY_LISTINGS:
        return 0
    return int(release(unit, desk, carrier.terms, attempt, desk.clock()))


def release(unit: UnitOfWork, desk: Desk, terms: Terms, attempt: Any, now: datetime) -> bool:
    """Nothing was sold by this call: its order's hold goes back. False if it was settled already.

    An order that exists at the provider all the same costs us until it is cancelled there.
    """
    row = unit.first(
        "update attempt set state = 'released', answered_at = :now"
        " where id = :id and state = 'unknown' returning empty_listings, provider_order_id",
        id=attempt["id"],
        now=now,
    )
    if row is None:
        return False
    order_id = row["provider_order_id"]
    if order_id is None:
        note(unit, attempt["activation_id"], "not_sold", now, listings=row["empty_listings"])
    else:
        place = attempt["external_country"], attempt["external_service"]
        stray = Stray(order_id, None, *place, attempt["max_cost"])
        remember(unit, stray, terms, now, grace=timedelta())
        note(unit, attempt["activation_id"], "no_number", now, order=order_id)
    fail_in(unit, desk, attempt["activation_id"], "not_sold", now)
    return True


def _open_questions(desk: Desk, account_id: int) -> bool:
    with desk.database.transaction() as unit:
        return bool(
            unit.scalar(
                "select exists (select from attempt"  # noqa: S608
                "  where account_id = :id and state = 'unknown')"
                " or exists (select from activation where account_id = :id"
                "  and (state = 'cancelling' or upstream = 'closing'))"
                f" or exists (select from sighting s where account_id = :id and {PURSUED})",
                id=account_id,
            )
        )
