"""A proof that cannot fail proves nothing: without any one rule the simulation fails."""

from __future__ import annotations

import pytest

from bench.simulation.base import Edits
from bench.simulation.run import SimulationFailed, run_seed
from nexnum_console.core.db import Database
from tests.activations.mutants import MUTANTS, Mutant
from tests.support.services import drop_database, fresh_database

SIZE = 240

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_the_simulation_fails_without_the_rule(
    mutant: Mutant, stack_services, worker_id, monkeypatch
):
    mutant.patch(monkeypatch.setattr)
    edits = Edits(mutant.texts)
    failures = []
    for seed in mutant.seeds:
        name = f"nexnum_mutant_{worker_id}_{seed}"
        urls = fresh_database(stack_services, name)
        try:
            _without(mutant.ddl, urls.owner)
            run_seed(urls.app, seed, SIZE, edits)
        except SimulationFailed as failure:
            failures.append(str(failure))
            break
        finally:
            drop_database(stack_services, name)
    assert edits.met == {old for old, _ in mutant.texts}, "the rule's text is not in the code"
    assert failures, f"seeds {mutant.seeds} do not notice"


def _without(ddl: str, owner_url: str) -> None:
    if ddl:
        owner = Database(owner_url)
        with owner.transaction() as unit:
            unit.run(ddl)
        owner.close()
