"""``./nexnum up``: check, build, start, stay, stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil
import redis

from nexnum_console.core import shared_clock
from nexnum_console.stack import frontend, preflight, programs
from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout, load_secrets, write_private
from nexnum_console.stack.processes import Supervisor, end_leftovers
from nexnum_console.stack.services import (
    exclusive,
    own_variables,
    start_services,
)
from nexnum_console.stack.steps import Steps

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  named to be recognised, never a default
OWNER_ONLY = ("DATABASE_OWNER_URL",)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
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
    """Start everything, then watch it until a signal; stop everything before returning.

    Raises SystemExit 130 when interrupted before it was up.
    """
    begun = time.monotonic()
    is_up = False
    try:
        with own_stack(layout, choices, environ, steps, command="up") as (started, supervisor):
            is_up = True
            _announce(started, steps, time.monotonic() - begun)
            if detached:
                _leave_terminal(layout.logs / "up.log")
            _watch(supervisor, steps)
    except KeyboardInterrupt:
        steps.say("stopped")
        if not is_up:
            sys.exit(130)


@contextmanager
def own_stack(
    layout: Layout,
    choices: Choices,
    environ: Mapping[str, str],
    steps: Steps,
    *,
    command: str,
) -> Iterator[tuple[Started, Supervisor]]:
    """Hold the services and run every program until the block ends, however it ends.

    Raises StackError before anything is started when something is missing.
    """
    with exclusive(layout, command=command), _signals_interrupt():
        needed = preflight.FREE_MB if _built(layout, choices) else preflight.FREE_MB_TO_BUILD
        preflight.check_start(layout, choices.host, choices.port, environ, needed_mb=needed)
        secrets = load_secrets(layout)
        end_leftovers(layout, secrets.instance)
        supervisor = Supervisor(layout, secrets.instance)
        try:
            yield start(layout, supervisor, choices, environ, steps), supervisor
        finally:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            (layout.run / "stack.json").unlink(missing_ok=True)
            supervisor.stop_all()


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
    with steps.step("PostgreSQL and Redis answer"):
        env |= start_services(layout, supervisor, secrets, environ)
        _go_by_the_host(env["REDIS_URL"])
    if choices.demo:
        with steps.step("Sandbox carriers answer"):
            env |= _start_sandbox(layout, supervisor, secrets.sandbox_key, environ)
    product = {n: v for n, v in {**environ, **env}.items() if n not in OWNER_ONLY}
    # The web process takes seconds to import and asks the database nothing before a request.
    web = programs.web_program(layout, product, choices.host, choices.port, pages=choices.pages)
    supervisor.start(web)
    with steps.step("Database migrated"):
        report = _first_steps(layout, {**environ, **env})
    with steps.step("Web answers"):
        supervisor.await_ready("web")
    for program in programs.worker_programs(layout, product):
        supervisor.start(program)
    write_private(layout.run / "stack.json", {"url": env["PUBLIC_URL"], "env": env})
    return Started(env["PUBLIC_URL"], env, report["admin_link"])


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


def _go_by_the_host(redis_url: str) -> None:
    """Nothing runs yet: whatever processes of before said of the time is over."""
    with redis.Redis.from_url(redis_url) as client:
        shared_clock.forget(client)


def _built(layout: Layout, choices: Choices) -> bool:
    return not choices.pages or frontend.is_current(layout)


def _start_sandbox(
    layout: Layout, supervisor: Supervisor, key: str, environ: Mapping[str, str]
) -> dict[str, str]:
    sandbox = programs.Sandbox.on_free_ports()
    variables = sandbox.variables(key)
    known = {**_without_services(environ), **variables}
    supervisor.start(programs.sandbox_program(layout, known, sandbox))
    supervisor.await_ready("sandbox")
    return variables


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """A polite kill or a closed terminal stops the stack as Ctrl-C does."""
    before = [signal.signal(number, _interrupt) for number in STOP_SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(STOP_SIGNALS, before, strict=True):
            signal.signal(number, handler)


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
