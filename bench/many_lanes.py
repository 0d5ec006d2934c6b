"""A market of many lanes: what a provider is worth differs by service and country.

Each lane sees few orders, so most of what is believed of it is borrowed from what is beside it.
Halfway every provider changes its quality for another's. Everything follows from one seed.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Final

from bench import market
from bench.market import FAILURE_COST, PROVIDERS, SECONDS_BETWEEN, SELL, START, Outcome
from bench.routers import candidate_of
from nexnum_console.providers.performance import Observation, Scope, Tally, believe
from nexnum_console.routing.plan import Wish, plan
from nexnum_console.routing.policy import Policy

SERVICES: Final = 5
COUNTRIES: Final = 8
# How far a provider's log-odds differ between its services, and there between countries.
APART: Final = 0.5

Levels = dict[tuple[int, int, int], float]


def run(seed: int, orders: int) -> Outcome:
    """Serve ``orders`` with the production plan and learning; outcomes are known at once."""
    rng, luck, chance = Random(seed), Random(seed + 1_000_003), Random(seed + 2_000_003)
    sellers = market.sellers(rng)
    levels = _levels([seller.level for seller in sellers], rng)
    changed = list(range(PROVIDERS))
    rng.shuffle(changed)
    offers = [candidate_of(seller) for seller in sellers]
    policy = Policy(failure_cost=FAILURE_COST, minute_cost=0)
    tallies: dict[Scope, Tally] = {}
    outcome = Outcome()
    for order in range(orders):
        if order == orders // 2:
            levels = {(p, s, c): levels[changed[p], s, c] for p, s, c in levels}
        now = START + timedelta(seconds=order * SECONDS_BETWEEN)
        lane = _drawn(SERVICES, rng), _drawn(COUNTRIES, rng)
        scopes = [Scope(p, f"s{lane[0]}", f"c{lane[1]}", "any") for p in range(PROVIDERS)]
        beliefs = [believe(scope, tallies, now) for scope in scopes]
        chosen = plan(
            offers,
            wish=Wish(max_price=SELL),
            policy=policy,
            belief_of=lambda offer: beliefs[offer.provider_id],  # noqa: B023  called at once
            rng=chance,
        )
        first = chosen.candidates[0].provider_id
        for seller in sellers:
            seller.level = levels[seller.place, *lane]
        outcome.profit += sellers[first].worth(order)
        outcome.oracle += max(seller.worth(order) for seller in sellers)
        arrived = luck.random() < sellers[first].success(order)
        seen = Observation(
            scopes[first],
            "delivered" if arrived else "undelivered",
            now,
            sellers[first].median if arrived else None,
        )
        for each in seen.scope.chain():
            tallies[each] = tallies.get(each, Tally(now)).after(seen)
    return outcome


def _levels(whole: list[float], rng: Random) -> Levels:
    found = {}
    for provider, level in enumerate(whole):
        for service in range(SERVICES):
            there = level + rng.gauss(0, APART)
            for country in range(COUNTRIES):
                found[provider, service, country] = there + rng.gauss(0, APART)
    return found


def _drawn(count: int, rng: Random) -> int:
    """One of ``count``; the next is asked for half, a third … as often as the first."""
    return rng.choices(range(count), [1 / (place + 1) for place in range(count)])[0]
