"""A proof that cannot fail proves nothing: without any one rule the simulation fails."""

from __future__ import annotations

import pytest

from bench.simulation.base import Edits
from bench.simulation.run import SimulationFailed, run_seed
from nexnum_console.core.db import Database
from tests.activations.mutants import MUTANTS, Mutant
from tests.support.services import drop_database, fresh_database

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_the_simulation_fails_without_the_rule(
    mutant: Mutant, stack_services, worker_id, monkeypatch
):
    mutant.patch(monkeypatch.setattr)
    edits = Edits(mutant.texts)
    name = f"nexnum_mutant_{worker_id}"
    for seed in mutant.seeds:
        urls = fresh_database(stack_services, name)
        try:
            _without(mutant.ddl, urls.owner)
            run_seed(urls.app, seed, mutant.size, edits, pace=mutant.pace)
        except SimulationFailed:
            break
        finally:
            drop_database(stack_services, name)
    else:
        pytest.fail(f"seeds {mutant.seeds} do not notice")
    assert edits.met == {old for old, _ in mutant.texts}, "the rule's text is not in the code"


def _without(ddl: str, owner_url: str) -> None:
    if ddl:
        owner = Database(owner_url)
        with owner.transaction() as unit:
            unit.run(ddl)
        owner.close()
