"""The command table: quick, complete, and one line for a known failure."""

from __future__ import annotations

import errno
import subprocess
import sys

import click
import pytest

from nexnum_console import cli
from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import CHECKOUT


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys; from nexnum_console import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in sys.modules if m.startswith('nexnum_console.commands.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    files = {path.stem for path in (CHECKOUT / "nexnum_console/commands").glob("[a-z]*.py")}
    for name in files:
        assert f"\n  {name} " in done.stdout
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (StackError("It broke.", "Mend it."), "nexnum: It broke. Mend it.\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/x"),
            "nexnum: No space left on device: /x. Free some space and try again.\n",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x"),
            "nexnum: Permission denied: /x. Run the command as the user who owns that file.\n",
        ),
    ],
)
def test_known_failures_are_one_line(
    error: Exception,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @click.command()
    def fails() -> None:
        raise error

    monkeypatch.setattr(cli, "root", fails)
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 1
    assert capsys.readouterr().err == line


def test_an_unknown_failure_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def fails() -> None:
        raise OSError(errno.EBADF, "unexpected")

    monkeypatch.setattr(cli, "root", fails)
    with pytest.raises(OSError, match="unexpected"):
        cli.main([])
