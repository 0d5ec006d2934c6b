"""The shell script's own failures: each one line with its cure, nothing half done."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nexnum_console.stack.layout import CHECKOUT

TOOLS = (
    *("awk", "cat", "cksum", "cp", "cut", "date", "df", "dirname", "grep", "kill", "mkdir"),
    *("printf", "readlink", "rm", "sh", "sleep", "tail"),
)
PIP_OFFLINE = "NewConnectionError: Failed to establish a new connection"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that the script reads before any package exists."""
    clone = tmp_path / "a clone"
    (clone / "deploy").mkdir(parents=True)
    shutil.copy(CHECKOUT / "nexnum", clone)
    shutil.copy(CHECKOUT / "requirements.txt", clone)
    shutil.copy(CHECKOUT / "deploy/constraints.txt", clone / "deploy")
    return clone


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with the usual small programs and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    return folder


def pretend(tools: Path, name: str, script: str) -> None:
    (tools / name).write_text(f"#!/bin/sh\n{script}\n")
    (tools / name).chmod(0o755)


def pretend_python(tools: Path, on_venv: str, on_pip: str = "exit 0") -> None:
    """A new enough Python that does as told when it makes an environment or runs pip."""
    body = f"""
case "$*" in
*version_info*) exit 0 ;;
"-m venv "*) {on_venv} ;;
*"pip install"*) {on_pip} ;;
*) echo "ran $*"; exit 0 ;;
esac"""
    pretend(tools, "python3", body)


MAKE_VENV = 'mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; exit 0'


def run(clone: Path, tools: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(clone / "nexnum"), *words],
        env={"PATH": str(tools), **env},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if not line.startswith("✓")]
    assert len(lines) == 1
    assert done.stdout == ""
    return lines[0]


def test_no_python(clone: Path, tools: Path) -> None:
    line = only_line(run(clone, tools, "up"))
    assert "Python 3.11 or newer is needed and none was found. Install it" in line
    assert not (clone / ".venv").exists()


def test_an_old_python(clone: Path, tools: Path) -> None:
    pretend(tools, "python3", 'case "$*" in *platform*) echo 3.9.2 ;; *) exit 1 ;; esac')
    line = only_line(run(clone, tools, "up"))
    assert "python3 here is 3.9.2. Install a newer one" in line
    assert not (clone / ".venv").exists()


def test_no_venv_module(clone: Path, tools: Path) -> None:
    pretend_python(tools, 'echo "The virtual environment was not created: ensurepip"; exit 1')
    line = only_line(run(clone, tools, "up"))
    assert "lacks its venv module. Install it (Debian, Ubuntu: apt install python3-venv)" in line


def test_no_network(clone: Path, tools: Path) -> None:
    pretend_python(tools, MAKE_VENV, f'echo "{PIP_OFFLINE}"; exit 1')
    line = only_line(run(clone, tools, "up"))
    assert "no network. Connect once and try again" in line
    assert not (clone / ".venv/stamp-product").exists()


def test_a_disk_that_fills_up(clone: Path, tools: Path) -> None:
    pretend_python(tools, MAKE_VENV, 'echo "OSError: [Errno 28] No space left"; exit 1')
    assert "The disk is full. Free about 2 GB" in only_line(run(clone, tools, "up"))


def test_a_disk_that_is_full(clone: Path, tools: Path) -> None:
    pretend_python(tools, MAKE_VENV)
    line = only_line(run(clone, tools, "up", NEXNUM_SETUP_KB="999999999999"))
    assert "MB are free on the disk of" in line
    assert not (clone / ".venv").exists()


def test_a_folder_that_cannot_be_written(clone: Path, tools: Path) -> None:
    (clone / ".nexnum").write_text("a file where the folder should be")
    pretend_python(tools, MAKE_VENV)
    line = only_line(run(clone, tools, "up"))
    assert f"Cannot write to {clone}. Give this user write access" in line
    assert not (clone / ".venv").exists()


def test_an_interrupted_install_is_finished_next_time(clone: Path, tools: Path) -> None:
    pretend_python(tools, MAKE_VENV, f'echo "{PIP_OFFLINE}"; exit 1')
    only_line(run(clone, tools, "up"))
    pretend_python(tools, MAKE_VENV)
    shutil.copy(tools / "python3", clone / ".venv/bin/python")
    done = run(clone, tools, "up", "--port", "8001")
    assert done.stdout == "ran -m nexnum_console.cli up --port 8001\n"
    assert (clone / ".venv/stamp-product").exists()
    again = run(clone, tools, "demo", "--json")
    assert again.stdout == "ran -m nexnum_console.cli demo --json\n"
    assert again.stderr == ""


def test_changed_pins_are_installed(clone: Path, tools: Path) -> None:
    pretend_python(tools, MAKE_VENV)
    run(clone, tools, "up")
    with (clone / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    assert "Packages" in run(clone, tools, "up").stderr


def test_it_works_through_a_symbolic_link(clone: Path, tools: Path) -> None:
    pretend_python(tools, MAKE_VENV)
    link = tools / "nexnum-link"
    os.symlink(clone / "nexnum", link)
    done = subprocess.run(
        [str(link), "doctor"],
        env={"PATH": str(tools)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "ran -m nexnum_console.cli doctor\n"


def test_the_tests_bring_their_own_packages(clone: Path, tools: Path) -> None:
    (clone / "tests").mkdir()
    shutil.copy(CHECKOUT / "tests/requirements.txt", clone / "tests")
    pretend_python(tools, MAKE_VENV)
    done = run(clone, tools, "test", "--quick")
    assert "Test packages" in done.stderr
    assert done.stdout == "ran -m nexnum_console.cli test --quick\n"


def test_files_on_a_provider_command_are_the_callers(clone: Path, tools: Path) -> None:
    pretend_python(tools, MAKE_VENV)
    body = (tools / "python3").read_text().replace('echo "ran $*"', 'echo "in $(pwd)"')
    (tools / "python3").write_text(body)
    assert run(clone, tools, "provider", "validate", "my.json").stdout.startswith("in /\n")
    assert run(clone, tools, "doctor").stdout == f"in {clone}\n"
