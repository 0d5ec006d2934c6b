"""The routers that the market compares: the product's own code, and the reference's formula."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from bench.market import FAILURE_COST, SELL, Known, Router, Seller
from nexnum_console.catalogue.service import Candidate
from nexnum_console.providers.performance import Belief, Observation, Scope, Tally, believe
from nexnum_console.routing.plan import Plan, Wish, plan
from nexnum_console.routing.policy import Policy

# A belief is as fresh as in the product, where a process keeps what it read for a moment.
FRESH: Final = timedelta(seconds=60)


class ProductRouter:
    """Plans and learns with the production code; only the table is a dictionary here."""

    def __init__(self, market: list[Seller], rng: Random, policy: Policy | None = None) -> None:
        self._rng = rng
        # The market's own terms: a failure costs what it says, and waiting costs nothing.
        self._policy = policy or Policy(failure_cost=FAILURE_COST, minute_cost=0)
        self._candidates = [candidate_of(seller) for seller in market]
        self._tallies: dict[Scope, Tally] = {}
        self._beliefs: dict[int, tuple[datetime, Belief]] = {}
        self.last: Plan | None = None

    def choose(self, now: datetime) -> Sequence[int]:
        """The plan's order."""
        self.last = plan(
            self._candidates,
            wish=Wish(max_price=SELL),
            policy=self._policy,
            belief_of=lambda candidate: self._belief(candidate, now),
            rng=self._rng,
        )
        return [candidate.provider_id for candidate in self.last.candidates]

    def learn(self, known: Known) -> None:
        """Move the tallies on as the product does."""
        scope = scope_of(known.place)
        seen = Observation(scope, known.event, known.at, known.seconds, known.sold_at)  # type: ignore[arg-type]
        for each in scope.chain():
            self._tallies[each] = self._tallies.get(each, Tally(known.at)).after(seen)
        self._beliefs.pop(known.place, None)

    def _belief(self, candidate: Candidate, now: datetime) -> Belief:
        read, belief = self._beliefs.get(candidate.provider_id, (None, None))
        if belief is None or read is None or now - read > FRESH:
            belief = believe(scope_of(candidate.provider_id), self._tallies, now)
            self._beliefs[candidate.provider_id] = (now, belief)
        return belief


class ReferenceRouter:
    """The score of the platform this product replaces, as its source computes it.

    Success in a window of 60 s that halves every 15 s, ± 0.05/(1 + failures in a row) of uniform
    noise, × log10(stock + 10), ÷ (average delivery of the last 50, 15 s until known and at least
    2 s, in tens of seconds × price). Weight, priority and load are 1 here. Five failures in a row
    shut a provider for 30 s. It is told of deliveries, which its source does not even learn.
    """

    WINDOW: Final = 60.0
    HALF_LIFE: Final = 15.0
    UNKNOWN: Final = 0.5

    def __init__(self, market: list[Seller], rng: Random) -> None:
        self._rng = rng
        self._market = market
        self._requests: list[deque[tuple[datetime, bool]]] = [deque() for _ in market]
        self._waits: list[deque[float]] = [deque(maxlen=50) for _ in market]
        self._failures = [0] * len(market)
        self._open_until: list[datetime | None] = [None] * len(market)

    def choose(self, now: datetime) -> Sequence[int]:
        """Healthy providers by score; with every breaker open, all of them."""
        able = [s for s in self._market if not self._is_open(s.place, now)] or self._market
        scores = {s.place: self._score(s, now) for s in able}
        return sorted(scores, key=lambda place: -scores[place])

    def learn(self, known: Known) -> None:
        """Purchases and deliveries in one measure; "no stock" trips no breaker."""
        success = known.event in ("bought", "delivered")
        self._requests[known.place].append((known.at, success))
        if known.seconds is not None:
            self._waits[known.place].append(known.seconds * 1000)
        if success:
            self._failures[known.place] = 0
        elif known.event != "no_stock":
            self._failures[known.place] += 1
            if self._failures[known.place] >= 5:
                self._open_until[known.place] = known.at + timedelta(seconds=30)

    def _is_open(self, place: int, now: datetime) -> bool:
        until = self._open_until[place]
        return until is not None and now < until

    def _score(self, seller: Seller, now: datetime) -> float:
        noise = (self._rng.random() - 0.5) * 0.1 / (1 + self._failures[seller.place])
        success = min(1.0, max(0.01, self._success(seller.place, now) + noise))
        waits = self._waits[seller.place]
        delivery = max(sum(waits) / len(waits) if waits else 15_000.0, 2_000.0)
        price = seller.cost / 1_000_000
        return success * math.log10(seller.stock + 10) / (delivery / 10_000 * price)

    def _success(self, place: int, now: datetime) -> float:
        requests = self._requests[place]
        while requests and (now - requests[0][0]).total_seconds() > self.WINDOW:
            requests.popleft()
        if not requests:
            return self.UNKNOWN
        weights = [
            (0.5 ** ((now - at).total_seconds() / self.HALF_LIFE), success)
            for at, success in requests
        ]
        total = sum(weight for weight, _ in weights)
        return sum(weight for weight, success in weights if success) / total or self.UNKNOWN


def candidate_of(seller: Seller, number: int | None = None) -> Candidate:
    """The seller as the catalogue would offer it; everybody sells at the same price."""
    place = seller.place if number is None else number
    return Candidate(
        offer_id=place,
        provider_id=place,
        account_id=place,
        provider=f"provider-{place}",
        external_country="uk",
        external_service="tg",
        operator="any",
        cost_micro=seller.cost,
        currency="USD",
        rate=Decimal(1),
        price_micro=SELL,
        stock=seller.stock,
        priority=0,
        settle_seconds=150,
    )


def scope_of(place: int) -> Scope:
    """The leaf of the market's only lane."""
    return Scope(place, "telegram", "GB", "any")


# Ours first.
ROUTERS: Final[dict[str, Callable[[list[Seller], Random], Router]]] = {
    "product": ProductRouter,
    "reference": ReferenceRouter,
}
