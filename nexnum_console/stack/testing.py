"""``./nexnum test``: the checks, the same here and in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from nexnum_console.stack import frontend
from nexnum_console.stack.doctor import find_browser
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.steps import Steps

WORKERS = 2


@dataclass(frozen=True)
class Check:
    """A program whose exit code is the verdict."""

    name: str
    argv: Sequence[str]
    aloud: bool = False
    """Whether its output is shown while it runs, not only when it fails."""


def checks(*, quick: bool, browser: str | None, extra: Sequence[str] = ()) -> list[Check]:
    """What is run, in this order. Without a browser its tests are left out, loudly."""
    left_out = ["torture", "long"] if quick else []
    left_out += ["browser"] if quick or not browser else []
    marks = [f"-m={' and '.join(f'not {name}' for name in left_out)}"] if left_out else []
    tools = Path(sys.executable).parent
    return [
        Check("ruff check", [str(tools / "ruff"), "check", "."]),
        Check("ruff format", [str(tools / "ruff"), "format", "--check", "."]),
        Check("mypy", [str(tools / "mypy")]),
        Check("import rule", [str(tools / "lint-imports")]),
        Check(
            "pytest",
            [sys.executable, "-m", "pytest", f"-n={WORKERS}", *marks, *extra],
            aloud=True,
        ),
    ]


def run(
    layout: Layout,
    environ: Mapping[str, str],
    steps: Steps,
    *,
    quick: bool,
    extra: Sequence[str] = (),
) -> bool:
    """Run every check, also after one failed; True when all passed."""
    browser = None if quick else _browser(steps)
    *readers, tests = checks(quick=quick, browser=browser, extra=extra)

    def failing(chosen: Sequence[Check]) -> list[str]:
        return [check.name for check in chosen if not _passes(check, layout, environ, steps)]

    with ThreadPoolExecutor(1) as beside:
        # What reads the code takes one core, as the building of the pages does.
        read = beside.submit(failing, readers)
        if not quick:
            _build_pages(layout, environ, steps)
        failed = read.result()
    failed += failing([tests])
    if failed:
        steps.say(f"[red]failed: {', '.join(failed)}[/]")
    elif not quick and not browser:
        steps.say("[yellow]passed, but WITHOUT the browser tests: no Chromium[/]")
    else:
        steps.say("[green]all passed[/]")
    return not failed


def _build_pages(layout: Layout, environ: Mapping[str, str], steps: Steps) -> None:
    """Before the tests: inside of one it would count against its time."""
    layout.create()
    if not frontend.is_current(layout):
        with steps.step("Pages"):
            frontend.build(layout, environ)


def _passes(check: Check, layout: Layout, env: Mapping[str, str], steps: Steps) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        check.argv,
        cwd=layout.root,
        env=dict(env),
        stdout=None if check.aloud else subprocess.PIPE,
        stderr=None if check.aloud else subprocess.STDOUT,
        check=False,
    )
    if done.returncode == 0:
        steps.done(check.name, time.monotonic() - started)
        return True
    if done.stdout:
        sys.stdout.buffer.write(done.stdout)
        sys.stdout.flush()
    steps.say(f"[red]✗[/] {check.name}")
    return False


def _browser(steps: Steps) -> str | None:
    found = find_browser()
    apt = shutil.which("apt-get")
    if not found and apt and os.geteuid() == 0:
        with steps.step("Chromium from the system's packages"):
            install = ["install", "--yes", "--no-install-recommends", "chromium"]
            for arguments in (["update"], install):
                subprocess.run([apt, *arguments], capture_output=True, timeout=600, check=False)
        found = find_browser()
    if not found:
        steps.say("[yellow]! no Chromium: browser tests are left out. Install chromium.[/]")
    return found
