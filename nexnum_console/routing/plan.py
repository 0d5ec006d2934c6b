"""The order in which providers are asked, and why; pure: chance and time are passed in.

Hard limits decide who may be asked at all. Among the rest the utility of one order decides:
p · margin − (1 − p) · cost of failure − what else weighs, with p drawn from what is believed of
each (Thompson sampling), so that who is little known is tried as often as it may be the best.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from nexnum_console.catalogue.service import Candidate
from nexnum_console.providers.performance import Belief
from nexnum_console.routing.odds import Odds, chances
from nexnum_console.routing.policy import (
    DEFAULT_POLICY,
    LEAST_OUTCOMES,
    NEW_BESIDE,
    NEW_OUTCOMES,
    Policy,
    Strategy,
)

ATTEMPTS_MAX = 5
SHUT = "its circuit breaker is open"
ABOVE_CAP = "above the price cap"
OTHER_PROVIDER = "another provider was asked for"
NO_STOCK = "out of stock"
UNPAID = "our balance there does not cover it"
STARVED = "it said that our balance is used up"
BANNED = "an admin banned it for this"
NOT_PINNED = "an admin pinned another provider for this"
UNRELIABLE = "its success is below the least one asked for"
SPARE = "enough others come first"
# What a failed number costs a buyer in a hurry, in seconds.
FAILURE_SECONDS: Final = 600.0

Ruling = Literal["", "pin", "ban"]
How = Literal["drawn", "explored", "by rule"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the buyer asked for. ``max_price`` (micro-units, wallet currency) is a hard cap.

    Without one the cap is the cheapest admissible price, which is the one on display; or, where
    ``open_cap``, the price of whoever comes first, to be shown before anything is bought.
    """

    strategy: Strategy = "best"
    max_price: int | None = None
    provider: str | None = None
    open_cap: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """An admitted candidate. ``drawn`` is the p its ``utility`` comes from; ``gain``, ``loss`` and
    ``extra`` make up the utility."""

    candidate: Candidate
    belief: Belief
    gain: float
    loss: float
    extra: float
    drawn: float
    utility: float
    new: bool

    @property
    def odds(self) -> Odds:
        """Its utility as a distribution."""
        return Odds.of(self.belief, gain=self.gain, loss=self.loss, extra=self.extra, new=self.new)


@dataclass(frozen=True, slots=True)
class Plan:
    """Candidates in the order they are asked, and why the others were left out.

    ``price_cap`` (micro-units, wallet currency) is the most this purchase can cost. ``scored``
    holds every admitted candidate, those asked first. ``how`` the first one was found: ``drawn``,
    ``explored`` (any could lead), or ``by rule`` (the strategy leaves nothing to chance).
    """

    candidates: tuple[Candidate, ...]
    excluded: tuple[tuple[Candidate, str], ...]
    price_cap: int
    scored: tuple[Scored, ...] = ()
    strategy: Strategy = "best"
    how: How = "by rule"
    policy: Policy = DEFAULT_POLICY

    def propensities(self) -> list[float]:
        """How likely each of ``scored`` was to lead, before chance was asked."""
        if self.how == "by rule":
            return [float(place == 0) for place in range(len(self.scored))]
        odds = [each.odds for each in self.scored]
        return propensities(odds, [each.new for each in self.scored], self.policy)


def plan(
    candidates: Iterable[Candidate],
    *,
    wish: Wish,
    policy: Policy,
    belief_of: Callable[[Candidate], Belief],
    rng: Random,
    shut: Container[int] = (),
    ruling_of: Callable[[Candidate], Ruling] = lambda candidate: "",
) -> Plan:
    """Hard limits, then the wish's strategy.

    ``shut``: accounts that must not be asked now, because their circuit breaker is open.
    ``ruling_of``: what an admin decided about a candidate. A pin leaves only pinned providers as
    long as one of them may be asked.
    """
    excluded: list[tuple[Candidate, str]] = []
    admitted = _admit(sorted(candidates, key=_rank), wish, shut, ruling_of, excluded)
    cap = _cap(wish, admitted)
    within = [each for each in admitted if cap is None or each.price_micro <= cap]
    excluded += [(c, ABOVE_CAP) for c in admitted if cap is not None and c.price_micro > cap]
    known = _reliable([(each, belief_of(each)) for each in within], policy, excluded)
    scored = _scored(known, wish.strategy, policy, rng)
    scored, how = _ordered(scored, wish.strategy, policy, rng)
    if cap is None:
        cap = scored[0].candidate.price_micro if scored else 0
        excluded += [(s.candidate, ABOVE_CAP) for s in scored if s.candidate.price_micro > cap]
    asked = [each.candidate for each in scored if each.candidate.price_micro <= cap]
    excluded += [(candidate, SPARE) for candidate in asked[ATTEMPTS_MAX:]]
    chosen = tuple(asked[:ATTEMPTS_MAX])
    highest = max((candidate.price_micro for candidate in chosen), default=0)
    return Plan(chosen, tuple(excluded), highest, tuple(scored), wish.strategy, how, policy)


def score(
    price: int, cost: int, cheapest: int, belief: Belief, policy: Policy
) -> tuple[float, float, float]:
    """Gain, loss and extra of ``best``, in micro-units: what an order brings where it succeeds,
    costs where it fails, and costs anyway. All amounts in wallet currency."""
    dearer = float(policy.price_weight) * (price - cheapest)
    waiting = policy.minute_cost * belief.seconds / 60
    misses = policy.miss_cost * (1 - belief.in_stock) / belief.in_stock
    return price - cost, policy.failure_cost, dearer + waiting + misses


def too_poor(belief: Belief, policy: Policy) -> bool:
    """Whether a record, long enough to count, is below the least chance of success."""
    return belief.outcomes >= LEAST_OUTCOMES and belief.mean < float(policy.least_success)


def propensities(odds: Sequence[Odds], new: Sequence[bool], policy: Policy) -> list[float]:
    """How likely each candidate is to lead under ``policy``, exploration and canary included."""
    explored = float(policy.exploration)

    def among(places: Sequence[int], share: float, found: list[float]) -> None:
        drawn = chances([odds[place] for place in places])
        for place, chance in zip(places, drawn, strict=True):
            found[place] += share * ((1 - explored) * chance + explored / len(places))

    found = [0.0] * len(odds)
    everyone, known = range(len(odds)), [place for place, is_new in enumerate(new) if not is_new]
    if any(new) and known:
        among(everyone, float(policy.canary), found)
        among(known, 1 - float(policy.canary), found)
    elif odds:
        among(everyone, 1.0, found)
    return found


def _admit(
    candidates: Sequence[Candidate],
    wish: Wish,
    shut: Container[int],
    ruling_of: Callable[[Candidate], Ruling],
    excluded: list[tuple[Candidate, str]],
) -> list[Candidate]:
    admitted: list[tuple[Candidate, Ruling]] = []
    for candidate in candidates:
        ruling = ruling_of(candidate)
        reason = why_not(candidate, wish, shut, ruling)
        if reason is None:
            admitted.append((candidate, ruling))
        else:
            excluded.append((candidate, reason))
    pinned = [candidate for candidate, ruling in admitted if ruling == "pin"]
    if pinned:
        excluded += [(candidate, NOT_PINNED) for candidate, ruling in admitted if ruling != "pin"]
    return pinned or [candidate for candidate, _ in admitted]


def why_not(candidate: Candidate, wish: Wish, shut: Container[int], ruling: Ruling) -> str | None:
    """The hard limit that keeps a candidate from being asked now; None where none does."""
    limits = (
        (wish.provider is not None and candidate.provider != wish.provider, OTHER_PROVIDER),
        (ruling == "ban", BANNED),
        (candidate.account_id in shut, SHUT),
        (candidate.stock is not None and candidate.stock <= 0, NO_STOCK),
        (not candidate.paid_for, UNPAID),
        (candidate.starved, STARVED),
        (wish.max_price is not None and candidate.price_micro > wish.max_price, ABOVE_CAP),
    )
    return next((reason for broken, reason in limits if broken), None)


def _reliable(
    known: list[tuple[Candidate, Belief]],
    policy: Policy,
    excluded: list[tuple[Candidate, str]],
) -> list[tuple[Candidate, Belief]]:
    """Without those whose record is too poor, unless that leaves nobody."""
    poor = [candidate for candidate, belief in known if too_poor(belief, policy)]
    if not poor or len(poor) == len(known):
        return known
    excluded += [(candidate, UNRELIABLE) for candidate in poor]
    return [pair for pair in known if pair[0] not in poor]


def _cap(wish: Wish, admitted: Sequence[Candidate]) -> int | None:
    if wish.max_price is not None:
        return wish.max_price
    if wish.open_cap:
        return None
    return min((candidate.price_micro for candidate in admitted), default=0)


def _scored(
    known: Sequence[tuple[Candidate, Belief]], strategy: Strategy, policy: Policy, rng: Random
) -> list[Scored]:
    """Each with its utility: of a draw where the strategy tries things out, else of the mean."""
    cheapest = min((candidate.price_micro for candidate, _ in known), default=0)
    most = max((belief.outcomes for _, belief in known), default=0)
    settled = most >= NEW_OUTCOMES * NEW_BESIDE
    draws = _draws(strategy, known)
    found = []
    for candidate, belief in known:
        gain, loss, extra = _weights(candidate, belief, cheapest, strategy, policy)
        new = settled and belief.outcomes < NEW_OUTCOMES
        odds = Odds.of(belief, gain=gain, loss=loss, extra=extra, new=new)
        p = odds.drawn(rng) if draws else belief.mean
        found.append(Scored(candidate, belief, gain, loss, extra, p, odds.at(p), new))
    return found


def _draws(strategy: Strategy, of: Sequence[object]) -> bool:
    """Only ``best`` tries things out, where there is a choice: any other wish is a promise."""
    return strategy == "best" and len(of) > 1


def _weights(
    candidate: Candidate, belief: Belief, cheapest: int, strategy: Strategy, policy: Policy
) -> tuple[float, float, float]:
    if strategy == "fastest":
        return 0.0, FAILURE_SECONDS, belief.seconds
    if strategy == "reliable":
        return 1.0, 0.0, 0.0
    cost = int(candidate.cost_micro * candidate.rate)
    return score(candidate.price_micro, cost, cheapest, belief, policy)


def _ordered(
    scored: list[Scored], strategy: Strategy, policy: Policy, rng: Random
) -> tuple[list[Scored], How]:
    """Best first."""
    if not _draws(strategy, scored):
        by_price = strategy == "cheapest"
        scored.sort(key=lambda s: (by_price and s.candidate.price_micro, -s.utility))
        return scored, "by rule"
    return _led(sorted(scored, key=lambda s: -s.utility), policy, rng)


def _led(drawn: list[Scored], policy: Policy, rng: Random) -> tuple[list[Scored], How]:
    """Who leads: the best draw, or anybody now and then; new providers only for their share."""
    everyone = rng.random() < policy.canary
    may_lead = [s for s in drawn if everyone or not s.new] or drawn
    how: How = "explored" if rng.random() < policy.exploration else "drawn"
    first = may_lead[0] if how == "drawn" else may_lead[int(rng.random() * len(may_lead))]
    return [first, *(each for each in drawn if each is not first)], how


def _rank(candidate: Candidate) -> tuple[int, int, int]:
    return candidate.price_micro, candidate.priority, -(candidate.stock or 0)
