"""Settling what is unknown, by the only witness there is: the provider's list of live numbers.

Purchases of one service, country and account are fungible: k unknown attempts and m unbound
numbers bind min(k, m), oldest first; one that asked for a number again binds that number alone.
What stays unmatched is released when two listings in a row, both after ``settle``, are without it;
a number that stays unmatched becomes an orphan and is given back. An order whose id the provider
told and whose number did not come in that time is cancelled there.

Where a provider has no such list nothing is settled here: see ``unlisted``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nexnum_console.activations import renewed, strays
from nexnum_console.activations.attempts import Stray, bind, fail_in, remember
from nexnum_console.activations.closing import close_due, drop_orphans
from nexnum_console.activations.desk import Desk, note
from nexnum_console.activations.inbound import confirm_due
from nexnum_console.activations.lanes import (
    FAILED_REST,
    PURSUED,
    Lane,
)
from nexnum_console.activations.live_rows import fit, matches, number_of
from nexnum_console.activations.mishaps import apart
from nexnum_console.activations.unlisted import hand_over, settled
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import QUESTIONS_CHANNEL
from nexnum_console.core.failpoints import failpoint
from nexnum_console.providers.carrier import Carrier, Terms
from nexnum_console.providers.client import ActiveRow
from nexnum_console.providers.errors import ProviderError

log = logging.getLogger(__name__)

EMPTY_LISTINGS = 2
ROUND_SECONDS = 2.0
RETRY_SECONDS = 0.5
_ENDED = frozenset({"cancelled", "expired", strays.USED_UP})

_Part = Callable[[Desk, Carrier, Callable[[], bool]], object]


@dataclass(frozen=True, slots=True)
class Tally:
    """What one listing settled; ``strangers``: live numbers that no purchase of ours explains."""

    listed: int = 0
    adopted: int = 0
    released: int = 0
    strays: int = 0
    strangers: int = 0


def settle_lane(desk: Desk, lane: Lane, more: Callable[[], bool]) -> None:
    """Work one account's open questions while ``more()`` and any is open to a worker.

    It ends between the parts of a pass where the time is over or the lane is another's.
    """

    def held() -> bool:
        return lane.renew(desk.clock())

    while more() and held():
        carrier = desk.carriers.get(lane.account_id)
        told: dict[_Part, object] = {}
        for part in _in_turn(lane):
            if not (more() and held()):
                break
            told[part] = part(desk, carrier, held)
        desk.events.publish(QUESTIONS_CHANNEL, "questions", id=lane.account_id)
        if len(told) < len(_PARTS):
            return
        listed = told[reconcile] is not None
        if not _open_questions(desk, lane.account_id, lists=_lists(carrier)):
            if not listed:
                lane.rests_until = desk.clock() + FAILED_REST
            break
        time.sleep(ROUND_SECONDS if listed else RETRY_SECONDS)


def _in_turn(lane: Lane) -> Sequence[_Part]:
    """The parts of a pass, begun with another one each time the lane is taken: where a carrier is
    so slow that passes break off, none of them is left out for ever."""
    first = (lane.fence - 1) % len(_PARTS)
    return _PARTS[first:] + _PARTS[:first]


def reconcile(
    desk: Desk, carrier: Carrier, held: Callable[[], bool] = lambda: True
) -> Tally | None:
    """One listing and all it settles; None where it failed, or where the lane is no longer ``held``
    when it comes: then nothing is settled or counted.

    A provider without a list is not asked; its unknown purchases are handed over to a person.
    """
    asked_at = desk.clock()
    if not _lists(carrier):
        hand_over(desk, carrier, asked_at)
        with desk.database.transaction() as unit:
            _listed(unit, carrier.terms.account_id, asked_at)
        return Tally()
    try:
        rows = carrier.client.active()
    except ProviderError as error:
        log.warning("listing of %s failed: %s", carrier.terms.provider, error.code)
        with desk.database.transaction() as unit:
            _count_anew(unit, carrier.terms.account_id)
        return None
    failpoint("reconcile.listed")
    if not held():
        return None
    tally = _settle(desk, carrier, rows, asked_at)
    failpoint("reconcile.settled")
    return tally


_PARTS: tuple[_Part, ...] = (
    reconcile,
    lambda desk, carrier, held: close_due(desk, carrier),
    lambda desk, carrier, held: drop_orphans(desk, carrier),
    lambda desk, carrier, held: confirm_due(desk, carrier),
)


def _settle(desk: Desk, carrier: Carrier, rows: Sequence[ActiveRow], asked_at: datetime) -> Tally:
    account_id = carrier.terms.account_id
    kept = [row for row in rows if fit(row)]
    with desk.database.transaction() as unit:
        unowned = strays.unowned(unit, account_id, kept)
        unknown = unit.all(
            "select * from attempt where account_id = :id and state = 'unknown'"
            " and sent_at < :asked_at order by phone is null, sent_at",
            id=account_id,
            asked_at=asked_at,
        )
        held = renewed.holders(unit, account_id, unowned, asked_at)
    free = [row for row in unowned if row.state not in _ENDED]
    over = [row for row in unowned if row.state in _ENDED and row.activation_id not in held]
    # A provider that told the order's id has said which number is whose.
    promised = {attempt["provider_order_id"] for attempt in unknown} - {None}
    adopted, unmatched = _adopt(desk, carrier, unknown, free, promised, held)
    with desk.database.transaction() as unit:
        if len(kept) == len(rows):
            released = _count_empty(unit, desk, carrier, unmatched, asked_at)
        else:
            # One of those that cannot be kept may be what a purchase bought.
            released = 0
            _count_anew(unit, account_id)
            strays.tell_of_unfit(unit, carrier, len(rows) - len(kept), desk.clock())
        free = renewed.follow(unit, desk, free, held, desk.clock())
        remembered, strangers = strays.write_down(unit, desk, carrier, free, over, asked_at)
        strays.correct_costs(unit, account_id, kept)
        _listed(unit, account_id, desk.clock())
    return Tally(len(rows), adopted, released, remembered, strangers)


def _adopt(
    desk: Desk,
    carrier: Carrier,
    unknown: Sequence[Any],
    free: list[ActiveRow],
    promised: Container[str],
    held: Container[str],
) -> tuple[int, list[Any]]:
    """Bind what fits and take it out of ``free``; how many, and the purchases that nothing fits."""
    adopted = 0
    unmatched = []
    for attempt in unknown:
        match = next((row for row in free if matches(row, attempt, promised, held)), None)
        if match is None:
            unmatched.append(attempt)
            continue
        free.remove(match)
        with apart(desk, f"attempt {attempt['id']}", "bind its number to this purchase"):
            number = number_of(match, attempt, carrier)
            adopted += bind(desk, attempt["id"], number, carrier.terms, desk.clock())
    return adopted, unmatched


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


def _count_empty(
    unit: UnitOfWork, desk: Desk, carrier: Carrier, unmatched: Sequence[Any], asked_at: datetime
) -> int:
    """One more listing without them; returns how many are released by it."""
    released = 0
    for attempt in unmatched:
        subject = f"attempt {attempt['id']}"
        with apart(desk, subject, "release what this purchase holds"), unit.savepoint():
            released += _one_more_empty(unit, desk, carrier, attempt, asked_at)
    return released


def _one_more_empty(
    unit: UnitOfWork, desk: Desk, carrier: Carrier, attempt: Any, asked_at: datetime
) -> int:
    # One that came earlier may have been before the sale, and one of the two may be a provider's
    # first after an outage, which is often empty.
    if asked_at < attempt["settle_until"]:
        return 0
    # Two that were under way at once are not two in a row: both may be that first one.
    listings = unit.scalar(
        "update attempt set empty_listings = empty_listings + 1, empty_at = :now"
        " where id = :id and (empty_at is null or empty_at < :asked_at) returning empty_listings",
        id=attempt["id"],
        now=desk.clock(),
        asked_at=asked_at,
    )
    if listings is None or listings < EMPTY_LISTINGS:
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
    settled(unit, terms.provider, attempt["activation_id"], now)
    return True


def _lists(carrier: Carrier) -> bool:
    return carrier.client.supports("active")


def _open_questions(desk: Desk, account_id: int, *, lists: bool) -> bool:
    with desk.database.transaction() as unit:
        return bool(
            unit.scalar(
                "select :lists and exists (select from attempt"  # noqa: S608
                "  where account_id = :id and state = 'unknown')"
                " or exists (select from activation where account_id = :id"
                "  and (state = 'cancelling' or upstream = 'closing'))"
                f" or exists (select from sighting s where account_id = :id and {PURSUED})",
                id=account_id,
                lists=lists,
            )
        )
