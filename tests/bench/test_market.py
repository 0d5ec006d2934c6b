"""The market that routers are measured in, small: the product's router beats the reference's."""

from __future__ import annotations

from random import Random
from statistics import mean

from bench import market
from bench.routers import ROUTERS, ProductRouter

ORDERS = 4_000
SEEDS = range(6)


def outcomes(name: str, *, delayed: bool = False) -> list[market.Outcome]:
    return [market.run(seed, ROUTERS[name], orders=ORDERS, delayed=delayed) for seed in SEEDS]


def test_one_seed_is_one_market_whatever_the_router_does():
    first, second = (
        market.run(5, router, orders=300, delayed=False) for router in ROUTERS.values()
    )
    assert first.oracle == second.oracle
    again = market.run(5, ProductRouter, orders=300, delayed=False)
    assert again == first


def test_an_oracle_is_never_beaten_and_chance_is_no_router():
    class Careless:
        def __init__(self, sellers, rng: Random) -> None:
            self._rng, self._places = rng, [seller.place for seller in sellers]

        def choose(self, now):
            return self._rng.sample(self._places, len(self._places))

        def learn(self, known) -> None: ...

    careless = market.run(1, Careless, orders=1_000, delayed=False)
    ours = market.run(1, ProductRouter, orders=1_000, delayed=False)
    assert careless.ratio < 0.8 * ours.ratio
    assert ours.ratio < 1


def test_profit_and_outages_beat_the_reference():
    ours, theirs = outcomes("product"), outcomes("reference")
    assert mean(o.ratio for o in ours) > 0.87
    assert mean(o.ratio for o in ours) > mean(o.ratio for o in theirs) + 0.05
    assert mean(o.regret for o in ours) < 0.5 * mean(o.regret for o in theirs)
