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
from nexnum_console.routing.plan import propensities, score
from nexnum_console.routing.policy import Policy

# Fewer effective orders than this say nothing.
ENOUGH: Final = 50.0
Z95: Final = 1.96


@dataclass(frozen=True, slots=True)
class Logged:
    """A decision with its outcome. ``profit``: micro-units in wallet currency, what we kept."""

    considered: Sequence[Mapping[str, Any]]
    profit: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """Means per order: as it was, and as estimated, with a 95 % interval of the profit.

    ``effective``: the orders that the estimate is worth. ``leads``: for each provider the share of
    orders it led, and would have led.
    """

    orders: int
    effective: float
    profit_was: float
    profit: float
    profit_low: float
    profit_high: float
    delivered_was: float
    delivered: float
    leads: dict[str, tuple[float, float]]

    @property
    def enough(self) -> bool:
        """Whether the orders allow any conclusion."""
        return self.effective >= ENOUGH


def replay(logged: Sequence[Logged], policy: Policy) -> Estimate | None:
    """The estimate for ``policy``; None where no decision left anything to chance."""
    usable = [each for each in logged if len(scored_of(each)) > 1]
    if not usable:
        return None
    weights, leads = [], dict[str, tuple[float, float]]()
    for each in usable:
        scored = scored_of(each)
        likely = likely_under(scored, policy)
        weights.append(likely[0] / scored[0]["propensity"])
        for place, (candidate, chance) in enumerate(zip(scored, likely, strict=True)):
            was, would = leads.get(candidate["provider"], (0.0, 0.0))
            leads[candidate["provider"]] = (was + (place == 0), would + chance)
    total, count = sum(weights), len(usable)
    profit = _mean([each.profit for each in usable], weights)
    error = sqrt(
        sum((w * (e.profit - profit)) ** 2 for w, e in zip(weights, usable, strict=True))
    ) / (total or 1.0)
    return Estimate(
        orders=count,
        effective=total * total / (sum(weight * weight for weight in weights) or 1.0),
        profit_was=sum(each.profit for each in usable) / count,
        profit=profit,
        profit_low=profit - Z95 * error,
        profit_high=profit + Z95 * error,
        delivered_was=sum(each.delivered for each in usable) / count,
        delivered=_mean([each.delivered for each in usable], weights),
        leads={name: (was / count, would / count) for name, (was, would) in leads.items()},
    )


def scored_of(logged: Logged) -> list[Mapping[str, Any]]:
    """Those who could have led, the one who did first."""
    return [each for each in logged.considered if "drawn" in each]


def likely_under(scored: Sequence[Mapping[str, Any]], policy: Policy) -> list[float]:
    """How likely each candidate would have been to lead under other weights."""
    cheapest = min(each["price"] for each in scored)
    odds = []
    for each in scored:
        belief = belief_from(each)
        gain, loss, extra = score(each["price"], each["cost"], cheapest, belief, policy)
        odds.append(Odds.of(belief, gain=gain, loss=loss, extra=extra))
    return propensities(odds, [each["new"] for each in scored], policy)


def belief_from(kept: Mapping[str, Any]) -> Belief:
    """What was believed of a candidate when it was chosen."""
    names = ("hits", "misses", "centre", "spread", "working", "seconds", "in_stock", "outcomes")
    return Belief(**{name: kept[name] for name in names})


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    if not total:
        return 0.0
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total
