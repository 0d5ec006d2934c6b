"""Random faults and deaths against the production code: one integer seed replays a run."""

from __future__ import annotations

import os

import pytest

from bench.simulation.run import run_seed

SEED = os.environ.get("NEXNUM_SIM_SEED")
SIZE = int(os.environ.get("NEXNUM_SIM_SIZE", "1000"))
SEEDS = [int(SEED)] if SEED else list(range(12))

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_breaks_the_books_and_the_carriers_agree(fresh_urls, seed):
    outcome = run_seed(fresh_urls.app, seed, SIZE)
    print(outcome)
