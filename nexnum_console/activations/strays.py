"""Numbers in a provider's list that no order here has: which were bought by us all the same, and
what is told of the others.

What a purchase of ours that ended without a number may have bought is written down, and given back
or booked when its grace is over (``closing``). The others may be anybody's: bought by hand with
the same key, or by us before a backup that was restored. They are told to staff and left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.activations.attempts import remember
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.lanes import OURS, RECENT, RELIST_ALL
from nexnum_console.activations.live_rows import explains, stray_of
from nexnum_console.activations.mishaps import apart
from nexnum_console.core.db import UnitOfWork
from nexnum_console.notifications.alerts import close_alert, last_seen, raise_alert
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import ActiveRow

STRANGERS: Final = "stranger"
UNFIT: Final = "unfit_number"
# How a list tells of a number whose SMS came: it is over, and paid for.
USED_UP: Final = "finished"
# Many lists go back for months; what was used up before is history.
_USED_UP_SINCE: Final = timedelta(hours=6)
_NAMED_MOST: Final = 5


def unowned(unit: UnitOfWork, account_id: int, rows: Sequence[ActiveRow]) -> list[ActiveRow]:
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


def write_down(
    unit: UnitOfWork,
    desk: Desk,
    carrier: Carrier,
    free: Sequence[ActiveRow],
    over: Sequence[ActiveRow],
    asked_at: datetime,
) -> tuple[int, int]:
    """Keep what we may have bought of the living numbers and of those that are over; tell staff
    who may have bought the other living ones. Returns how many of either.

    Nobody can use what was sold, used up and over before we looked, but we have paid for it. It is
    looked for among all purchases that got no number, those too that are as good as settled: where
    a list was missing for long, the one that bought it may have been given a later one's number.
    """
    terms, now = carrier.terms, desk.clock()
    since = asked_at - _USED_UP_SINCE
    paid = [
        row for row in over if row.state == USED_UP and row.created_at and row.created_at > since
    ]
    ours, strangers = _sorted_out(unit, terms.account_id, free, asked_at)
    if terms.exclusive:
        ours += _sorted_out(unit, terms.account_id, paid, asked_at)[0]
    _remember_all(unit, desk, carrier, ours)
    if not terms.exclusive:
        _forget_others(unit, terms.account_id, [row.activation_id for row in free], asked_at)
    _tell_of_strangers(unit, carrier, strangers, now)
    return len(ours), len(strangers)


def correct_costs(unit: UnitOfWork, account_id: int, rows: Sequence[ActiveRow]) -> None:
    """What a listing tells of the cost of an open stray, which may have been taken as agreed."""
    known = unit.all(
        "select upstream_id, cost_micro from sighting"
        " where account_id = :id and state in ('seen','orphan')",
        id=account_id,
    )
    costs = {one["upstream_id"]: one["cost_micro"] for one in known}
    told = [stray_of(row) for row in rows if row.activation_id in costs]
    unit.many(
        "update sighting set cost_micro = :cost where account_id = :id and upstream_id = :upstream"
        " and state in ('seen','orphan')",
        [
            {"id": account_id, "upstream": one.upstream_id, "cost": one.cost_micro}
            for one in told
            if one.cost_micro is not None and one.cost_micro != costs[one.upstream_id]
        ],
    )


def tell_of_unfit(unit: UnitOfWork, carrier: Carrier, count: int, now: datetime) -> None:
    provider = carrier.terms.provider
    raise_alert(
        unit,
        UNFIT,
        f"{provider} account {carrier.terms.account_id}",
        f"{count} numbers in the list of {provider} have an id, number, country or service that"
        " cannot be kept: too long, or with characters that are none. They are bound to no order,"
        " and no unknown purchase there is released while they are listed. See what the provider"
        " sends, and mend the config's “active”, or cancel them on the provider's own site.",
        now,
    )


def _remember_all(
    unit: UnitOfWork, desk: Desk, carrier: Carrier, strays: Sequence[ActiveRow]
) -> None:
    for row in strays:
        subject = f"{carrier.terms.provider} number {row.activation_id}"
        with apart(desk, subject, "write this number down"), unit.savepoint():
            remember(unit, stray_of(row), carrier.terms, desk.clock())


def _sorted_out(
    unit: UnitOfWork, account_id: int, free: Sequence[ActiveRow], asked_at: datetime
) -> tuple[list[ActiveRow], list[ActiveRow]]:
    """Numbers that a purchase of ours which has none may have bought, and the others."""
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
        if row.activation_id in known or any(explains(each, row, asked_at) for each in ended)
    ]
    return ours, [row for row in free if row not in ours]


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
