"""Routing in a market with drift and outages: the product's plan beside the reference's score.

Repeat it with ``./nexnum bench routing --json``. Every order passes the production ``plan`` and
the production learning; the market is played. In one scenario outcomes are known at once, in the
other when an SMS, or the end of a buyer's patience, comes. The reference knows no lanes, so the
market of many lanes is played by the product alone.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from random import Random
from statistics import mean, median
from typing import Any, Final

from bench import many_lanes, market
from bench.market import ORDERS, PROVIDERS, Outcome
from bench.report import Report
from bench.routers import ROUTERS, candidate_of
from nexnum_console.providers.performance import Scope, believe
from nexnum_console.routing.plan import Wish, plan
from nexnum_console.routing.policy import Policy

SEEDS: Final = 20
LEAST_RATIO: Final = 0.95
MOST_REGRET: Final = 0.5
MOST_PLAN_MS: Final = 1.0
CANDIDATES: Final = 50
PLANS: Final = 300
COMMAND: Final = "./nexnum bench routing --json"


def run(report: Report, seconds: float) -> bool:
    """Play every seed; True when profit, outage and the speed of a plan keep their promises.

    ``seconds`` has no meaning here: the work is fixed.
    """
    began = time.monotonic()
    found = {
        f"{name}, {when}": _played(report, name, when)
        for when in ("known at once", "known later")
        for name in ROUTERS
    }
    found["product, many lanes"] = _many_lanes(report)
    plan_ms = _plan_ms()
    ours, theirs = (found[f"{name}, known at once"] for name in ROUTERS)
    regret = ours["outage_regret"] / theirs["outage_regret"]
    targets = {
        "profit/oracle": {"value": ours["ratio"], "least": LEAST_RATIO},
        "outage_regret/reference": {"value": round(regret, 3), "most": MOST_REGRET},
        "plan_of_50_ms": {"value": plan_ms, "most": MOST_PLAN_MS},
    }
    ok = ours["ratio"] >= LEAST_RATIO and regret < MOST_REGRET and plan_ms < MOST_PLAN_MS
    report.close(
        {
            "bench": "routing",
            "ok": ok,
            "measured": found,
            "targets": targets,
            "market": {"providers": PROVIDERS, "orders": ORDERS, "seeds": SEEDS},
            "repeat": COMMAND,
            "elapsed_s": round(time.monotonic() - began, 1),
        }
    )
    return ok


def summed(outcomes: list[Outcome]) -> dict[str, Any]:
    """Means over all seeds; regret in wallet units for a run."""
    ratios = [outcome.ratio for outcome in outcomes]
    return {
        "ratio": round(mean(ratios), 4),
        "ratio_least": round(min(ratios), 4),
        "outage_regret": round(mean(outcome.regret for outcome in outcomes), 2),
        "count": len(outcomes),
    }


def one_seed(job: tuple[int, str, bool, int]) -> Outcome:
    """One run of the market, in whatever process."""
    seed, name, delayed, orders = job
    return market.run(seed, ROUTERS[name], orders=orders, delayed=delayed)


def _played(report: Report, name: str, when: str) -> dict[str, Any]:
    report.doing(f"{name}, outcomes {when}: {SEEDS} seeds of {ORDERS} orders")
    jobs = [(seed, name, when == "known later", ORDERS) for seed in range(SEEDS)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = summed(list(pool.map(one_seed, jobs)))
    report.tell(router=name, outcomes=when, **found)
    return found


def _many_lanes(report: Report) -> dict[str, Any]:
    report.doing(f"many lanes: {SEEDS} seeds of {ORDERS} orders")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = summed(list(pool.map(many_lanes.run, range(SEEDS), [ORDERS] * SEEDS)))
    del found["outage_regret"]
    report.tell(router="product", outcomes="many lanes", **found)
    return found


def _plan_ms() -> float:
    """The median processor time of one plan over CANDIDATES offers."""
    sellers = [seller for seed in range(7) for seller in market.sellers(Random(seed))]
    offers = [candidate_of(seller, place) for place, seller in enumerate(sellers[:CANDIDATES])]
    now, rng, took = market.START, Random(1), []
    belief = believe(Scope(0, "telegram", "GB", "any"), {}, now)
    for _ in range(PLANS):
        began = time.thread_time()
        plan(
            offers,
            wish=Wish(max_price=market.SELL),
            policy=Policy(),
            belief_of=lambda candidate: belief,
            rng=rng,
        )
        took.append(time.thread_time() - began)
    return round(1000 * median(took), 3)
