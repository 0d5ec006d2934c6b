"""PostgreSQL and Redis for a command: the running stack's, the operator's own, or embedded."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nexnum_console.stack import postgres, redis_server
from nexnum_console.stack.errors import AlreadyRunning
from nexnum_console.stack.layout import Layout, Secrets, load_secrets, read_json, write_private
from nexnum_console.stack.processes import Supervisor, end_leftovers

BOTH = ("postgres", "redis")


def free_port(host: str = "127.0.0.1") -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def exclusive(layout: Layout, *, command: str = "", wait_s: float = 0.0) -> Iterator[None]:
    """Hold this installation's services. Raises AlreadyRunning when another command does.

    The kernel frees the lock when its holder dies, so a kill never blocks the next start.
    """
    layout.create()
    deadline = time.monotonic() + wait_s
    with (layout.run / "lock").open("a") as handle:
        while not _locked(handle.fileno()):
            if time.monotonic() >= deadline:
                raise _busy(layout)
            time.sleep(0.1)
        (layout.run / "stack.json").unlink(missing_ok=True)
        write_private(layout.run / "holder.json", {"pid": os.getpid(), "command": command})
        yield


def holder(layout: Layout) -> tuple[int, str] | None:
    """Process id and command that hold the services now, if any does."""
    row = read_json(layout.run / "holder.json")
    return (int(row["pid"]), str(row["command"])) if row and is_held(layout) else None


def is_held(layout: Layout) -> bool:
    """Whether a command of this installation holds the services now."""
    path = layout.run / "lock"
    if not path.exists():
        return False
    with path.open("a") as handle:
        return not _locked(handle.fileno())


def read_state(layout: Layout) -> dict[str, Any] | None:
    """What the running stack wrote of itself (urls, ports); None when it is not up."""
    state: dict[str, Any] | None = read_json(layout.run / "stack.json")
    return state if state and is_held(layout) else None


def start_services(
    layout: Layout,
    supervisor: Supervisor,
    secrets: Secrets,
    environ: Mapping[str, str],
    need: Sequence[str] = BOTH,
) -> dict[str, str]:
    """Start the embedded parts that the operator did not replace; return their variables."""
    env: dict[str, str] = {}
    if "redis" in need:
        given = environ.get("REDIS_URL")
        env["REDIS_URL"] = given or _start_redis(layout, supervisor, secrets)
    if "postgres" in need:
        env |= _given_database(environ) or _start_postgres(layout, supervisor, secrets)
    return env


@contextmanager
def running_services(
    need: Sequence[str] = BOTH,
    *,
    command: str = "",
    layout: Layout | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[dict[str, str]]:
    """Variables of services that answer, for the time of a command.

    A running stack is used as it is; otherwise the embedded parts start and stop again.
    Yields a whole environment: the given one plus DATABASE_URL, DATABASE_OWNER_URL,
    REDIS_URL, NEXNUM_SECRET_KEY, NEXNUM_DATA_DIR, and the running stack's own addresses.
    """
    environ = os.environ if environ is None else environ
    layout = layout or Layout.chosen(environ)
    state = read_state(layout)
    if state:
        yield {**environ, **state["env"]}
        return
    with exclusive(layout, command=command, wait_s=30.0):
        secrets = load_secrets(layout)
        end_leftovers(layout, secrets.instance)
        supervisor = Supervisor(layout, secrets.instance)
        try:
            env = start_services(layout, supervisor, secrets, environ, need)
            yield {**environ, **own_variables(layout, secrets, environ), **env}
        finally:
            supervisor.stop_all()


def own_variables(layout: Layout, secrets: Secrets, environ: Mapping[str, str]) -> dict[str, str]:
    """What the product's settings need besides the services."""
    return {
        "NEXNUM_SECRET_KEY": environ.get("NEXNUM_SECRET_KEY") or secrets.secret_key,
        "NEXNUM_DATA_DIR": str(layout.state),
    }


def _given_database(environ: Mapping[str, str]) -> dict[str, str]:
    url = environ.get("DATABASE_URL")
    if not url:
        return {}
    return {"DATABASE_URL": url, "DATABASE_OWNER_URL": environ.get("DATABASE_OWNER_URL") or url}


def _start_postgres(layout: Layout, supervisor: Supervisor, secrets: Secrets) -> dict[str, str]:
    home = postgres.locate(layout, secrets)
    postgres.prepare(home, secrets)
    port = free_port()
    supervisor.start(postgres.process_spec(home, secrets, port))
    supervisor.await_ready("postgres")
    postgres.ensure_roles(secrets, port)
    return {
        "DATABASE_URL": postgres.database_url(postgres.APP, secrets.postgres_app, port),
        "DATABASE_OWNER_URL": postgres.database_url(postgres.OWNER, secrets.postgres_owner, port),
    }


def _start_redis(layout: Layout, supervisor: Supervisor, secrets: Secrets) -> str:
    port = free_port()
    supervisor.start(redis_server.process_spec(layout, secrets, port))
    supervisor.await_ready("redis")
    return redis_server.redis_url(secrets.redis, port)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(layout: Layout) -> AlreadyRunning:
    state = read_json(layout.run / "stack.json")
    if state:
        return AlreadyRunning(
            f"NexNum is already running at {state['url']}.", "Stop it with ./nexnum down."
        )
    held = holder(layout)
    if held and held[1] == "up":
        return AlreadyRunning("NexNum is already starting.", "Stop it with ./nexnum down.")
    return AlreadyRunning(
        f"Another nexnum command is using {layout.state}.", "Wait until it ends and try again."
    )
