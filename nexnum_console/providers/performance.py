"""How a provider has done, as counts that fade, and what to believe of its next order; pure.

Four scopes are kept: a provider, its service, that service in a country, and there an operator.
A scope nobody has tried yet borrows its expectation from the one above. Buying and delivering
are two outcomes; "no numbers" is supply, and counts against neither.

Beside its usual quality a scope may be out of order altogether, which a filter of two states
tracks: a row of failures where codes used to come is soon taken for an outage, not for a lesson,
and the first code after it brings the old quality back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import exp, log
from typing import Final, Literal

Event = Literal["bought", "refused", "no_stock", "delivered", "undelivered"]

# Each own sample outweighs the one before it, and what is idle is forgotten by the clock.
KEEP: Final = 0.995
HALF_LIFE: Final = timedelta(hours=12)
# What is in order breaks once in this time, and what is broken is mended in that.
BREAKS_AFTER: Final = timedelta(days=2)
MENDED_AFTER: Final = timedelta(hours=8)
USUALLY_WORKING: Final = BREAKS_AFTER / (BREAKS_AFTER + MENDED_AFTER)
# The chance of a code, and of a number, from a provider that is out of order.
BROKEN_DELIVERY: Final = 0.02
BROKEN_BUYING: Final = 0.5
# How many samples of its own a scope needs to weigh as much as what its parent says.
PARENT_WEIGHT: Final = 6.0
FIRST_DELIVERY: Final = (1.4, 0.6)
FIRST_BUYING: Final = (3.8, 0.2)
FIRST_STOCK: Final = (3.6, 0.4)
FIRST_SECONDS: Final = 60.0
ARRIVALS_LEAST: Final = 5.0
# Seconds; an arrival is counted in the first bin whose edge it does not exceed.
EDGES: Final = (
    *(2.0, 4.0, 6.0, 8.0, 10.0, 13.0, 16.0, 20.0, 25.0, 30.0, 40.0, 50.0),
    *(60.0, 80.0, 100.0, 120.0, 150.0, 180.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1200.0),
)
NO_ARRIVALS: Final = (0.0,) * (len(EDGES) + 1)


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Whose counts: empty words stand for "all of them"."""

    provider_id: int
    service: str = ""
    country: str = ""
    operator: str = ""

    def chain(self) -> tuple[Scope, ...]:
        """Provider, its service, that in the country, there the operator: widest first, each
        once."""
        of = self.provider_id
        service, country = self.service, self.country
        wider = (Scope(of), Scope(of, service), Scope(of, service, country), self)
        return tuple(dict.fromkeys(wider))


@dataclass(frozen=True, slots=True)
class Observation:
    """One outcome at a leaf scope. ``seconds``: from the number to its first SMS; ``sold_at``:
    when the number was sold, where that was before ``at``."""

    scope: Scope
    event: Event
    at: datetime
    seconds: float | None = None
    sold_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Faded counts of one scope as of ``at``; ``outcomes`` alone does not fade.

    ``working``: how likely it is in order. ``proved_at``: when the newest number was sold to which
    a code came; what was sold before that and failed is learned late, and tells of no outage.
    """

    at: datetime
    bought: float = 0.0
    refused: float = 0.0
    no_stock: float = 0.0
    delivered: float = 0.0
    undelivered: float = 0.0
    outcomes: int = 0
    working: float = USUALLY_WORKING
    proved_at: datetime | None = None
    arrivals: tuple[float, ...] = NO_ARRIVALS

    def aged(self, now: datetime) -> Tally:
        """The same counts as of ``now``; a clock that went back fades nothing."""
        passed = now - self.at
        if passed <= timedelta(0):
            return self
        share = 0.5 ** (passed / HALF_LIFE)
        stays = exp(-(passed / BREAKS_AFTER + passed / MENDED_AFTER))
        return replace(
            self,
            at=now,
            bought=self.bought * share,
            refused=self.refused * share,
            no_stock=self.no_stock * share,
            delivered=self.delivered * share,
            undelivered=self.undelivered * share,
            working=USUALLY_WORKING + (self.working - USUALLY_WORKING) * stays,
            arrivals=tuple([count * share for count in self.arrivals]),
        )

    def after(self, seen: Observation) -> Tally:
        """The counts with one more outcome; a failure counts by how likely it was no outage."""
        old = self.aged(seen.at)
        if seen.event == "delivered":
            return old._delivered(seen)
        if seen.event == "undelivered":
            return old._undelivered(seen)
        if seen.event == "no_stock":
            return replace(
                old,
                bought=old.bought * KEEP,
                refused=old.refused * KEEP,
                no_stock=old.no_stock * KEEP + 1,
            )
        good = seen.event == "bought"
        usual = _share(FIRST_BUYING, old.bought, old.refused)
        # Who delivers nothing may sell all the same: a number bought proves no order.
        working = old.working if good else _filtered(old.working, usual, BROKEN_BUYING, good=good)
        return replace(
            old,
            bought=old.bought * KEEP + good,
            refused=old.refused * KEEP + (0 if good else working),
            no_stock=old.no_stock * KEEP,
            working=working,
        )

    def _delivered(self, seen: Observation) -> Tally:
        sold = seen.sold_at or seen.at
        usual = _share(FIRST_DELIVERY, self.delivered, self.undelivered)
        return replace(
            self,
            delivered=self.delivered * KEEP + 1,
            undelivered=self.undelivered * KEEP,
            outcomes=self.outcomes + 1,
            working=_filtered(self.working, usual, BROKEN_DELIVERY, good=True),
            proved_at=sold if self.proved_at is None else max(sold, self.proved_at),
            arrivals=_arrived(self.arrivals, seen.seconds),
        )

    def _undelivered(self, seen: Observation) -> Tally:
        sold = seen.sold_at or seen.at
        disproved = self.proved_at is not None and sold <= self.proved_at
        usual = _share(FIRST_DELIVERY, self.delivered, self.undelivered)
        doubted = _filtered(self.working, usual, BROKEN_DELIVERY, good=False)
        return replace(
            self,
            delivered=self.delivered * KEEP,
            undelivered=self.undelivered * KEEP + (1 if disproved else doubted),
            outcomes=self.outcomes + 1,
            working=self.working if disproved else doubted,
        )


@dataclass(frozen=True, slots=True)
class Belief:
    """What to expect of one order: where the provider is in order, which it is with the chance
    ``working``, success has the distribution Beta(``hits``, ``misses``).

    ``centre`` and ``spread`` are mean and deviation of its log-odds, which are drawn as normal.
    ``seconds``: median wait for the SMS. ``in_stock``: chance that it sells at all. ``outcomes``:
    deliveries ever learned of the provider as a whole.
    """

    hits: float
    misses: float
    centre: float
    spread: float
    working: float
    seconds: float
    in_stock: float
    outcomes: int

    @property
    def mean(self) -> float:
        """The expected chance of success."""
        return self.working * self.hits / (self.hits + self.misses)


def believe(scope: Scope, tallies: Mapping[Scope, Tally], now: datetime) -> Belief:
    """What the counts of ``scope`` and all above it say of its next order."""
    chain = [tallies[each].aged(now) if each in tallies else Tally(now) for each in scope.chain()]
    deliver, buy, stock = _outcomes(chain)
    hits, misses = _both(deliver, buy)
    spread = _trigamma(hits) + _trigamma(misses)
    whole = tallies.get(scope.chain()[0])
    return Belief(
        hits=hits,
        misses=misses,
        centre=_digamma(hits) - _digamma(misses),
        spread=float(spread**0.5),
        working=working_now(scope.chain(), chain, tallies),
        seconds=_median_of([tally.arrivals for tally in chain]),
        in_stock=stock[0] / (stock[0] + stock[1]),
        outcomes=0 if whole is None else whole.outcomes,
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """Buying and delivering apart, each as a Beta (hits, misses) where the provider is in order."""

    buying: tuple[float, float]
    delivery: tuple[float, float]


def outlook(scope: Scope, tallies: Mapping[Scope, Tally], now: datetime) -> Outlook:
    """What ``believe`` puts together, still apart."""
    chain = [tallies[each].aged(now) if each in tallies else Tally(now) for each in scope.chain()]
    deliver, buy, _ = _outcomes(chain)
    return Outlook(buy, deliver)


def median_wait(scope: Scope, tallies: Mapping[Scope, Tally]) -> float:
    """Median seconds from number to SMS, of the narrowest scope that has seen enough."""
    return _median_of([tallies[each].arrivals for each in scope.chain() if each in tallies])


def _outcomes(
    chain: Sequence[Tally],
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Delivery, buying and stock, each scope with what is beside it as its prior."""
    deliver, buy, stock = FIRST_DELIVERY, FIRST_BUYING, FIRST_STOCK
    for tally in apart(chain):
        deliver = within(deliver, tally.delivered, tally.undelivered)
        buy = within(buy, tally.bought, tally.refused)
        stock = within(stock, tally.bought + tally.refused, tally.no_stock)
    return deliver, buy, stock


def apart(chain: Sequence[Tally]) -> list[Tally]:
    """Of each scope what its next narrower one did not see too, so that nothing counts twice.

    A wide scope's own samples push an old one out sooner, so it may have less of it left than the
    narrow one; then there is nothing beside it.
    """
    found = [_beside(wide, narrow) for wide, narrow in pairwise(chain)]
    return [*found, *chain[-1:]]


def _beside(wide: Tally, narrow: Tally) -> Tally:
    return replace(
        wide,
        bought=max(0.0, wide.bought - narrow.bought),
        refused=max(0.0, wide.refused - narrow.refused),
        no_stock=max(0.0, wide.no_stock - narrow.no_stock),
        delivered=max(0.0, wide.delivered - narrow.delivered),
        undelivered=max(0.0, wide.undelivered - narrow.undelivered),
        arrivals=tuple(
            [max(0.0, w - n) for w, n in zip(wide.arrivals, narrow.arrivals, strict=True)]
        ),
    )


def working_now(
    scopes: Sequence[Scope], chain: Sequence[Tally], tallies: Mapping[Scope, Tally]
) -> float:
    """How likely it is in order, as the most doubtful scope that anything is known of says."""
    known = [tally.working for each, tally in zip(scopes, chain, strict=True) if each in tallies]
    return min(known, default=USUALLY_WORKING)


def within(parent: tuple[float, float], successes: float, failures: float) -> tuple[float, float]:
    """A Beta whose prior has the parent's mean, and no more weight than the parent earned."""
    total = parent[0] + parent[1]
    weight = min(PARENT_WEIGHT, total)
    return weight * parent[0] / total + successes, weight * parent[1] / total + failures


def _share(first: tuple[float, float], successes: float, failures: float) -> float:
    return (first[0] + successes) / (first[0] + first[1] + successes + failures)


def _filtered(working: float, usual: float, broken: float, *, good: bool) -> float:
    """How likely it is in order after one more outcome, by Bayes' rule."""
    if not good:
        usual, broken = 1 - usual, 1 - broken
    return working * usual / (working * usual + (1 - working) * broken)


def _both(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The Beta with mean and variance of the product of two independent ones."""
    mean, square = 1.0, 1.0
    for hits, misses in (one, other):
        total = hits + misses
        mean *= hits / total
        square *= hits * (hits + 1) / (total * (total + 1))
    variance = square - mean * mean
    weight = mean * (1 - mean) / variance - 1
    return mean * weight, (1 - mean) * weight


def _arrived(arrivals: tuple[float, ...], seconds: float | None) -> tuple[float, ...]:
    if seconds is None:
        return arrivals
    place = bisect_left(EDGES, seconds)
    faded = [count * KEEP for count in arrivals]
    faded[place] += 1
    return tuple(faded)


def _median_of(chain: Sequence[tuple[float, ...]]) -> float:
    for arrivals in reversed(chain):
        total = sum(arrivals)
        if total >= ARRIVALS_LEAST:
            return _median(arrivals, total / 2)
    return FIRST_SECONDS


def _median(arrivals: tuple[float, ...], half: float) -> float:
    """The point at which ``half`` of the counts are reached, straight within a bin."""
    below = 0.0
    for place, count in enumerate(arrivals[:-1]):
        if below + count >= half:
            start = EDGES[place - 1] if place else 0.0
            return start + (EDGES[place] - start) * (half - below) / count
        below += count
    return EDGES[-1]


def _digamma(x: float) -> float:
    """Logarithmic derivative of Γ, to 1e-5: recurrence up to 4, then the asymptotic series."""
    less = 0.0
    while x < 4:
        less += 1 / x
        x += 1
    square = 1 / (x * x)
    return log(x) - 0.5 / x - square * (1 / 12 - square * (1 / 120 - square / 252)) - less


def _trigamma(x: float) -> float:
    """Derivative of ``_digamma``, to 1e-5."""
    more = 0.0
    while x < 4:
        more += 1 / (x * x)
        x += 1
    square = 1 / (x * x)
    series = 1 / 6 - square * (1 / 30 - square / 42)
    return 1 / x + square / 2 + square / x * series + more
