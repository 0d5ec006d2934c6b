"""A proof that cannot fail proves nothing: without any one rule the simulation fails."""

from __future__ import annotations

import pytest

from bench.simulation import run
from bench.simulation.base import Edits
from bench.simulation.run import SimulationFailed, run_seed
from nexnum_console.core.db import Database
from tests.activations.mutants import MUTANTS, Mutant
from tests.support.services import drop_database, fresh_database

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def play(stack_services, worker_id, monkeypatch):
    """Runs one seed with a mutant's dose of trouble, in a database of its own."""
    name = f"nexnum_mutant_{worker_id}"
    trouble = run.Trouble

    def one(mutant: Mutant, seed: int, edits: Edits, ddl: str) -> None:
        monkeypatch.setattr(run, "Trouble", lambda **usual: trouble(**{**usual, **mutant.dose}))
        urls = fresh_database(stack_services, name)
        try:
            _change(ddl, urls.owner)
            run_seed(urls.app, urls.owner, seed, mutant.size, edits, pace=mutant.pace)
        finally:
            drop_database(stack_services, name)

    return one


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_the_simulation_fails_without_the_rule(mutant: Mutant, play, monkeypatch):
    mutant.patch(monkeypatch.setattr)
    edits = Edits(mutant.texts)
    for seed in mutant.seeds:
        try:
            play(mutant, seed, edits, mutant.ddl)
        except SimulationFailed:
            break
    else:
        pytest.fail(f"seeds {mutant.seeds} do not notice")
    assert edits.met == {old for old, _ in mutant.texts}, "the rule's text is not in the code"


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.dose], ids=lambda mutant: mutant.rule)
def test_with_the_rule_more_of_its_trouble_breaks_nothing(mutant: Mutant, play):
    play(mutant, mutant.first, Edits(), "")


def _change(ddl: str, owner_url: str) -> None:
    if ddl:
        owner = Database(owner_url)
        with owner.transaction() as unit:
            unit.run(ddl)
        owner.close()
