"""Runs of long jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nexnum_console.core import job_runs
from nexnum_console.core.db import Database

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_a_run_reports_where_it_is_and_what_came_of_it(database: Database) -> None:
    with database.transaction() as unit:
        run = job_runs.start(unit, "sync", "fivesim", now=NOW)
        job_runs.progress(unit, run, "fetching prices", done=3, total=10, now=NOW)
        seen = job_runs.latest(unit, "sync", "fivesim")
        assert seen is not None
        assert (seen.state, seen.step, seen.done, seen.total) == (
            "running",
            "fetching prices",
            3,
            10,
        )
        job_runs.finish(unit, run, {"offers": 10}, now=NOW)
        ended = job_runs.latest(unit, "sync", "fivesim")
        assert ended is not None
        assert (ended.state, ended.result, ended.finished_at) == ("done", {"offers": 10}, NOW)


def test_one_run_at_a_time_for_a_subject(database: Database) -> None:
    with database.transaction() as unit:
        job_runs.start(unit, "sync", "fivesim", now=NOW)
        job_runs.start(unit, "sync", "other", now=NOW)
        with pytest.raises(job_runs.AlreadyRunning):
            job_runs.start(unit, "sync", "fivesim", now=NOW + timedelta(minutes=1))


def test_a_run_whose_process_died_does_not_block(database: Database) -> None:
    with database.transaction() as unit:
        dead = job_runs.start(unit, "sync", "fivesim", now=NOW)
        job_runs.start(unit, "sync", "fivesim", now=NOW + timedelta(minutes=4))
        states = {run.id: run.state for run in job_runs.recent(unit)}
    assert states[dead] == "failed"


def test_a_failure_keeps_its_reason(database: Database) -> None:
    with database.transaction() as unit:
        run = job_runs.start(unit, "sync", "fivesim", now=NOW)
        job_runs.fail(unit, run, "the list is empty", now=NOW)
        failed = job_runs.latest(unit, "sync", "fivesim")
    assert failed is not None
    assert (failed.state, failed.error) == ("failed", "the list is empty")
