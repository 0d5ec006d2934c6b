"""./nexnum provider: exit codes fit for scripts, errors with place and cure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nexnum_console.commands.provider import provider

ROOT = Path(__file__).parents[3] / "provider_configs"
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


def test_a_fault_shows_the_line_with_a_caret_and_the_cure(tmp_path: Path) -> None:
    broken = tmp_path / "x.json"
    broken.write_text(Path(FIVESIM).read_text("utf-8").replace('"GET"', "").replace(
        '"type": "bearer"', '"type": "beerer"'), "utf-8")  # fmt: skip
    result = run("validate", str(broken))
    assert result.exit_code == 1
    assert (
        '  |   "auth": {"type": "beerer"},\n  |                    ^\n  cure: write "bearer"\n'
    ) in result.output


def test_warnings_fail_only_when_strict() -> None:
    handler = str(ROOT / "sms_activate.json")
    assert run("validate", handler).exit_code == 0
    assert "warning: the key travels in the URL" in run("validate", handler).output
    assert run("validate", "--strict", handler).exit_code == 1
    assert run("validate", "--strict", FIVESIM).exit_code == 0


def test_recordings_add_warnings() -> None:
    result = run("validate", FIVESIM, "--recordings", RECORDED)
    assert result.exit_code == 0
    assert "[regex-never-matches]" in result.output
    warnings = result.output.count(": warning: ")
    assert f"ok, 12 operations, {warnings} warnings\n" in result.output
    assert run("validate", "--strict", FIVESIM, "--recordings", RECORDED).exit_code == 1


def test_validate_speaks_json(tmp_path: Path) -> None:
    broken = tmp_path / "x.json"
    broken.write_bytes(b'\xff{"name": 1}')
    result = run("validate", "--json", FIVESIM, str(broken))
    good, bad = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 1
    assert (good["ok"], good["problems"]) == (True, [])
    assert bad["ok"] is False
    assert (bad["problems"][0]["line"], bad["problems"][0]["column"]) == (1, 1)


def test_replay_tells_the_step_and_a_file_that_is_no_recording(tmp_path: Path) -> None:
    changed = tmp_path / "x.json"
    text = Path(FIVESIM).read_text("utf-8").replace('"cost": "price"', '"cost": "prise"')
    changed.write_text(text, "utf-8")
    result = run("replay", str(changed), RECORDED)
    assert result.exit_code == 1
    assert "     cost at /mappings/buy/fields/cost: prise gave nothing" in result.output
    told = [
        json.loads(line)
        for line in run("replay", str(changed), RECORDED, "--json").output.splitlines()
    ]
    failed = next(each for each in told if each.get("passed") is False)
    assert failed["cause"]["place"] == "/mappings/buy/fields/cost"
    assert failed["file"] == RECORDED
    empty = tmp_path / "empty.json"
    empty.write_text("[]", "utf-8")
    assert run("replay", FIVESIM, str(empty)).exit_code == 2
