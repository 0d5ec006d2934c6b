"""Quotes: a plan and its price cap, shown first and honoured for a minute."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.catalogue.service import Candidate, candidates
from nexnum_console.core.db import UnitOfWork
from nexnum_console.routing.choose import Shut, Wanted
from nexnum_console.routing.decisions import Choice, choice_of
from nexnum_console.routing.errors import QuoteExpired, QuoteNotFound, QuoteUsed
from nexnum_console.routing.knowledge import known
from nexnum_console.routing.plan import Plan, Ruling, Wish, why_not

HONOURED: Final = timedelta(seconds=60)
KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A quote that may be bought with; ``offers`` in the order they are asked."""

    id: str
    wanted: Wanted
    price_cap: int
    offers: tuple[dict[str, Any], ...]
    choice: Choice
    expires_at: datetime


def quote(unit: UnitOfWork, user_id: int, wanted: Wanted, chosen: Plan, now: datetime) -> Held:
    """Keep a plan with candidates for ``user_id``; the id cannot be guessed."""
    offers = tuple(
        {"offer": c.offer_id, "account": c.account_id, "price": c.price_micro, "cost": c.cost_micro}
        for c in chosen.candidates
    )
    wanted = replace(wanted, strategy=chosen.strategy)
    held = Held(
        secrets.token_urlsafe(18),
        wanted,
        chosen.price_cap,
        offers,
        choice_of(chosen),
        now + HONOURED,
    )
    unit.run(
        "insert into quote (id, user_id, service, country, operator, strategy, price_cap, offers,"
        " plan, created_at, expires_at) values (:id, :user_id, :service, :country, :operator,"
        " :strategy, :price_cap, cast(:offers as jsonb), cast(:plan as jsonb), :now, :expires_at)",
        id=held.id,
        user_id=user_id,
        service=wanted.service,
        country=wanted.country,
        operator=wanted.operator,
        strategy=wanted.strategy,
        price_cap=held.price_cap,
        offers=json.dumps(offers),
        plan=json.dumps(held.choice.document()),
        now=now,
        expires_at=held.expires_at,
    )
    return held


def take(unit: UnitOfWork, quote_id: str, user_id: int, now: datetime) -> Held:
    """The user's quote, locked until the transaction ends; QuoteNotFound, QuoteUsed, QuoteExpired.

    A foreign quote is told like one that does not exist.
    """
    row = unit.first(
        "select * from quote where id = :id and user_id = :user_id for update",
        id=quote_id,
        user_id=user_id,
    )
    if row is None:
        raise QuoteNotFound("You have no such quote; nothing was bought. Ask for a new one.")
    if row["activation_id"] is not None:
        raise QuoteUsed(
            "A number was ordered with this quote already; nothing more was bought."
            " Ask for a new one.",
            activation_id=row["activation_id"],
        )
    if now >= row["expires_at"]:
        seconds = int(HONOURED.total_seconds())
        raise QuoteExpired(
            f"A quote holds for {seconds} seconds and this one is over; nothing was bought."
            " Ask for a new one."
        )
    wanted = Wanted(row["service"], row["country"], row["operator"], row["strategy"])
    return Held(
        row["id"],
        wanted,
        row["price_cap"],
        tuple(row["offers"]),
        Choice(**row["plan"]),
        row["expires_at"],
    )


def use(unit: UnitOfWork, held: Held, activation_id: int) -> None:
    """Mark a taken quote as bought with."""
    unit.run(
        "update quote set activation_id = :activation where id = :id",
        activation=activation_id,
        id=held.id,
    )


def again(unit: UnitOfWork, held: Held, *, shut: Shut, now: datetime) -> Plan:
    """The quote's plan as it can be carried out now."""
    wanted = held.wanted
    found = candidates(unit, wanted.service, wanted.country, wanted.operator, now=now)
    knowledge = known(unit, wanted.service, wanted.country, now)
    accounts = shut({candidate.account_id for candidate in found})
    return honoured(held, found, accounts, knowledge.ruling_of)


def honoured(
    held: Held,
    found: Sequence[Candidate],
    shut: Container[int],
    ruling_of: Callable[[Candidate], Ruling],
) -> Plan:
    """Candidates of the quote that can still be asked, none dearer than it was quoted; pure.

    What became cheaper is sold cheaper. What became dearer is asked for at the quoted cost, which
    goes upstream as the cap, so that nobody pays the difference.
    """
    now = {(each.offer_id, each.account_id): each for each in found}
    chosen: list[Candidate] = []
    excluded: list[tuple[Candidate, str]] = []
    for offer in held.offers:
        current = now.get((offer["offer"], offer["account"]))
        if current is None:
            continue
        candidate = replace(
            current,
            price_micro=min(current.price_micro, offer["price"]),
            cost_micro=min(current.cost_micro, offer["cost"]),
        )
        reason = why_not(candidate, Wish(max_price=held.price_cap), shut, ruling_of(candidate))
        if reason is None:
            chosen.append(candidate)
        else:
            excluded.append((candidate, reason))
    cap = max((candidate.price_micro for candidate in chosen), default=0)
    return Plan(tuple(chosen), tuple(excluded), cap)


def sweep(unit: UnitOfWork, now: datetime) -> int:
    """Forget quotes that nobody can use any more; returns how many."""
    return unit.run("delete from quote where expires_at < :before", before=now - KEPT).rowcount
