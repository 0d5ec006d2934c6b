"""Uncertain utilities: drawing them, and the chance that each would have come out on top; pure.

First it is drawn whether a provider is in order at all, then its chance of success, with normal
log-odds. A utility is a rising line of it, so its distribution is known in closed form, and with
it how likely each candidate was to lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import erfc, exp, log, prod
from random import Random
from statistics import NormalDist
from typing import Final

from nexnum_console.providers.performance import BROKEN_DELIVERY, Belief

_NORMAL: Final = NormalDist()
_ROOT_HALF: Final = 0.5**0.5
# A draw beyond this many deviations happens once in a thousand.
_FAR: Final = 3.1
# What happens more seldom is left out of account.
_SELDOM: Final = 1e-3
STEPS: Final = 28
# Draws lie closer to the mean than what is believed: with many lanes and one order at a time in
# each, trying out as often as one is unsure costs more than it ever earns (adr/0007).
CURIOSITY: Final = 0.5
LEAST_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class Odds:
    """A utility ``slope · p − base``; with the chance ``working`` p has normal log-odds, else it
    is BROKEN_DELIVERY. ``slope`` > 0."""

    centre: float
    spread: float
    working: float
    slope: float
    base: float

    @classmethod
    def of(cls, belief: Belief, *, gain: float, loss: float, extra: float, new: bool) -> Odds:
        """p · gain − (1 − p) · loss − extra, in whatever unit the three have.

        Who is ``new`` is drawn as believed: how often it may lead has a limit of its own.
        """
        slope = max(gain + loss, 1e-9)
        spread = belief.spread if new else CURIOSITY * belief.spread
        return cls(belief.centre, spread, belief.working, slope, loss + extra)

    def at(self, p: float) -> float:
        """The utility of a chance of success."""
        return self.slope * p - self.base

    def drawn(self, rng: Random) -> float:
        """One p from the belief. Takes two numbers from ``rng``."""
        broken = rng.random() >= self.working
        uniform = min(max(rng.random(), 1e-12), 1 - 1e-12)
        if broken:
            return BROKEN_DELIVERY
        return _logistic(self.centre + self.spread * _NORMAL.inv_cdf(uniform))

    def between(self) -> tuple[float, float]:
        """Utilities outside of which a draw of what works falls about once in five hundred."""
        reach = _FAR * self.spread
        return self.at(_logistic(self.centre - reach)), self.at(_logistic(self.centre + reach))

    def below(self, utility: float) -> float:
        """The chance that a draw is at most ``utility``."""
        p = (utility + self.base) / self.slope
        broken = 0.0 if p < BROKEN_DELIVERY else 1 - self.working
        if p <= 0:
            return broken
        if p >= 1:
            return 1.0
        low = 0.5 * erfc((self.centre - log(p / (1 - p))) / self.spread * _ROOT_HALF)
        return broken + self.working * low


def chances(odds: Sequence[Odds]) -> list[float]:
    """How likely each is to draw the highest utility, to about a hundredth; they sum to 1."""
    spans = [each.between() for each in odds]
    floor = _floor(odds, spans)
    able = [place for place, (_, high) in enumerate(spans) if high >= floor]
    found = [0.0] * len(odds)
    if len(able) == 1:
        found[able[0]] = 1.0
    if len(able) <= 1:
        return found
    edges = _edges([odds[place] for place in able], floor)
    before = [odds[place].below(edges[0]) for place in able]
    reached = prod(before)
    for edge in edges[1:]:
        after = [odds[place].below(edge) for place in able]
        # Each one's part of a draw that is highest here, where the others are below or here too.
        pulls = [
            (high - low) / (high + low) if high > low else 0.0
            for low, high in zip(before, after, strict=True)
        ]
        now, total = prod(after), sum(pulls)
        if total:
            share = (now - reached) / total
            for place, pull in zip(able, pulls, strict=True):
                found[place] += share * pull
        before, reached = after, now
    return [each / sum(found) for each in found]


def _floor(odds: Sequence[Odds], spans: Sequence[tuple[float, float]]) -> float:
    """A utility below which nobody leads: somebody in order draws more, all but surely.

    Whoever looks best may be out of order, and the next ones too, as where a provider has several
    offers and an outage.
    """
    doubt = 1.0
    for place in sorted(range(len(odds)), key=lambda one: -spans[one][0]):
        doubt *= 1 - odds[place].working
        if doubt < _SELDOM:
            return spans[place][0]
    return min((each.at(BROKEN_DELIVERY) for each in odds), default=0.0) - 1.0


def _edges(odds: Sequence[Odds], floor: float) -> list[float]:
    """Utilities close enough together that between two of them nobody draws often."""
    found = {floor}
    steps = _steps(max(LEAST_STEPS, STEPS // len(odds)))
    for each in odds:
        found.update(each.at(_logistic(each.centre + each.spread * step)) for step in steps)
        broken = each.at(BROKEN_DELIVERY)
        if broken >= floor:
            found.update((broken - 1e-6 * each.slope, broken + 1e-6 * each.slope))
    return sorted(edge for edge in found if edge >= floor)


@cache
def _steps(count: int) -> tuple[float, ...]:
    """Deviations that divide a normal distribution evenly, and its ends."""
    inside = [_NORMAL.inv_cdf(number / count) for number in range(1, count)]
    return (-_FAR, *inside, _FAR)


def _logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -700 else 0.0
