"""“Another code” may give an order another id: what is known of both, whoever's answer was lost.

The old order often stays in the provider's list, and the new one shows there before we are told of
it. Neither is a number that somebody else bought: each has the phone of an order that lives here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from nexnum_console.activations.desk import Desk, note
from nexnum_console.activations.lanes import RECENT, wake
from nexnum_console.activations.machine import LIVE
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers.client import ActiveRow
from nexnum_console.providers.errors import ProviderError

BEGUN: Final = "resend_begun"  # written before the call: a process may die in it
ASKED: Final = "resend_asked"
REFUSED: Final = "resend_refused"
UNKNOWN: Final = "resend_unknown"
FOUND: Final = "resend_found"
_OPEN: Final = (BEGUN, UNKNOWN)

# ``last``: the newest word about another code; ``doubted``: one was never answered.
_HOLDERS: Final = """
select a.id, a.user_id, a.account_id, a.phone, a.upstream_id, a.state, t.external_service,
  said.last, said.doubted
from activation a join attempt t on t.activation_id = a.id and t.state = 'acquired'
cross join lateral (select (array_agg(e.kind order by e.id desc))[1] as last,
    coalesce(bool_or(e.kind = 'resend_unknown'), false) as doubted
  from activation_event e where e.activation_id = a.id and e.kind like 'resend%') said
where a.account_id = :account_id and a.phone = any(:phones)
  and (a.state = any(:live) or a.closed_at > :since and said.last = any(:open))
order by a.id desc
"""
_FORMER: Final = """
insert into sighting (account_id, upstream_id, phone, external_service, state, first_seen_at,
  grace_until, closed_at)
values (:account_id, :upstream_id, :phone, :service, 'bound', :now, :now, :now)
on conflict (account_id, upstream_id)
do update set state = 'bound', closed_at = :now where sighting.state = 'seen'
"""
_RENEW: Final = """
update activation a set upstream_id = cast(:upstream as varchar), next_at = :now
where id = :id and upstream_id = :before and state = any(:live)
  and not exists (select from activation b where b.account_id = a.account_id
    and b.upstream_id = cast(:upstream as varchar))
returning a.account_id, a.phone, a.user_id
"""


_MAY_HAVE_CHANGED: Final = """
select a.upstream_id <> :asked or coalesce((select e.kind = any(:open) and e.at > :since
  from activation_event e where e.activation_id = a.id and e.kind like 'resend%'
  order by e.id desc limit 1), false)
from activation a where a.id = :id for update
"""


def may_have_changed(unit: UnitOfWork, row: Any, since: datetime) -> bool:
    """Whether the order that ``row`` knows may not be this activation's any more.

    It was renewed, or another code was asked for after ``since`` and nobody knows what came of it:
    then an end of the old order is no end of the activation.
    """
    return bool(
        unit.scalar(
            _MAY_HAVE_CHANGED,
            id=row["id"],
            asked=row["upstream_id"],
            open=list(_OPEN),
            since=since,
        )
    )


def failed(desk: Desk, row: Any, error: ProviderError) -> None:
    """Keep what came of asking; where nobody can say, the provider's listing is asked for soon."""
    now = desk.clock()
    with desk.database.transaction() as unit:
        note(unit, row["id"], REFUSED if error.declined else UNKNOWN, now, code=error.code)
        if error.declined:
            return
        look_now(unit, row["id"], now)
        unit.run(
            "update lane set listed_at = null where account_id = :id and kind = 'settle'",
            id=row["account_id"],
        )
        wake(unit, [row["account_id"]], "settle")


def look_now(unit: UnitOfWork, activation_id: int, now: datetime) -> None:
    """One more SMS may come at once; between codes a number is looked at less often."""
    unit.run(
        "update activation set next_at = :now where id = :id and state = 'received'"
        " and lease_until is null",
        id=activation_id,
        now=now,
    )


def renew(unit: UnitOfWork, activation: Any, order_id: str, now: datetime) -> bool:
    """From now on the activation's order is known by ``order_id``; the old id stays ours.

    False, nothing changed, where the activation moved on or another one has that order.
    """
    row = unit.first(
        _RENEW,
        id=activation["id"],
        before=activation["upstream_id"],
        upstream=order_id,
        live=list(LIVE),
        now=now,
    )
    if row is None:
        return False
    _keep_from_others(unit, row, activation["upstream_id"], None, now)
    return True


def holders(
    unit: UnitOfWork, account_id: int, rows: Sequence[ActiveRow], now: datetime
) -> dict[str, Mapping[str, Any]]:
    """Of rows without an owner, by id: the order here that has the same phone and service.

    No purchase may take such a row: what comes on it is for the owner of that order.
    """
    phones = sorted({row.phone for row in rows if row.phone is not None})
    if not phones:
        return {}
    found = unit.all(
        _HOLDERS,
        account_id=account_id,
        phones=phones,
        live=list(LIVE),
        open=list(_OPEN),
        since=now - RECENT,
    )
    held: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        owner = next((each for each in found if _same_number(row, each)), None)
        if owner is not None:
            held[row.activation_id] = owner
    return held


def follow(
    unit: UnitOfWork,
    desk: Desk,
    free: Sequence[ActiveRow],
    held: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> list[ActiveRow]:
    """Give rows that a lost answer told of to their owners, newest first; returns the other rows.

    A row whose owner asked for nothing is left alone while that order lives.
    """
    followed: set[int] = set()
    for row in reversed([row for row in free if row.activation_id in held]):
        owner = held[row.activation_id]
        first = owner["id"] not in followed and owner["last"] in _OPEN
        if first and renew(unit, owner, row.activation_id, now):
            followed.add(owner["id"])
            note(unit, owner["id"], FOUND, now, order=row.activation_id)
            desk.announce(unit, owner["user_id"], owner["id"])
        elif owner["doubted"] or owner["last"] in _OPEN:
            _keep_from_others(unit, owner, row.activation_id, row.service, now)
    return [row for row in free if row.activation_id not in held]


def _same_number(row: ActiveRow, owner: Mapping[str, Any]) -> bool:
    """Providers sell one phone for several services at once; those are other orders."""
    return row.phone == owner["phone"] and row.service in {None, owner["external_service"]}


def _keep_from_others(
    unit: UnitOfWork, owner: Any, order_id: str, service: str | None, now: datetime
) -> None:
    """Whatever a listing shows under this id was bought and booked with the owner's order."""
    unit.run(
        _FORMER,
        account_id=owner["account_id"],
        upstream_id=order_id,
        phone=owner["phone"],
        service=service,
        now=now,
    )
