"""Other weights, judged by orders that were routed by the old ones."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from nexnum_console.routing.decisions import choice_of
from nexnum_console.routing.plan import Wish, plan
from nexnum_console.routing.policy import Policy
from nexnum_console.routing.replay import Logged, replay
from tests.routing.offers import believed, candidate

OFFERS = [
    candidate(1, 200_000, cost_micro=50_000),
    candidate(2, 200_000, cost_micro=120_000),
]
BELIEFS = {"p1": believed(10, 10), "p2": believed(16, 4)}
TRUE = {"p1": 0.5, "p2": 0.8}
BEFORE = Policy(failure_cost=60_000, exploration=Decimal("0.1"))
AFTER = replace(BEFORE, failure_cost=400_000)


def logged(policy: Policy, orders: int, seed: int) -> list[Logged]:
    rng, found = Random(seed), []
    for _ in range(orders):
        chosen = plan(
            OFFERS,
            wish=Wish(max_price=200_000),
            policy=policy,
            belief_of=lambda one: BELIEFS[one.provider],
            rng=rng,
        )
        first = chosen.candidates[0]
        arrived = rng.random() < TRUE[first.provider]
        profit = first.price_micro - first.cost_micro if arrived else 0
        found.append(Logged(choice_of(chosen).considered, profit, arrived))
    return found


def test_the_estimate_foretells_what_the_other_weights_really_bring():
    estimate = replay(logged(BEFORE, 4_000, 1), AFTER)
    really = replay(logged(AFTER, 4_000, 2), AFTER)
    assert estimate is not None
    assert really is not None
    assert estimate.profit_low < really.profit_was < estimate.profit_high
    assert estimate.delivered == pytest.approx(really.delivered_was, abs=0.03)
    assert estimate.leads["p2"][1] == pytest.approx(really.leads["p2"][0], abs=0.03)
    assert really.leads["p2"][0] - estimate.leads["p2"][0] > 0.1
    assert estimate.enough


def test_the_same_weights_change_nothing():
    estimate = replay(logged(BEFORE, 500, 1), BEFORE)
    assert estimate is not None
    assert estimate.profit == pytest.approx(estimate.profit_was, rel=1e-3)
    assert estimate.effective == pytest.approx(500, rel=1e-3)


def test_decisions_that_left_nothing_to_chance_teach_nothing():
    one = Logged(logged(BEFORE, 1, 1)[0].considered[:1], 1, True)
    assert replay([one], AFTER) is None
    few = replay(logged(BEFORE, 10, 1), AFTER)
    assert few is not None
    assert not few.enough


def test_a_policys_version_changes_with_its_weights():
    assert replace(BEFORE).version == BEFORE.version
    assert AFTER.version != BEFORE.version


def test_the_difference_is_judged_by_itself():
    rows = logged(BEFORE, 4_000, 1)
    estimate = replay(rows, AFTER)
    assert estimate is not None
    worth = {
        name: TRUE[name] * (200_000 - cost) for name, cost in (("p1", 50_000), ("p2", 120_000))
    }
    chance = {each["provider"]: each["propensity"] for each in rows[0].considered}
    truth = sum((estimate.leads[name][1] - chance[name]) * worth[name] for name in worth)
    assert estimate.gain_low < truth < estimate.gain_high < 0
    same = replay(logged(BEFORE, 500, 1), BEFORE)
    assert same is not None
    # Both means rest on the same orders: what is no change is known to be none.
    assert same.gain_high - same.gain_low < 0.1 * (same.profit_high - same.profit_low)


def test_whom_the_least_success_leaves_out_would_not_lead():
    strict = replace(BEFORE, least_success=Decimal("0.6"))
    estimate = replay(logged(BEFORE, 500, 1), strict)
    assert estimate is not None
    assert estimate.leads["p1"][0] > 0
    assert estimate.leads["p1"][1] == 0
    nobody = replay(logged(BEFORE, 500, 1), replace(BEFORE, least_success=Decimal("0.99")))
    assert nobody is not None
    assert nobody.leads["p1"][1] > 0


def test_each_lane_has_its_own_leaders():
    rows = logged(BEFORE, 100, 1)
    rows = [
        replace(row, lane=("telegram", "GB" if place % 4 else "US"))
        for place, row in enumerate(rows)
    ]
    estimate = replay(rows, AFTER)
    assert estimate is not None
    assert {lane: orders for lane, (orders, _) in estimate.lanes.items()} == {
        ("telegram", "GB"): 75,
        ("telegram", "US"): 25,
    }
    for _, leads in estimate.lanes.values():
        assert sum(would for _, would in leads.values()) == pytest.approx(1, abs=1e-6)
