"""An offer whose price turned out to be another than the one on display."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.notifications.alerts import close_alert, last_seen, raise_alert

ALERT: Final = "price_jump"
# A provider that always takes more than it lists would else be told of after each sync.
QUIET: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offered:
    """What an account was asked for, in our codes; ``cost`` (micro-units, its currency) is the one
    that the buyer's price was made of."""

    account_id: int
    country: str
    service: str
    operator: str
    cost: int


def take_off(unit: UnitOfWork, offered: Offered, now: datetime) -> bool:
    """Sell it no more until the next sync has read its price; False where one already did."""
    found = unit.scalar(
        "update offer o set available = false, updated_at = :now from provider_account a"
        " where a.id = :account_id and o.provider_id = a.provider_id and o.country = :country"
        " and o.service = :service and o.operator = :operator and o.cost_micro <= :cost"
        " and o.available returning true",
        account_id=offered.account_id,
        country=offered.country,
        service=offered.service,
        operator=offered.operator,
        cost=offered.cost,
        now=now,
    )
    return bool(found)


def tell(unit: UnitOfWork, provider: str, offered: Offered, paid: int, now: datetime) -> None:
    """A number cost more than its buyer's price was made of: the house pays the difference.

    One alert for each provider, until a sync finds that it has not come for a day; it counts how
    often.
    """
    raise_alert(
        unit,
        ALERT,
        provider,
        f"{provider} took {format_micro(paid)} for a number of {offered.service} in"
        f" {offered.country} that its list sells for {format_micro(offered.cost)}; the buyer paid"
        " the price shown and the difference is ours. What costs more than its list says is off"
        " the shelf until the next sync. If this comes again, take the provider's maximum price"
        " into its buy request, or raise its margin.",
        now,
    )


def prices_read(unit: UnitOfWork, provider: str, now: datetime) -> None:
    """A sync has read every price of the provider."""
    told = last_seen(unit, ALERT).get(provider)
    if told is not None and now - told >= QUIET:
        close_alert(unit, ALERT, provider, now)
