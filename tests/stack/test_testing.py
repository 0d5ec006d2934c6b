"""All checks are run, also after one failed, and one failure is enough."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from nexnum_console.stack import testing
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.steps import Steps
from nexnum_console.stack.testing import Check


@pytest.mark.parametrize("failing", [None, "reader", "second reader", "tests"])
def test_every_check_runs_and_one_failure_is_enough(
    failing: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ["reader", "second reader", "tests"]

    def program(name: str) -> list[str]:
        says = f"from pathlib import Path; Path({str(tmp_path / name)!r}).touch()"
        return [sys.executable, "-c", f"{says}; raise SystemExit({name == failing:d})"]

    told = io.StringIO()
    listed = [Check(name, program(name)) for name in names]
    monkeypatch.setattr(testing, "checks", lambda **_: listed)
    passed = testing.run(
        Layout(tmp_path, tmp_path), {}, Steps(Console(file=told, width=200)), quick=True
    )
    assert passed is (failing is None)
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert ("failed: " + str(failing) in told.getvalue()) is (failing is not None)
