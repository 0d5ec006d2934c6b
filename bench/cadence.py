"""The cadence alone, in virtual time: more numbers than an account has calls for.

Every policy gets the same purchases, the same SMS and the same limit, which each of them uses up,
so what differs is only whom it asks. The learning, the curves and the price of a call are the
product's.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean, median
from typing import Any, Final

from bench.rounds import percentile
from nexnum_console.activations.cadence import Group, gap, price_of_a_call
from nexnum_console.providers.arrival import FIRST, STARTS, Curve, curve
from nexnum_console.providers.performance import Observation, Scope, Tally

LIMIT: Final = 10.0
LEAST: Final = 5.0
LIFE: Final = 1200.0
HOURS: Final = 3.0
WARM_UP: Final = 1800.0
REFRESH: Final = 5.0
SEED: Final = 5
# Purchases a second: how many times the limit a look every LEAST seconds would need.
LOADS: Final = (0.3, 0.6, 1.2, 2.4)
START: Final = datetime(2026, 11, 1, tzinfo=UTC)
# service: its share of the orders, chance of a code, median wait in seconds, spread (log-normal)
SERVICES: Final = {
    "quick": (0.4, 0.9, 9.0, 0.5),
    "usual": (0.3, 0.7, 25.0, 0.7),
    "slow": (0.2, 0.6, 70.0, 0.8),
    "hardly": (0.1, 0.1, 60.0, 1.0),
}
# The reference asks by age alone: (up to this age, every so many seconds), as in its source.
BY_AGE: Final = ((30, 3.5), (120, 5.5), (300, 8.0), (600, 12.25), (900, 15.0), (1e9, 20.0))


@dataclass(slots=True)
class Number:
    """One live number; ``sms_at`` is when its code exists, None for never."""

    service: str
    bought_at: float
    sms_at: float | None
    next_at: float


@dataclass(slots=True)
class Policy:
    """``wait`` says how long until the next look at a number of this age; ``heard`` is told each
    outcome, ``weigh`` sees all live numbers every REFRESH seconds."""

    wait: Callable[[Number, float], float]
    heard: Callable[[Number, float, bool], None] = lambda number, now, came: None
    weigh: Callable[[list[Number], float], None] = lambda live, now: None


@dataclass(slots=True)
class Outcome:
    """Seconds from SMS to seen, and what was spent."""

    delays: list[float] = field(default_factory=list)
    calls: int = 0
    live: list[int] = field(default_factory=list)

    def document(self) -> dict[str, float | int]:
        """As JSON."""
        return {
            "median_s": round(median(self.delays), 2),
            "mean_s": round(fmean(self.delays), 2),
            "p95_s": round(percentile(self.delays, 95), 2),
            "calls": self.calls,
            "codes": len(self.delays),
            "live": round(fmean(self.live)),
        }


def fixed() -> Policy:
    """Every number every LEAST seconds, or as soon after as the limit lets it."""
    return Policy(lambda number, now: LEAST)


def by_age() -> Policy:
    """The reference's steps by age, never below LEAST."""

    def wait(number: Number, now: float) -> float:
        age = now - number.bought_at
        return max(LEAST, next(every for most, every in BY_AGE if age <= most))

    return Policy(wait)


def by_hazard() -> Policy:
    """The product's: learned arrivals, and the price of a call that fits the limit."""
    tallies: dict[Scope, Tally] = {}
    curves: dict[str, Curve] = {}
    price = 0.0

    def scope(number: Number) -> Scope:
        return Scope(1, number.service, "GB")

    def heard(number: Number, now: float, came: bool) -> None:
        at = START + timedelta(seconds=now)
        seconds = now - number.bought_at
        event = Observation(
            scope(number), "delivered" if came else "undelivered", at, seconds if came else None
        )
        for each in dict.fromkeys(event.scope.chain()):
            tallies[each] = tallies.get(each, Tally(at)).after(event)

    def weigh(live: list[Number], now: float) -> None:
        nonlocal price
        at = START + timedelta(seconds=now)
        curves.update({name: curve(Scope(1, name, "GB"), tallies, at) for name in SERVICES})
        alike = Counter(
            (one.service, bisect_right(STARTS, now - one.bought_at) - 1) for one in live
        )
        groups = [
            Group(number, curves[name].hazards[place], LEAST)
            for (name, place), number in alike.items()
        ]
        price = price_of_a_call(groups, LIMIT) if groups else 0.0

    def wait(number: Number, now: float) -> float:
        return gap(curves.get(number.service, FIRST).ahead(now - number.bought_at), price, LEAST)

    return Policy(wait, heard, weigh)


POLICIES: Final = {"fixed": fixed, "by_age": by_age, "by_hazard": by_hazard}


def play(policy: Policy, load: float, seed: int = SEED) -> Outcome:
    """HOURS of one account; what came before WARM_UP is learned from and not counted."""
    purchases, outcome = _purchases(Random(seed), load), Outcome()
    coming = next(purchases)
    due: list[tuple[float, int, Number]] = []
    live: dict[int, Number] = {}
    now, order, weighed = 0.0, 0, -REFRESH
    while now < HOURS * 3600:
        now += 1 / LIMIT
        while coming.bought_at <= now:
            order += 1
            live[order] = coming
            coming.next_at = coming.bought_at + LEAST
            heapq.heappush(due, (coming.next_at, order, coming))
            coming = next(purchases)
        if now - weighed >= REFRESH:
            weighed = now
            policy.weigh(list(live.values()), now)
            outcome.live.append(len(live))
        if due and due[0][0] <= now:
            _, key, number = heapq.heappop(due)
            outcome.calls += 1
            if _looked(policy, outcome, number, now):
                del live[key]
            else:
                number.next_at = now + policy.wait(number, now)
                heapq.heappush(due, (number.next_at, key, number))
    return outcome


def table() -> dict[str, Any]:
    """Every policy under every load, by the number of live numbers that the load means."""
    return {
        f"load_{load:g}": {name: play(made(), load).document() for name, made in POLICIES.items()}
        for load in LOADS
    }


def _looked(policy: Policy, outcome: Outcome, number: Number, now: float) -> bool:
    """One call; True when the number needs no other."""
    came = number.sms_at is not None and number.sms_at <= now
    if came:
        if number.bought_at > WARM_UP:
            outcome.delays.append(now - (number.sms_at or now))
        policy.heard(number, now, True)
        return True
    if now >= number.bought_at + LIFE:
        policy.heard(number, now, False)
        return True
    return False


def _purchases(rng: Random, load: float) -> Iterator[Number]:
    at, names = 0.0, list(SERVICES)
    weights = [SERVICES[name][0] for name in names]
    while True:
        at += rng.expovariate(load)
        name = rng.choices(names, weights)[0]
        _, chance, middle, spread = SERVICES[name]
        sms = at + middle * rng.lognormvariate(0.0, spread)
        comes = rng.random() < chance and sms < at + LIFE
        yield Number(name, at, sms if comes else None, at)
