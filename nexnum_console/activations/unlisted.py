"""Unknown purchases at a provider that has no list of live numbers.

Nothing there can tell whether a number was sold, and nothing is released while that is unknown:
the money stays held until a person has looked at the provider's own site and settled it by hand.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from nexnum_console.activations.desk import Desk, note
from nexnum_console.activations.lanes import RELIST_ALL, UNLISTED
from nexnum_console.core.db import UnitOfWork
from nexnum_console.notifications.alerts import close_alert, last_seen, raise_alert
from nexnum_console.providers.carrier import Carrier

ALERT: Final = "unlisted_purchase"


def hand_over(desk: Desk, carrier: Carrier, now: datetime) -> int:
    """Make the account's unknown purchases a person's to settle; returns how many there are.

    Each is marked once in its order's story, which takes it off the lane, and is an alert of its
    own, raised again once a day as long as nobody has settled it.
    """
    provider = carrier.terms.provider
    with desk.database.transaction() as unit:
        unknown = unit.all(_UNKNOWN, id=carrier.terms.account_id, kind=UNLISTED)
        told = last_seen(unit, ALERT) if unknown else {}
        for attempt in unknown:
            order = attempt["activation_id"]
            if not attempt["marked"]:
                note(unit, order, UNLISTED, now, provider=provider)
            at = told.get(_subject(provider, order))
            if at is None or now - at >= RELIST_ALL:
                _tell(unit, provider, attempt, now)
    return len(unknown)


def settled(unit: UnitOfWork, provider: str, activation_id: int, now: datetime) -> None:
    """An unknown purchase is known after all: its alert, if there is one, is closed."""
    close_alert(unit, ALERT, _subject(provider, activation_id), now)


def _tell(unit: UnitOfWork, provider: str, attempt: Any, now: datetime) -> None:
    order = attempt["activation_id"]
    sent, until = (attempt[name].strftime("%H:%M:%S") for name in ("sent_at", "settle_until"))
    named = f", its order {attempt['provider_order_id']}" if attempt["provider_order_id"] else ""
    raise_alert(
        unit,
        ALERT,
        _subject(provider, order),
        f"Nobody can say whether {provider} sold a number for activation {order} (asked at {sent}"
        f" UTC{named}), and it has no list that a worker could ask. The buyer's money stays held"
        f" until a person decides. Look at {provider}'s own site: cancel there what it sold for"
        f" this order, then, from {until} UTC on, settle “unknown:{attempt['id']}” under Open"
        " questions as not sold.",
        now,
    )


def _subject(provider: str, activation_id: int) -> str:
    return f"{provider}: activation {activation_id}"


_UNKNOWN: Final = """
select t.*, exists (select from activation_event e where e.activation_id = t.activation_id
  and e.kind = :kind) as marked
from attempt t join activation a on a.id = t.activation_id
where t.account_id = :id and t.state = 'unknown' order by t.id for update of t, a
"""
