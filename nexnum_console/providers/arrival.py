"""When an SMS comes, and how likely it is to come in the next second; pure.

A scope's arrivals are shares of bins. Where it has few of its own it borrows those of the scope
above, and at the top those of an assumed provider whose median is FIRST_SECONDS.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from math import erf, log, sqrt
from typing import Final

from nexnum_console.providers.performance import (
    EDGES,
    FIRST_DELIVERY,
    FIRST_SECONDS,
    PARENT_WEIGHT,
    Scope,
    Tally,
    apart,
    within,
    working_now,
)

# The assumed provider's waits are log-normal: half by FIRST_SECONDS, one in ten by a quarter of it.
FIRST_SPREAD: Final = 1.1
# What is beyond the last edge comes evenly within this time after it.
TAIL_SECONDS: Final = 1200.0
STARTS: Final = (0.0, *EDGES)
WIDTHS: Final = (*(end - start for start, end in pairwise(STARTS)), TAIL_SECONDS)
# Nothing is certain, so that hazards stay finite.
CHANCE_MOST: Final = 0.995


def _first_shares() -> tuple[float, ...]:
    reached = [
        0.0,
        *((1 + erf(log(edge / FIRST_SECONDS) / FIRST_SPREAD / sqrt(2))) / 2 for edge in EDGES),
        1.0,
    ]
    return tuple(end - start for start, end in pairwise(reached))


FIRST_SHARES: Final = _first_shares()


@dataclass(frozen=True, slots=True)
class Curve:
    """``hazards``: by bin, the rate per second at which an SMS comes to a number that has none."""

    hazards: tuple[float, ...]

    @classmethod
    def of(cls, chance: float, shares: Sequence[float]) -> Curve:
        """Of the chance that an SMS comes at all, and the shares by bin of those that come.

        ``h(t) = p·f(t) / (1 − p·F(t))``, taken in the middle of each bin.
        """
        chance = min(chance, CHANCE_MOST)
        before = accumulate(shares, initial=0.0)
        return cls(
            tuple(
                [
                    chance * share / width / (1.0 - chance * (came + share / 2))
                    for share, width, came in zip(shares, WIDTHS, before, strict=False)
                ]
            )
        )

    def ahead(self, age: float) -> Iterator[tuple[float, float]]:
        """From this age on (seconds, hazard) one after the other; past the end nothing."""
        place = bisect_right(STARTS, max(0.0, age)) - 1
        rest = STARTS[place] + WIDTHS[place] - max(0.0, age)
        if rest <= 0:
            return
        yield rest, self.hazards[place]
        for later in range(place + 1, len(WIDTHS)):
            yield WIDTHS[later], self.hazards[later]


FIRST: Final = Curve.of(FIRST_DELIVERY[0] / sum(FIRST_DELIVERY), FIRST_SHARES)


def curve(scope: Scope, tallies: Mapping[Scope, Tally], now: datetime) -> Curve:
    """The arrivals of ``scope`` as far as it has any, else of what is above it."""
    chain = list(dict.fromkeys(scope.chain()))
    aged = [tallies[each].aged(now) if each in tallies else Tally(now) for each in chain]
    deliver, shares = FIRST_DELIVERY, FIRST_SHARES
    for tally in apart(aged):
        deliver = within(deliver, tally.delivered, tally.undelivered)
        whole = PARENT_WEIGHT + sum(tally.arrivals)
        shares = tuple(
            [
                (PARENT_WEIGHT * above + own) / whole
                for above, own in zip(shares, tally.arrivals, strict=True)
            ]
        )
    chance = deliver[0] / (deliver[0] + deliver[1])
    return Curve.of(chance * working_now(chain, aged, tallies), shares)
