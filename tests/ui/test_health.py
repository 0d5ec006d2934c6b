"""The chip says where one is and what is broken."""

from __future__ import annotations

from nexnum_console.operations.health import Part
from nexnum_console.ui.shell.health import judged

WELL = [Part("database", "", 3), Part("redis", "", 1)]


def test_all_well() -> None:
    health = judged(WELL, 4, sandbox=True)
    assert (health.tone, health.word) == ("ok", "Sandbox · all well")
    assert health.text.endswith("workers: 4")
    assert (health.workers, judged(WELL, 1, sandbox=True).workers) == ("4 workers", "1 worker")


def test_silent_workers_are_a_fault() -> None:
    health = judged(WELL, 0, sandbox=False)
    assert (health.tone, health.word) == ("danger", "Live · workers down")


def test_a_broken_ledger_is_not_all_well() -> None:
    health = judged(WELL, 4, ["I1", "I7"], sandbox=True)
    assert (health.tone, health.word) == ("danger", "Sandbox · ledger broken")
    assert health.text == "The ledger's proof found broken: I1, I7"


def test_every_broken_part_is_named() -> None:
    health = judged([Part("database", "does not answer", 2000), WELL[1]], 0, sandbox=False)
    assert health.word == "Live · database down"
    assert "database: does not answer" in health.text
    assert "workers" in health.text
