"""Starting, watching and ending processes so that none outlives the stack."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from nexnum_console.stack.errors import StartFailed
from nexnum_console.stack.layout import Layout, read_json, write_private

LOG_CAP_BYTES = 10 * 1024 * 1024
# However often a program died before, what it left is looked after again within 15 s.
BACKOFF_MAX_S = 8.0
SETTLED_S = 60.0
INSTANCE_MARK = "NEXNUM_INSTANCE"

# The launcher becomes the program. It drops privileges before asking the kernel for the
# parent-death signal, because a change of uid clears that request. The program ends with
# its supervisor even when the supervisor is killed; other systems rely on the next sweep.
_LAUNCHER = """
import ctypes, os, sys
parent, sig, uid, gid, *argv = sys.argv[1:]
if int(uid) >= 0:
    os.setgroups([]); os.setgid(int(gid)); os.setuid(int(uid))
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(sig), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the supervisor is gone")
os.execvp(argv[0], argv)
"""


@dataclass(frozen=True)
class RunAs:
    """The user a program runs under when it must not run as the caller."""

    uid: int
    gid: int


@dataclass(frozen=True)
class ProcessSpec:
    """One program of the stack: what to run and how to know that it is ready."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    ready: Callable[[], bool] = field(default=lambda: True)
    ready_within_s: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM
    run_as: RunAs | None = None
    base: bool = False
    """Others depend on it: started first, stopped last."""


@dataclass
class Running:
    """A started program, and when it may be started again after a crash."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]
    started: float
    created: float = field(default_factory=time.time)
    failures: int = 0
    retry_at: float | None = None


class Supervisor:
    """Owns the processes of one layout: starts, records, restarts and stops them."""

    def __init__(self, layout: Layout, instance: str) -> None:
        self._layout = layout
        self._instance = instance
        self._running: dict[str, Running] = {}

    def start(self, spec: ProcessSpec) -> None:
        """Start a program and record it so that a later command can end it."""
        self._running[spec.name] = Running(spec, self._spawn(spec), time.monotonic())
        self._record()

    def await_ready(self, name: str) -> None:
        """Block until the program answers. Raises StartFailed with the end of its log."""
        running = self._running[name]
        deadline = time.monotonic() + running.spec.ready_within_s
        while not running.spec.ready():
            code = running.process.poll()
            if code is not None:
                raise self._start_failed(name, f"ended with code {code} while starting")
            if time.monotonic() > deadline:
                raise self._start_failed(
                    name, f"was not ready after {running.spec.ready_within_s:.0f} s"
                )
            time.sleep(0.05)

    def watch(self) -> list[str]:
        """Restart crashed programs when their back-off is over; say what happened."""
        notes: list[str] = []
        now = time.monotonic()
        for running in self._running.values():
            code = running.process.poll()
            if code is None:
                _cap_log(self.log_path(running.spec.name))
            elif running.retry_at is None:
                notes.append(self._plan_restart(running, code, now))
            elif now >= running.retry_at:
                running.process = self._spawn(running.spec)
                running.started, running.created, running.retry_at = now, time.time(), None
                self._record()
        return notes

    def stop(self, names: Sequence[str] | None = None, *, within_s: float = 4.0) -> None:
        """End programs and all they started: ask first, kill after ``within_s`` seconds."""
        chosen = [r for n, r in self._running.items() if names is None or n in names]
        tree = _trees(r.process.pid for r in chosen if r.process.poll() is None)
        for running in chosen:
            if running.process.poll() is None:
                running.process.send_signal(running.spec.stop_signal)
        _wait_or_kill(tree, within_s)
        for running in chosen:
            running.process.wait(timeout=5)
            del self._running[running.spec.name]
        self._record()

    def stop_all(self) -> None:
        """End everything in at most 9 seconds: dependants first, then what they stand on."""
        upper = [n for n, r in self._running.items() if not r.spec.base]
        self.stop(upper, within_s=4.0)
        self.stop(within_s=4.0)
        end_leftovers(self._layout, self._instance)

    def pids(self) -> dict[str, int]:
        """Process ids of the programs alive now, by name."""
        return {n: r.process.pid for n, r in self._running.items() if r.process.poll() is None}

    def names(self) -> set[str]:
        """Every program it keeps, those too that fell and are not started again yet."""
        return set(self._running)

    def log_path(self, name: str) -> Path:
        """Where a program's output goes."""
        return self._layout.logs / f"{name}.log"

    def _spawn(self, spec: ProcessSpec) -> subprocess.Popen[bytes]:
        user = spec.run_as or RunAs(-1, -1)
        launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid())]
        identity = [str(int(spec.stop_signal)), str(user.uid), str(user.gid)]
        with self.log_path(spec.name).open("ab") as log:
            return subprocess.Popen(
                [*launcher, *identity, *spec.argv],
                cwd=spec.cwd,
                env={**spec.env, INSTANCE_MARK: self._instance},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _plan_restart(self, running: Running, code: int, now: float) -> str:
        # What the dead program leaves in its session may still hold its port.
        _wait_or_kill(_session(running.process.pid, running.created), 0)
        if now - running.started > SETTLED_S:
            running.failures = 0
        running.failures += 1
        wait = min(BACKOFF_MAX_S, 0.5 * 2.0**running.failures)
        running.retry_at = now + wait
        return f"{running.spec.name} ended with code {code}; starting it again in {wait:.0f} s"

    def _start_failed(self, name: str, what: str) -> StartFailed:
        path = self.log_path(name)
        tail = path.read_text("utf-8", "replace").strip().splitlines()[-1:] or ["no output"]
        return StartFailed(f"{name} {what}: {tail[0][:300]}", f"The whole story is in {path}.")

    def _record(self) -> None:
        rows = []
        for running in self._running.values():
            created = _created(running.process.pid)
            if created is not None:
                rows.append({"pid": running.process.pid, "created": created})
        write_private(self._layout.run / "processes.json", rows)


def end_leftovers(layout: Layout, instance: str) -> list[int]:
    """End what an earlier supervisor of this layout left behind; return the ended pids.

    A process is ours when it is a recorded pid with the recorded start time, lives in a
    session such a process opened, or carries this installation's mark in its environment.
    """
    path = layout.run / "processes.json"
    recorded = {int(row["pid"]): float(row["created"]) for row in read_json(path) or []}
    spared = {os.getpid(), *(p.pid for p in psutil.Process().parents())}
    ours = [
        p for p in psutil.process_iter() if p.pid not in spared and _is_ours(p, recorded, instance)
    ]
    _wait_or_kill(_trees(p.pid for p in ours), 3.0, ask=True)
    path.unlink(missing_ok=True)
    return [p.pid for p in ours]


def _is_ours(process: psutil.Process, recorded: Mapping[int, float], instance: str) -> bool:
    try:
        created = process.create_time()
        if process.pid in recorded:
            return bool(abs(created - recorded[process.pid]) < 0.05)
        session = os.getsid(process.pid)
        if session in recorded and created >= recorded[session]:
            return True
        return bool(process.environ().get(INSTANCE_MARK) == instance)
    except (psutil.Error, OSError):
        return False


def _session(leader: int, since: float) -> list[psutil.Process]:
    members = []
    for process in psutil.process_iter():
        try:
            # A second of slack: the kernel counts start times in ticks since boot.
            if os.getsid(process.pid) == leader and process.create_time() > since - 1:
                members.append(process)
        except (psutil.Error, OSError):
            continue
    return members


def _created(pid: int) -> float | None:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def _trees(pids: Iterable[int]) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for pid in pids:
        try:
            process = psutil.Process(pid)
            found += [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return found


def _wait_or_kill(processes: list[psutil.Process], within_s: float, *, ask: bool = False) -> None:
    if ask:
        for process in processes:
            _signal(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=within_s)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=2)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _cap_log(path: Path) -> None:
    try:
        if path.stat().st_size > LOG_CAP_BYTES:
            path.with_suffix(".log.1").write_bytes(path.read_bytes())
            os.truncate(path, 0)
    except FileNotFoundError:
        return
