"""The carriers' books against ours: what they charged for is one order's, or a booked stray."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from nexnum_console.core.db import Database
from nexnum_console.trial.buyer import JSON
from nexnum_console.trial.single import TrialFailed


def unowned(database: Database, orders: Sequence[JSON]) -> list[str]:
    """Ids of carriers' orders that cost us money and belong to nobody here.

    ``orders`` are rows of the sandbox's ``/control/orders``.
    """
    charged = {order["id"] for order in orders if Decimal(order["charged"]) > 0}
    return sorted(charged - _known(database, charged))


def compare(database: Database, orders: Sequence[JSON]) -> dict[str, Any]:
    """Each number a carrier charged us for is one order's, or a booked stray; never two.

    Returns counts; raises TrialFailed with the ids.
    """
    with database.transaction() as unit:
        twice = unit.all(
            "select account_id, upstream_id from activation where upstream_id is not null"
            " group by 1, 2 having count(*) > 1"
        )
        bound = unit.scalar("select count(*) from activation where upstream_id is not null")
        sold = unit.scalar("select count(*) from attempt where state = 'acquired'")
    if twice or bound != sold:
        raise TrialFailed(f"bought twice: {[dict(row) for row in twice]}, {bound} bound, {sold}")
    orphans = unowned(database, orders)
    if orphans:
        raise TrialFailed(f"numbers without an owner: {orphans}")
    charged = sum(Decimal(order["charged"]) > 0 for order in orders)
    return {"sold_by_carriers": len(orders), "charged_by_carriers": charged, "bound": bound}


def _known(database: Database, ids: Iterable[str]) -> set[str]:
    with database.transaction() as unit:
        found = unit.run(
            "select upstream_id from activation where upstream_id = any(:ids)"
            " union select upstream_id from sighting where upstream_id = any(:ids)"
            " and state in ('cancelled','lost')",
            ids=list(ids),
        ).scalars()
        return set(found)
