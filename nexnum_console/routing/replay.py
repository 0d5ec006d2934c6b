"""What other weights would have brought, estimated from decisions that were made; pure.

Every decision kept how likely each provider was to lead. An order weighs as much more, or less,
as the other weights would have led with the same provider more often (inverse propensity). The
weights are normalised by their sum; how many orders they are worth is told beside the estimate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from nexnum_console.providers.performance import Belief
from nexnum_console.routing.odds import Odds
from nexnum_console.routing.plan import propensities, score, too_poor
from nexnum_console.routing.policy import Policy

# Fewer effective orders than this say nothing.
ENOUGH: Final = 50.0
Z95: Final = 1.96


@dataclass(frozen=True, slots=True)
class Logged:
    """A decision with its outcome. ``profit``: micro-units in wallet currency, what we kept.
    ``lane`` is what was ordered, as (service, country)."""

    considered: Sequence[Mapping[str, Any]]
    profit: int
    delivered: bool
    lane: tuple[str, str] = ("", "")


# Of each provider the share of orders it led, and would have led.
Leads = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Means per order: as it was, and as estimated, each with a 95 % interval.

    ``effective``: the orders that the estimate is worth. ``gain``: the profit estimated less the
    one that was, with an interval of its own, for the two rest on the same orders. ``lanes``: by
    service and country the number of orders and who led them.
    """

    orders: int
    effective: float
    profit_was: float
    profit: float
    profit_low: float
    profit_high: float
    gain: float
    gain_low: float
    gain_high: float
    delivered_was: float
    delivered: float
    delivered_low: float
    delivered_high: float
    leads: Leads
    lanes: dict[tuple[str, str], tuple[int, Leads]]

    @property
    def enough(self) -> bool:
        """Whether the orders allow any conclusion."""
        return self.effective >= ENOUGH


def replay(logged: Sequence[Logged], policy: Policy) -> Estimate | None:
    """The estimate for ``policy``; None where no decision left anything to chance."""
    usable = [each for each in logged if _left_to_chance(scored_of(each))]
    if not usable:
        return None
    likely = [likely_under(scored_of(each), policy) for each in usable]
    weights = [
        chances[0] / scored_of(each)[0]["propensity"]
        for each, chances in zip(usable, likely, strict=True)
    ]
    profit = _judged([float(each.profit) for each in usable], weights)
    delivered = _judged([float(each.delivered) for each in usable], weights)
    total = sum(weights)
    return Estimate(
        orders=len(usable),
        effective=total * total / (sum(weight * weight for weight in weights) or 1.0),
        profit_was=profit.was,
        profit=profit.mean,
        profit_low=profit.mean - Z95 * profit.error,
        profit_high=profit.mean + Z95 * profit.error,
        gain=profit.mean - profit.was,
        gain_low=profit.mean - profit.was - Z95 * profit.gain_error,
        gain_high=profit.mean - profit.was + Z95 * profit.gain_error,
        delivered_was=delivered.was,
        delivered=delivered.mean,
        delivered_low=max(0.0, delivered.mean - Z95 * delivered.error),
        delivered_high=min(1.0, delivered.mean + Z95 * delivered.error),
        leads=_leads(usable, likely),
        lanes=_lanes(usable, likely),
    )


def _left_to_chance(scored: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the one who led was likely to, and not sure to: against all odds weighs nothing."""
    return len(scored) > 1 and scored[0]["propensity"] > 0


def scored_of(logged: Logged) -> list[Mapping[str, Any]]:
    """Those who could have led, the one who did first."""
    return [each for each in logged.considered if "drawn" in each]


def likely_under(scored: Sequence[Mapping[str, Any]], policy: Policy) -> list[float]:
    """How likely each candidate would have been to lead under other weights.

    Whoever the policy's least chance of success leaves out could not have led. Whoever was left out
    at the time is not among ``scored``, and no weights bring it back.
    """
    beliefs = [belief_from(each) for each in scored]
    poor = [too_poor(belief, policy) for belief in beliefs]
    able = [place for place, out in enumerate(poor) if not out] or list(range(len(scored)))
    cheapest = min(scored[place]["price"] for place in able)
    odds = []
    for place in able:
        each = scored[place]
        gain, loss, extra = score(each["price"], each["cost"], cheapest, beliefs[place], policy)
        new = each["new"]
        odds.append(Odds.of(beliefs[place], gain=gain, loss=loss, extra=extra, new=new))
    found = [0.0] * len(scored)
    chances = propensities(odds, [scored[place]["new"] for place in able], policy)
    for place, chance in zip(able, chances, strict=True):
        found[place] = chance
    return found


def belief_from(kept: Mapping[str, Any]) -> Belief:
    """What was believed of a candidate when it was chosen."""
    names = ("hits", "misses", "centre", "spread", "working", "seconds", "in_stock", "outcomes")
    return Belief(**{name: kept[name] for name in names})


@dataclass(frozen=True, slots=True)
class _Judged:
    """A mean as it was and as estimated, with the deviations of the estimate and of the gain."""

    was: float
    mean: float
    error: float
    gain_error: float


def _judged(values: Sequence[float], weights: Sequence[float]) -> _Judged:
    """The mean under other weights, normalised by their sum; deviations by linearisation."""
    count, total = len(values), sum(weights)
    was = sum(values) / count
    if not total:
        return _Judged(was, 0.0, 0.0, 0.0)
    mean = sum(v * w for v, w in zip(values, weights, strict=True)) / total
    pulls = [w / total * (v - mean) for v, w in zip(values, weights, strict=True)]
    moves = [pull - (v - was) / count for pull, v in zip(pulls, values, strict=True)]
    return _Judged(was, mean, sqrt(sum(p * p for p in pulls)), sqrt(sum(m * m for m in moves)))


def _leads(usable: Sequence[Logged], likely: Sequence[Sequence[float]]) -> Leads:
    found = dict[str, tuple[float, float]]()
    for each, chances in zip(usable, likely, strict=True):
        for place, (candidate, chance) in enumerate(zip(scored_of(each), chances, strict=True)):
            was, would = found.get(candidate["provider"], (0.0, 0.0))
            found[candidate["provider"]] = (was + (place == 0), would + chance)
    count = len(usable)
    return {name: (was / count, would / count) for name, (was, would) in found.items()}


def _lanes(
    usable: Sequence[Logged], likely: Sequence[Sequence[float]]
) -> dict[tuple[str, str], tuple[int, Leads]]:
    of = dict[tuple[str, str], list[int]]()
    for place, each in enumerate(usable):
        of.setdefault(each.lane, []).append(place)
    return {
        lane: (len(places), _leads([usable[p] for p in places], [likely[p] for p in places]))
        for lane, places in of.items()
    }
