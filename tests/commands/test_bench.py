"""``./nexnum bench`` ends with the measurement's verdict."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bench.pgbench import PgbenchFailed
from nexnum_console.cli import COMMANDS
from nexnum_console.commands.bench import NAMES
from nexnum_console.commands.bench import bench as command


@pytest.mark.parametrize(("verified", "code"), [(True, 0), (False, 1)])
@pytest.mark.parametrize("name", NAMES)
def test_a_broken_ledger_is_a_failure(monkeypatch, name, verified, code):
    def run(report, seconds):
        report.close({"bench": name, "seconds": seconds})
        return verified

    monkeypatch.setattr(f"bench.{name}.run", run)
    result = CliRunner().invoke(command, [name, "--json", "--seconds", "1"])
    assert (result.exit_code, result.output) == (code, f'{{"bench": "{name}", "seconds": 1.0}}\n')


def test_a_failed_run_is_one_line(monkeypatch):
    def run(report, seconds):
        raise PgbenchFailed("connection refused")

    monkeypatch.setattr("bench.purchase.run", run)
    result = CliRunner().invoke(command, ["purchase"])
    assert result.exit_code == 1
    assert result.output.strip().endswith("The measurement failed: connection refused")


def test_the_operators_services_stay_closed():
    assert not COMMANDS["bench"].services
