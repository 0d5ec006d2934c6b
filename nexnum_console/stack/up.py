"""``./nexnum up``: check, build, start, stay, stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

from nexnum_console.stack import frontend, preflight, programs
from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout, load_secrets, write_private
from nexnum_console.stack.processes import Supervisor, end_leftovers
from nexnum_console.stack.services import exclusive, own_variables, start_services
from nexnum_console.stack.steps import Steps

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  named to be recognised, never a default
OWNER_ONLY = ("DATABASE_OWNER_URL",)
WATCH_S = 0.5
FIRST_STEPS_S = 300


@dataclass(frozen=True)
class Choices:
    """What the operator asked for; without ``pages`` the API is served alone."""

    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = True
    pages: bool = True


@dataclass(frozen=True)
class Started:
    """A console that answers at ``url``; ``env`` holds the variables its parts run with."""

    url: str
    env: Mapping[str, str]
    admin_link: str | None


def run(
    layout: Layout,
    choices: Choices,
    environ: Mapping[str, str],
    steps: Steps,
    *,
    detached: bool = False,
) -> None:
    """Start everything, then watch it until a signal; stop everything before returning."""
    preflight.check_python()
    with exclusive(layout, command="up"):
        needed = preflight.FREE_MB if _built(layout, choices) else preflight.FREE_MB_TO_BUILD
        preflight.check_start(layout, choices.host, choices.port, environ, needed_mb=needed)
        secrets = load_secrets(layout)
        end_leftovers(layout, secrets.instance)
        supervisor = Supervisor(layout, secrets.instance)
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGHUP, _interrupt)
        try:
            begun = time.monotonic()
            started = start(layout, supervisor, choices, environ, steps)
            _announce(started, steps, time.monotonic() - begun)
            if detached:
                _leave_terminal(layout.logs / "up.log")
            _watch(supervisor, steps)
        except KeyboardInterrupt:
            steps.say("stopping")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            (layout.run / "stack.json").unlink(missing_ok=True)
            supervisor.stop_all()
            if not detached:
                steps.say("stopped")


def start(
    layout: Layout,
    supervisor: Supervisor,
    choices: Choices,
    environ: Mapping[str, str],
    steps: Steps,
) -> Started:
    """Build if needed and start every program; the caller holds the lock and stops them."""
    if not _built(layout, choices):
        with steps.step("Front end built"):
            frontend.build(layout, environ)
    secrets = load_secrets(layout)
    env = {**own_variables(layout, secrets, environ), **_addresses(choices, environ)}
    with steps.step("PostgreSQL and Redis ready"):
        env |= start_services(layout, supervisor, secrets, environ)
    if choices.demo:
        sandbox = programs.Sandbox.on_free_ports()
        env |= sandbox.variables(secrets.sandbox_key)
        with steps.step("Sandbox carriers ready"):
            lent = {name: value for name, value in env.items() if name.startswith("SANDBOX_")}
            known = {**_without_services(environ), **lent}
            supervisor.start(programs.sandbox_program(layout, known, sandbox))
            supervisor.await_ready("sandbox")
    with steps.step("Database migrated"):
        report = _first_steps(layout, {**environ, **env})
    with steps.step("Web, workers and scheduler ready"):
        _start_programs(layout, supervisor, choices, {**environ, **env})
    started = Started(env["PUBLIC_URL"], env, report.get("admin_link"))
    write_private(layout.run / "stack.json", {"url": started.url, "env": env})
    return started


def detach(choices: Choices, environ: Mapping[str, str]) -> int:
    """Start in the background and relay its progress; returns its exit code, or 0 once up."""
    argv = [sys.executable, "-m", "nexnum_console.cli", "up", "--detached-child"]
    argv += [f"--host={choices.host}", f"--port={choices.port}"]
    argv += [] if choices.demo else ["--no-demo"]
    argv += [] if choices.pages else ["--no-pages"]
    child = subprocess.Popen(
        argv,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        sys.stdout.buffer.write(line)
        sys.stdout.flush()
    # The pipe ends when the child is up and lets go of the terminal, or when it has ended.
    time.sleep(0.2)
    return child.poll() or 0


def _built(layout: Layout, choices: Choices) -> bool:
    return not choices.pages or frontend.is_current(layout)


def _start_programs(
    layout: Layout, supervisor: Supervisor, choices: Choices, env: Mapping[str, str]
) -> None:
    env = {name: value for name, value in env.items() if name not in OWNER_ONLY}
    supervisor.start(
        programs.web_program(layout, env, choices.host, choices.port, pages=choices.pages)
    )
    for program in programs.worker_programs(layout, env):
        supervisor.start(program)
    supervisor.await_ready("web")


def _first_steps(layout: Layout, env: Mapping[str, str]) -> dict[str, str | None]:
    log = layout.logs / "first-steps.log"
    with log.open("ab") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "nexnum_console.stack.first_steps"],
            cwd=layout.root,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            timeout=FIRST_STEPS_S,
            check=False,
        )
    if done.returncode:
        last = (log.read_text("utf-8", "replace").strip().splitlines() or ["no message"])[-1]
        raise StackError(f"The database could not be prepared: {last[:300]}", f"See {log}.")
    report: dict[str, str | None] = json.loads(done.stdout.splitlines()[-1])
    return report


def _addresses(choices: Choices, environ: Mapping[str, str]) -> dict[str, str]:
    host = "127.0.0.1" if choices.host in EVERYWHERE else choices.host
    host = f"[{host}]" if ":" in host else host
    public = environ.get("PUBLIC_URL") or f"http://{host}:{choices.port}"
    origins = [public]
    if not environ.get("PUBLIC_URL"):
        names = ["localhost", *(_own_addresses() if choices.host in EVERYWHERE else [])]
        origins += [f"http://{name}:{choices.port}" for name in names]
    allowed = environ.get("ALLOWED_ORIGINS") or ",".join(origins)
    return {"PUBLIC_URL": public, "ALLOWED_ORIGINS": allowed}


def _own_addresses() -> list[str]:
    cards = psutil.net_if_addrs().values()
    return [entry.address for card in cards for entry in card if entry.family.name == "AF_INET"]


def _without_services(environ: Mapping[str, str]) -> dict[str, str]:
    hidden = ("DATABASE_URL", "REDIS_URL", "NEXNUM_SECRET_KEY", *OWNER_ONLY)
    return {name: value for name, value in environ.items() if name not in hidden}


def _announce(started: Started, steps: Steps, seconds: float) -> None:
    steps.say()
    steps.say(f"NexNum Console is up at [bold]{started.url}[/] after {seconds:.1f} s")
    if started.admin_link:
        steps.say(f"Make the first admin here, once, within a day: {started.admin_link}")
    steps.say("Stop it with Ctrl-C or ./nexnum down")


def _watch(supervisor: Supervisor, steps: Steps) -> None:
    while True:
        time.sleep(WATCH_S)
        for note in supervisor.watch():
            steps.say(note)


def _leave_terminal(log: Path) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
