"""./nexnum provider diff: results first, keys after; exit codes for scripts."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from nexnum_console.commands.provider import provider
from tests.providers.conftest import CONFIGS

FIVESIM, RECORDED = str(CONFIGS / "fivesim.json"), str(CONFIGS / "recordings" / "fivesim.json")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(provider, ["diff", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def changed(tmp_path: Path, good: str, bad: str) -> str:
    text = Path(FIVESIM).read_text("utf-8")
    assert good in text
    file = tmp_path / "after.json"
    file.write_text(text.replace(good, bad), "utf-8")
    return str(file)


def test_the_same_results_exit_with_0(tmp_path: Path) -> None:
    after = changed(tmp_path, '"displayName": "5sim"', '"displayName": "Five"')
    result = run(FIVESIM, after, "--recordings", RECORDED)
    assert result.exit_code == 0
    assert "34 same, 0 changed" in result.output
    assert 'changed /displayName: "5sim" → "Five"' in result.output
    assert "config: the same" in run(FIVESIM, FIVESIM, "--recordings", RECORDED).output


def test_a_changed_result_exits_with_1(tmp_path: Path) -> None:
    after = changed(tmp_path, '"cost": "price"', '"cost": "prise"')
    result = run(FIVESIM, after, "--recordings", RECORDED)
    assert result.exit_code == 1
    assert "changed fivesim-003 (buy): cost: '21' → None" in result.output
    assert 'changed /mappings/buy/fields/cost: "price" → "prise"' in result.output
    told = json.loads(run(FIVESIM, after, "--recordings", RECORDED, "--json").output)
    assert told["ok"] is False
    assert told["counts"]["changed"] == len(told["results"]) == 2
    assert told["results"][0]["before"]["ok"]["cost"] == "21"


def test_files_that_cannot_be_used_exit_with_2(tmp_path: Path) -> None:
    broken = changed(tmp_path, '"endpoints"', '"endpoint"')
    result = run(FIVESIM, broken, "--recordings", RECORDED)
    assert result.exit_code == 2
    assert "did you mean “endpoints”?" in result.output
    junk = tmp_path / "junk.json"
    junk.write_text("[7]", "utf-8")
    result = run(FIVESIM, FIVESIM, "--recordings", str(junk))
    assert result.exit_code == 2
    assert f"{junk}:1:2: recording 1 is a number" in result.output
    assert run(FIVESIM, FIVESIM).exit_code == 2
    assert run(FIVESIM, "nowhere.json", "--recordings", RECORDED).exit_code == 2
