"""What taking a number once more would cost, before anything is bought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.errors import NotReusable
from nexnum_console.activations.reuse import former, plan_again
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.phones import international
from nexnum_console.reports.words import flag, initials, money, tile

NOTHING: Final = (
    "Its carrier has nothing for this service there now. Try later, or buy another number."
)


@dataclass(frozen=True, slots=True)
class AgainOffer:
    """One number; ``why`` is set, and ``price_micro`` 0, where it is not to be had now."""

    id: int = 0
    phone: str = ""
    service_name: str = ""
    initials: str = ""
    tile: int = 0
    country_name: str = ""
    flag: str = ""
    other: str = ""
    price: str = ""
    price_micro: int = 0
    balance_after: str = ""
    missing: str = ""
    why: str = ""


def again(
    unit: UnitOfWork, desk: Desk, activation_id: int, user_id: int, available: int
) -> AgainOffer:
    """The number of the user's order at its present price; ``available`` is the balance in
    micro-units. An empty one where the user has no such order."""
    row = unit.first(
        "select a.id, s.name as service, c.name as country, a.phone, a.service as code,"
        " a.country as iso2 from activation a join service s on s.code = a.service"
        " join country c on c.iso2 = a.country where a.id = :id and a.user_id = :user_id",
        id=activation_id,
        user_id=user_id,
    )
    if row is None:
        return AgainOffer()
    price, why = _price(unit, desk, activation_id, user_id)
    offer = AgainOffer(
        id=row["id"],
        phone=international(row["phone"] or ""),
        service_name=row["service"],
        initials=initials(row["service"]),
        tile=tile(row["service"]),
        country_name=row["country"],
        flag=flag(row["iso2"]),
        other=f"/store?service={row['code']}&country={row['iso2']}",
        why=why,
    )
    left = available - price
    if why:
        return offer
    currency = desk.wallet_currency
    return replace(
        offer,
        price=money(price, currency),
        price_micro=price,
        balance_after=money(max(left, 0), currency),
        missing="" if left >= 0 else money(-left, currency),
    )


def _price(unit: UnitOfWork, desk: Desk, activation_id: int, user_id: int) -> tuple[int, str]:
    try:
        number = former(unit, desk, activation_id, user_id)
    except NotReusable as refusal:
        return 0, refusal.message
    chosen = plan_again(unit, desk, number, None, desk.clock())
    return (chosen.price_cap, "") if chosen.candidates else (0, NOTHING)
