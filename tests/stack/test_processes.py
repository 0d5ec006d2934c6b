"""Programs are started, recorded, restarted, and ended with all they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from nexnum_console.stack import processes
from nexnum_console.stack.errors import StartFailed
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.processes import ProcessSpec, Supervisor, end_leftovers

SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"
PARENT = (
    "import subprocess, sys, time; "
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
    " start_new_session=True); time.sleep(600)"
)
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout.of(tmp_path)
    made.create()
    return made


def spec(layout: Layout, code: str, name: str = "one") -> ProcessSpec:
    log = layout.logs / f"{name}.log"
    return ProcessSpec(
        name=name,
        argv=[sys.executable, "-c", code],
        env={"PATH": os.defpath},
        cwd=layout.root,
        ready=lambda: log.exists() and "ready" in log.read_text(),
        ready_within_s=10,
    )


def eventually(check: Callable[[], bool], within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.02)
    return False


def test_stopping_ends_children_in_sessions_of_their_own(layout: Layout) -> None:
    supervisor = Supervisor(layout, "mark-a")
    supervisor.start(spec(layout, PARENT))
    pid = supervisor.pids()["one"]
    assert eventually(lambda: bool(psutil.Process(pid).children()))
    child = psutil.Process(pid).children()[0]
    supervisor.stop_all()
    assert not psutil.pid_exists(pid)
    assert not child.is_running()


def test_a_deaf_program_is_killed_in_time(layout: Layout) -> None:
    supervisor = Supervisor(layout, "mark-b")
    supervisor.start(spec(layout, DEAF))
    supervisor.await_ready("one")
    pid = supervisor.pids()["one"]
    started = time.monotonic()
    supervisor.stop(within_s=0.5)
    assert time.monotonic() - started < 3
    assert not psutil.pid_exists(pid)


def test_a_program_that_ends_while_starting_shows_its_last_line(layout: Layout) -> None:
    supervisor = Supervisor(layout, "mark-c")
    supervisor.start(spec(layout, "raise SystemExit('no such table')"))
    with pytest.raises(StartFailed, match="ended with code 1 while starting: no such table"):
        supervisor.await_ready("one")
    supervisor.stop_all()


def test_a_crashed_program_comes_back(layout: Layout) -> None:
    supervisor = Supervisor(layout, "mark-d")
    supervisor.start(spec(layout, SLEEPER))
    first = supervisor.pids()["one"]
    os.kill(first, signal.SIGKILL)
    notes: list[str] = []

    def is_back() -> bool:
        notes.extend(supervisor.watch())
        return supervisor.pids().get("one", first) != first

    assert eventually(is_back)
    assert "one ended with code -9; starting it again in 1 s" in notes
    supervisor.stop_all()


def test_what_fell_and_is_stopped_stays_down(layout: Layout) -> None:
    supervisor = Supervisor(layout, "mark-k")
    supervisor.start(spec(layout, "raise SystemExit(3)"))
    assert eventually(lambda: bool(supervisor.watch()))
    assert supervisor.pids() == {}
    assert supervisor.names() == {"one"}
    supervisor.stop(sorted(supervisor.names()))
    assert supervisor.names() == set()
    assert not eventually(lambda: bool(supervisor.watch() or supervisor.pids()), 1.5)


def test_a_program_that_dies_again_and_again_is_back_within_the_limit(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it looks after waits 15 s at most: 8 s for its turn, the rest for its start."""
    now = 0.0
    monkeypatch.setattr(processes.time, "monotonic", lambda: now)
    supervisor = Supervisor(layout, "mark-j")
    supervisor.start(spec(layout, "raise SystemExit(3)"))
    notes: list[str] = []
    while len(notes) < 6:
        notes += supervisor.watch()
        time.sleep(0.01)
        now += 0.0 if supervisor.pids() else processes.BACKOFF_MAX_S
    waits = [note.removeprefix("one ended with code 3; starting it again in ") for note in notes]
    assert waits == ["1 s", "2 s", "4 s", "8 s", "8 s", "8 s"]
    supervisor.stop_all()


def test_what_a_crashed_program_leaves_is_ended_before_it_comes_back(layout: Layout) -> None:
    supervisor = Supervisor(layout, "mark-i")
    supervisor.start(spec(layout, PARENT.replace(", start_new_session=True", "")))
    pid = supervisor.pids()["one"]
    assert eventually(lambda: bool(psutil.Process(pid).children()))
    child = psutil.Process(pid).children()[0]
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: bool(supervisor.watch()))
    assert eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    supervisor.stop_all()


def test_programs_end_with_a_killed_supervisor(layout: Layout) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tests.stack.test_processes import *\n"
        f"made = Layout.of(Path({str(layout.root)!r})); boss = Supervisor(made, 'mark-e')\n"
        "boss.start(spec(made, SLEEPER)); boss.await_ready('one')\n"
        "print(boss.pids()['one'], flush=True); time.sleep(600)"
    )
    boss = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert boss.stdout is not None
    pid = int(boss.stdout.readline())
    boss.kill()
    boss.communicate()
    assert eventually(lambda: not psutil.pid_exists(pid))


def test_leftovers_are_found_by_record_and_by_mark(layout: Layout) -> None:
    supervisor = Supervisor(layout, "mark-f")
    supervisor.start(spec(layout, SLEEPER, "recorded"))
    recorded = supervisor.pids()["recorded"]
    marked = subprocess.Popen(
        [sys.executable, "-c", SLEEPER], env={processes.INSTANCE_MARK: "mark-f"}, stdout=-3
    )
    stranger = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=-3)
    assert eventually(lambda: "recorded.log" in os.listdir(layout.logs))
    ended = end_leftovers(layout, "mark-f")
    assert {recorded, marked.pid} <= set(ended)
    assert not psutil.pid_exists(marked.pid)
    marked.wait()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
    supervisor.stop_all()


def test_a_reused_pid_is_left_alone(layout: Layout) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=-3, start_new_session=True)
    (layout.run / "processes.json").write_text(f'[{{"pid": {stranger.pid}, "created": 1.0}}]')
    assert end_leftovers(layout, "mark-g") == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_logs_are_capped(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOG_CAP_BYTES", 100)
    supervisor = Supervisor(layout, "mark-h")
    supervisor.start(spec(layout, f"print('x' * 500); {SLEEPER}"))
    supervisor.await_ready("one")
    supervisor.watch()
    supervisor.stop_all()
    assert supervisor.log_path("one").stat().st_size == 0
    assert (layout.logs / "one.log.1").stat().st_size > 500
