"""One plan for one order: everything a plan needs, read and handed to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from nexnum_console.catalogue.service import candidates
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.runtime_settings import rules
from nexnum_console.routing.knowledge import known
from nexnum_console.routing.plan import Plan, Wish, plan
from nexnum_console.routing.policy import policy_of, strategy_named

# Of some accounts those that must not be asked to sell now, and why.
Shut = Callable[[Iterable[int]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to buy. ``strategy`` "": the admin's default; ``account_id``: of this
    account only; the rest as ``Wish``."""

    service: str
    country: str
    operator: str = "any"
    strategy: str = ""
    max_price: int | None = None
    provider: str | None = None
    account_id: int | None = None


def choose(
    unit: UnitOfWork,
    wanted: Wanted,
    *,
    shut: Shut,
    rng: Random,
    now: datetime,
    open_cap: bool = False,
) -> Plan:
    """The plan for an order, its cap, and why the rest was left out. InvalidInput for a strategy
    that does not exist."""
    policy = policy_of(rules(unit))
    strategy = strategy_named(wanted.strategy or policy.default_strategy)
    found = candidates(unit, wanted.service, wanted.country, wanted.operator, now=now)
    if wanted.account_id is not None:
        found = [each for each in found if each.account_id == wanted.account_id]
    knowledge = known(unit, wanted.service, wanted.country, now)
    return plan(
        found,
        wish=Wish(strategy, wanted.max_price, wanted.provider, open_cap),
        policy=policy,
        belief_of=knowledge.belief_of(now),
        rng=rng,
        shut=shut({candidate.account_id for candidate in found}),
        ruling_of=knowledge.ruling_of,
    )
