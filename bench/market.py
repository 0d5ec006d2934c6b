"""A market to route orders in: eight providers whose quality drifts and who fail for a while.

Everything follows from one seed. A router sees what a real one sees: who sold a number and,
later, whether its code came. What an order is worth is counted by expectation, so that luck with
single orders tells no router from another.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, Protocol

PROVIDERS: Final = 8
ORDERS: Final = 20_000
SELL: Final = 300_000
FAILURE_COST: Final = 50_000
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS_BETWEEN: Final = 20.0
# The best provider delivers nothing for a fifth of all orders; two others have shorter trouble.
OUTAGE: Final = (0.4, 0.6)
SHORT_OUTAGE: Final = 0.05
DRIFT: Final = 0.005
DRIFT_EVERY: Final = 20
REACH: Final = (-1.5, 2.9)


@dataclass
class Seller:
    """A provider of the market. ``level``: log-odds that a number gets its code."""

    place: int
    cost: int
    level: float
    in_stock: float
    median: float
    stock: int
    dead: list[tuple[int, int]] = field(default_factory=list)

    def success(self, order: int) -> float:
        """The chance of a code now."""
        if any(start <= order < end for start, end in self.dead):
            return 0.0
        return 1 / (1 + math.exp(-self.level))

    def worth(self, order: int) -> float:
        """What one number of it brings by expectation, in micro-units."""
        p = self.success(order)
        return p * (SELL - self.cost) - (1 - p) * FAILURE_COST


@dataclass(frozen=True, slots=True)
class Known:
    """An outcome that becomes known: ``event`` as in ``providers.performance``."""

    place: int
    event: str
    at: datetime
    seconds: float | None = None
    sold_at: datetime | None = None


class Router(Protocol):
    """Chooses an order of providers and learns."""

    def choose(self, now: datetime) -> Sequence[int]:
        """Places in the order they are asked."""
        ...

    def learn(self, known: Known) -> None:
        """What became of an earlier choice."""
        ...


@dataclass
class Outcome:
    """Totals of one run, in micro-units; ``outage_*`` within the long outage alone."""

    profit: float = 0.0
    oracle: float = 0.0
    outage_profit: float = 0.0
    outage_oracle: float = 0.0
    led: list[int] = field(default_factory=lambda: [0] * PROVIDERS)

    @property
    def ratio(self) -> float:
        """Share of what somebody who knows everything would have earned."""
        return self.profit / self.oracle

    @property
    def regret(self) -> float:
        """What the outage cost beside the oracle, in wallet units."""
        return (self.outage_oracle - self.outage_profit) / 1_000_000


def sellers(rng: Random) -> list[Seller]:
    """Eight providers: who costs more tends to deliver more."""
    found = []
    for place in range(PROVIDERS):
        cost = rng.randrange(80_000, 220_000)
        level = rng.gauss((cost - 150_000) / 100_000 + 0.7, 0.9)
        level = min(max(level, REACH[0]), REACH[1])
        stock = rng.choice([40, 400, 4_000])
        found.append(Seller(place, cost, level, rng.uniform(0.8, 0.99), rng.uniform(8, 60), stock))
    return found


def run(
    seed: int, router_of: Callable[[list[Seller], Random], Router], *, orders: int, delayed: bool
) -> Outcome:
    """Serve ``orders``; ``delayed`` outcomes are known when an SMS, or the end of patience, comes.

    The market's own chance does not depend on what the router does.
    """
    rng, luck = Random(seed), Random(seed + 1_000_003)
    market = sellers(rng)
    router = router_of(market, Random(seed + 2_000_003))
    start, end = (int(share * orders) for share in OUTAGE)
    outcome, number = Outcome(), 0
    coming: list[tuple[datetime, int, Known]] = []
    for order in range(orders):
        now = START + timedelta(seconds=order * SECONDS_BETWEEN)
        _trouble(order, market, rng, start, end, orders)
        while coming and coming[0][0] <= now:
            router.learn(heapq.heappop(coming)[2])
        stocked = [rng.random() < seller.in_stock for seller in market]
        best = max((s.worth(order) for s in market if stocked[s.place]), default=0.0)
        best = max(best, 0.0)
        chosen = router.choose(now)
        outcome.led[chosen[0]] += 1
        sold = None
        for place in chosen[:5]:
            if stocked[place]:
                sold = market[place]
                break
            router.learn(Known(place, "no_stock", now))
        earned = 0.0
        if sold is not None:
            router.learn(Known(sold.place, "bought", now))
            earned = sold.worth(order)
            number += 1
            known = _ended(sold, order, now, luck, delayed=delayed)
            heapq.heappush(coming, (known.at, number, known))
        outcome.profit += earned
        outcome.oracle += best
        if start <= order < end:
            outcome.outage_profit += earned
            outcome.outage_oracle += best
    return outcome


def _trouble(
    order: int, market: list[Seller], rng: Random, start: int, end: int, orders: int
) -> None:
    """Drift, and the beginnings of outages."""
    if order % DRIFT_EVERY == 0:
        for seller in market:
            moved = seller.level + rng.gauss(0, DRIFT * DRIFT_EVERY**0.5)
            seller.level = min(max(moved, REACH[0]), REACH[1])
    if order == start:
        max(market, key=lambda s: s.worth(order)).dead.append((start, end))
    short = int(SHORT_OUTAGE * orders)
    if order in (int(0.2 * orders), int(0.75 * orders)):
        max(market, key=lambda s: s.worth(order)).dead.append((order, order + short))


def _ended(seller: Seller, order: int, now: datetime, luck: Random, *, delayed: bool) -> Known:
    arrived = luck.random() < seller.success(order)
    seconds = luck.lognormvariate(math.log(seller.median), 0.6)
    patience = luck.uniform(120, 600)
    event = "delivered" if arrived else "undelivered"
    after = (seconds if arrived else patience) if delayed else 0.0
    at, waited = now + timedelta(seconds=after), seconds if arrived else None
    return Known(seller.place, event, at, waited, sold_at=now)
