"""Random faults and deaths against the production code: one integer seed replays a run.

A hundred thousand activations, the most of them at the end of the test run while it has time (an
activation costs about 8 ms of a core); ``./nexnum bench torture`` plays as many of other seeds.
``NEXNUM_SIM_SEED`` and ``NEXNUM_SIM_SIZE`` replay one.
"""

from __future__ import annotations

import os

import pytest

from bench.simulation.run import run_seed
from bench.simulation.stage import Stage
from tests.support.services import drop_database, fresh_database

LONG_SIZE = 2_000
LONG_SEEDS = 62
SIZE = int(os.environ.get("NEXNUM_SIM_SIZE", "300"))
WANTED = int(os.environ.get("NEXNUM_SIM_ACTIVATIONS", "3000"))
SEED = os.environ.get("NEXNUM_SIM_SEED")
SEEDS = [int(SEED)] if SEED else list(range(max(1, WANTED // SIZE)))

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_breaks_the_books_and_the_carriers_agree(fresh_urls, seed):
    outcome = run_seed(fresh_urls.app, fresh_urls.owner, seed, SIZE)
    assert outcome.activations > SIZE / 3
    assert outcome.deaths
    # Any change of the code makes another story of a seed, and a short one may miss a rare trouble.
    assert len({"sell_and_lose", "lose", "twice", "sell_late"} & outcome.counts.keys()) >= 3
    assert outcome.states.keys() == {"failed", "cancelled", "expired", "finished"}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(0 if SEED else LONG_SEEDS))
def test_a_hundred_thousand_activations_keep_every_promise(fresh_urls, seed):
    outcome = run_seed(fresh_urls.app, fresh_urls.owner, seed, LONG_SIZE)
    assert outcome.activations > 100_000 / LONG_SEEDS * 0.9
    assert outcome.deaths


@pytest.mark.parametrize("seed", [3, 4])
def test_one_seed_tells_one_story(stack_services, worker_id, seed):
    digests = []
    for _ in range(2):
        name = f"nexnum_again_{worker_id}"
        urls = fresh_database(stack_services, name)
        digests.append(run_seed(urls.app, urls.owner, seed, 60).digest)
        drop_database(stack_services, name)
    assert digests[0] == digests[1]


def test_actors_wait_for_each_other_in_virtual_time():
    stage = Stage(1)
    seen = []

    def work(name, pauses):
        for pause in pauses:
            stage.sleep(pause)
            seen.append((name, stage.now))

    stage.spawn("a", lambda: work("a", (1.0, 5.0)))
    stage.spawn("b", lambda: work("b", (2.0, 2.0)))
    stage.run_until(10.0)
    stage.close()
    assert seen == [("a", 1.0), ("b", 2.0), ("b", 4.0), ("a", 6.0)]
