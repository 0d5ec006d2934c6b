"""Uncertain utilities: drawing them, and the chance that each would have come out on top; pure.

First it is drawn whether a provider is in order at all, then its chance of success, with normal
log-odds. A utility is a rising line of it, so its distribution is known in closed form, and with
it how likely each candidate was to lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, log
from random import Random
from statistics import NormalDist
from typing import Final

from nexnum_console.providers.performance import BROKEN_DELIVERY, Belief

_NORMAL: Final = NormalDist()
_ROOT_HALF: Final = 0.5**0.5
# A draw beyond this many deviations happens once in a thousand.
_FAR: Final = 3.1
BINS: Final = 32


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
    def of(cls, belief: Belief, *, gain: float, loss: float, extra: float) -> Odds:
        """p · gain − (1 − p) · loss − extra, in whatever unit the three have."""
        slope = max(gain + loss, 1e-9)
        return cls(belief.centre, belief.spread, belief.working, slope, loss + extra)

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
    if not odds:
        return []
    spans = [each.between() for each in odds]
    # Whoever looks best may be out of order, and the next one too: below the third nothing leads.
    floors = sorted((low for low, _ in spans), reverse=True)
    lowest, highest = floors[min(2, len(floors) - 1)], max(high for _, high in spans)
    able = [place for place, (_, high) in enumerate(spans) if high >= lowest]
    found = [0.0] * len(odds)
    if len(able) == 1 or highest <= lowest:
        return _alone(found, able)
    step = (highest - lowest) / BINS
    edges = [lowest + step * number for number in range(BINS + 1)]
    curves = [[odds[place].below(edge) for edge in edges] for place in able]
    for number in range(BINS):
        middles = [(curve[number] + curve[number + 1]) / 2 for curve in curves]
        product = 1.0
        for middle in middles:
            product *= middle
        for place, curve, middle in zip(able, curves, middles, strict=True):
            inside = curve[number + 1] - curve[number]
            if inside > 0:
                found[place] += inside * product / middle
    return _alone(found, able) if sum(found) == 0 else [each / sum(found) for each in found]


def _alone(found: list[float], able: Sequence[int]) -> list[float]:
    for place in able:
        found[place] = 1 / len(able)
    return found


def _logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -700 else 0.0
