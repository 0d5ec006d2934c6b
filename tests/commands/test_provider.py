"""./nexnum provider: exit codes fit for scripts, errors with place and cure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nexnum_console.commands.provider import provider

ROOT = Path(__file__).parents[2] / "provider_configs"
FIVESIM, RECORDED = str(ROOT / "fivesim.json"), str(ROOT / "recordings" / "fivesim.json")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(provider, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_shipped_configs_are_valid() -> None:
    result = run("validate", FIVESIM, str(ROOT / "sms_activate.json"))
    assert result.exit_code == 0
    assert result.output.count(": ok, ") == 2


def test_a_broken_config_fails_with_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "x.json"
    broken.write_text(
        Path(FIVESIM).read_text("utf-8").replace('"endpoints"', '"endpoint"'), "utf-8"
    )
    result = run("validate", FIVESIM, str(broken))
    assert result.exit_code == 1
    assert f"{broken}:" in result.output
    assert "did you mean “endpoints”?" in result.output
    assert run("replay", str(broken), RECORDED).exit_code == 2


def test_replay_passes_and_sums_up() -> None:
    result = run("replay", FIVESIM, RECORDED, "--requests", "--json")
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert lines[-1] == {"ok": True, "passed": len(lines) - 1, "failed": 0}


def test_replay_says_what_differs(tmp_path: Path) -> None:
    recordings = json.loads(Path(RECORDED).read_text("utf-8"))
    recordings[0]["expected"]["ok"]["balance"] = "99"
    file = tmp_path / "r.json"
    file.write_text(json.dumps(recordings), "utf-8")
    result = run("replay", FIVESIM, str(file))
    assert result.exit_code == 1
    assert "FAIL fivesim-001 (balance): balance: expected '99', got '100'" in result.output


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[]"])
def test_a_file_without_recordings_fails(tmp_path: Path, text: str) -> None:
    file = tmp_path / "r.json"
    file.write_text(text, "utf-8")
    assert run("replay", FIVESIM, str(file)).exit_code != 0


def test_a_missing_file_fails() -> None:
    assert run("validate", "nowhere.json").exit_code != 0


def test_the_schema_is_printed() -> None:
    assert run("schema").output == (ROOT / "schema.json").read_text("utf-8")
