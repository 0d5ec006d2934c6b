"""The ledger is checked again and again, and what came of it is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core import job_runs
from nexnum_console.core.db import Database
from nexnum_console.operations import ledger_check
from nexnum_console.operations.ledger_check import EVERY, KIND, SUBJECT
from nexnum_console.reports.overview_work import LedgerBadge, work
from tests.activations.world import Silent, World, build


@pytest.fixture
def world(database: Database) -> World:
    built = build(database)
    purchase(built.desk, Order(built.user_id, "telegram", "GB"))
    return built


def _check(world: World) -> bool | None:
    return ledger_check.check(world.desk.database, Silent(), world.clock)


def _due(world: World) -> bool:
    with world.desk.database.transaction() as unit:
        return ledger_check.is_due(unit, world.clock())


def _badge(world: World) -> LedgerBadge:
    with world.desk.database.transaction() as unit:
        return work(unit, [], world.clock(), "USD").ledger


def test_a_sound_ledger_is_said_to_be(world: World) -> None:
    assert _badge(world).word == "Not checked yet"
    assert _due(world)
    assert _check(world) is True
    badge = _badge(world)
    assert (badge.tone, badge.word) == ("ok", "Verified")
    assert "3 journals hold" in badge.detail


def test_a_broken_one_is_named(world: World, owner_database: Database) -> None:
    with owner_database.transaction() as unit:
        unit.run("update wallet set available = available + 1")
    assert _check(world) is False
    badge = _badge(world)
    assert (badge.tone, badge.word) == ("danger", "Broken")
    assert badge.detail.startswith("does not hold: ")


def test_it_rests_between_checks_and_longer_after_a_long_one(world: World) -> None:
    _check(world)
    assert not _due(world)
    world.clock.advance(EVERY.total_seconds())
    assert _due(world)
    with world.desk.database.transaction() as unit:
        run = job_runs.start(unit, KIND, SUBJECT, now=world.clock())
    world.clock.advance(120)
    with world.desk.database.transaction() as unit:
        job_runs.finish(unit, run, {"broken": [], "checks": 1, "journals": 1}, now=world.clock())
    world.clock.advance(EVERY.total_seconds())
    assert not _due(world)
    world.clock.advance(20 * 120)
    assert _due(world)


def test_one_check_at_a_time_and_a_dead_one_does_not_stay(world: World) -> None:
    with world.desk.database.transaction() as unit:
        job_runs.start(unit, KIND, SUBJECT, now=world.clock())
    assert not _due(world)
    assert _check(world) is None
    world.clock.advance((job_runs.SILENT + timedelta(seconds=1)).total_seconds())
    assert _due(world)
    assert _check(world) is True


def test_a_check_that_failed_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no answer")

    monkeypatch.setattr(ledger_check, "verify", fail)
    with pytest.raises(RuntimeError):
        _check(world)
    badge = _badge(world)
    assert (badge.tone, badge.word) == ("warn", "Check not finished")
