"""A whole console for one test run: built pages, web process, workers, simulated carriers."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import redis
from rich.console import Console

from nexnum_console.accounts import sessions
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.events import Events
from nexnum_console.operations.registration import register
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.stack import up
from nexnum_console.stack.layout import CHECKOUT, Layout, load_secrets
from nexnum_console.stack.processes import Supervisor
from nexnum_console.stack.services import free_port
from nexnum_console.stack.steps import Steps
from tests.support.services import DatabaseUrls

PASSWORD = "correct horse battery 9"
COOKIE = "nexnum_session"


@dataclass(frozen=True)
class RunningConsole:
    """Where it answers, its database, the log of its web process, and who watches over it."""

    url: str
    database: Database
    web_log: Path
    variables: dict[str, str]
    admin_link: str | None
    supervisor: Supervisor

    def sign_in(self, email: str, role: str = "user") -> str:
        """A user of that role, made when missing; returns a fresh session token."""
        with self.database.transaction() as unit:
            user_id = unit.scalar("select id from app_user where email = :email", email=email)
        if user_id is None:
            user_id = register(self.database, email, PASSWORD, currency="USD", role=role)
        with self.database.transaction() as unit:
            return sessions.open_session(
                unit, user_id, now=utc_now(), lifetime=timedelta(hours=1), ip="127.0.0.1"
            )

    def wait_for_catalogue(self, seconds: float = 60) -> None:
        """Until the first syncs have something for sale from every provider."""
        deadline = time.monotonic() + seconds
        with self.database.transaction() as unit:
            wanted = unit.scalar("select count(*) from provider")
        while time.monotonic() < deadline:
            with self.database.transaction() as unit:
                if unit.scalar("select count(distinct provider_id) from offer") == wanted:
                    return
            time.sleep(0.2)
        raise TimeoutError("the catalogue stayed empty")

    @contextmanager
    def sandbox(self) -> Iterator[SandboxControl]:
        """The simulated carriers' control."""
        control = SandboxControl(
            self.variables["SANDBOX_CONTROL_URL"], self.variables["SANDBOX_CONTROL_KEY"]
        )
        yield control
        control.close()

    def kill(self, prefix: str) -> list[str]:
        """End the programs of that name at once, as a crash does; returns their names."""
        alive = {n: pid for n, pid in self.supervisor.pids().items() if n.startswith(prefix)}
        for pid in alive.values():
            os.kill(pid, signal.SIGKILL)
        return sorted(alive)

    def close_session(self, token: str) -> None:
        """Log that session out."""
        with self.database.transaction() as unit:
            sessions.close(unit, token, now=utc_now())


@contextmanager
def running_console(
    folder: Path, urls: DatabaseUrls, redis_url: str, **variables: str
) -> Iterator[RunningConsole]:
    """Start what ``./nexnum up`` starts, with its state in ``folder`` and these ``variables``
    beside its own; stop all of it after."""
    layout = Layout(root=CHECKOUT, state=folder)
    layout.create()
    environ = {
        **os.environ,
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "REDIS_URL": redis_url,
        **variables,
    }
    supervisor = Supervisor(layout, load_secrets(layout).instance)
    quiet = Steps(Console(file=io.StringIO()))
    database = Database(urls.app)
    # What a test writes is told to the pages, as what any process of the product writes.
    database.spread = Events(redis.Redis.from_url(redis_url)).publish
    try:
        started = up.start(layout, supervisor, up.Choices(port=free_port()), environ, quiet)
        with _watched(supervisor):
            yield RunningConsole(
                started.url,
                database,
                layout.logs / "web.log",
                dict(started.env),
                started.admin_link,
                supervisor,
            )
    finally:
        supervisor.stop_all()
        database.close()


@contextmanager
def _watched(supervisor: Supervisor) -> Iterator[None]:
    """What crashes is started again, as ``./nexnum up`` does."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(up.WATCH_S):
            supervisor.watch()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
