"""The same number once more, where its provider offers that: an order like any other, asked of one
account by the order the number had before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.errors import ActivationNotFound, NotReusable
from nexnum_console.catalogue.service import ANY, Again
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.routing.choose import Wanted, choose
from nexnum_console.routing.plan import Plan

OPERATION: Final = "reuse"


@dataclass(frozen=True, slots=True)
class Former:
    """A closed order that had its code, and whose number may be asked for again."""

    activation_id: int
    account_id: int
    service: str
    country: str
    operator: str
    number: Again


def former(unit: UnitOfWork, desk: Desk, activation_id: int, user_id: int) -> Former:
    """The user's own order. Raises ActivationNotFound, or NotReusable with the reason."""
    row = unit.first(
        "select id, state, account_id, upstream_id, phone, service, country, operator"
        " from activation where id = :id and user_id = :user_id",
        id=activation_id,
        user_id=user_id,
    )
    if row is None:
        raise ActivationNotFound(f"you have no activation {activation_id}")
    if row["state"] != "finished":
        raise NotReusable(
            "Only a number that had its code and is finished can be taken again;"
            " nothing was bought."
        )
    if not offers_reuse(unit, desk, row["account_id"]):
        raise NotReusable(
            "This number's carrier does not give a number twice; nothing was bought."
            " Buy another number for the same service instead"
        )
    number = Again(row["upstream_id"], row["phone"])
    place = row["service"], row["country"], row["operator"]
    return Former(row["id"], row["account_id"], *place, number)


def offers_reuse(unit: UnitOfWork, desk: Desk, account_id: int | None) -> bool:
    """Whether the account's carrier takes such an order; False for one switched off."""
    if account_id is None:
        return False
    try:
        return desk.carriers.get(account_id, unit).client.supports(OPERATION)
    except NotFound:
        return False


def plan_again(
    unit: UnitOfWork, desk: Desk, number: Former, max_price: int | None, now: datetime
) -> Plan:
    """A plan of one call at most, at the price on display for the number's operator."""
    wanted = Wanted(
        number.service,
        number.country,
        number.operator,
        "cheapest",
        max_price,
        account_id=number.account_id,
    )
    chosen = choose(unit, wanted, shut=desk.shut, rng=desk.rng, now=now)
    if not chosen.candidates and number.operator != ANY:
        anyone = replace(wanted, operator=ANY)
        chosen = choose(unit, anyone, shut=desk.shut, rng=desk.rng, now=now)
    only = tuple(replace(each, again=number.number) for each in chosen.candidates[:1])
    cap = only[0].price_micro if only else chosen.price_cap
    return replace(chosen, candidates=only, price_cap=cap)
