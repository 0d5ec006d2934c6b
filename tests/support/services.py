"""One PostgreSQL and one Redis for a whole test run, shared by its parallel workers.

The first worker that asks starts a holder process; it ends, and takes the servers with it,
when the run's first process is gone, however that one ended.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
from psycopg import sql

from bench.databases import TEMPLATE, make_template, with_name
from nexnum_console.stack.layout import CHECKOUT, Layout, load_secrets
from nexnum_console.stack.postgres import libpq_url, locate
from nexnum_console.stack.services import running_services

MEMORY_LEAST = 3 * 2**30
_holders: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class SharedServices:
    """Addresses of the run's servers; ``folder`` is shared by its parallel workers."""

    folder: Path
    owner_url: str
    app_url: str
    redis_url: str


@dataclass(frozen=True)
class DatabaseUrls:
    """One worker's own migrated database: ``app`` reads and writes, ``owner`` migrates."""

    app: str
    owner: str


def shared_services() -> SharedServices:
    """Start the run's servers, or find those a sister worker started."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = _roomiest() / f"nexnum-test-{run}"
    folder.mkdir(exist_ok=True)
    with _locked(folder):
        ready = folder / "ready.json"
        if not ready.exists():
            _start_holder(folder)
        env = json.loads(ready.read_text("utf-8"))
    return SharedServices(
        folder=folder,
        owner_url=os.environ.get("DATABASE_URL_TEST") or env["DATABASE_OWNER_URL"],
        app_url=os.environ.get("DATABASE_URL_TEST") or env["DATABASE_URL"],
        redis_url=os.environ.get("REDIS_URL_TEST") or env["REDIS_URL"],
    )


def _roomiest() -> Path:
    """In memory where there is enough of it: each test's database is some hundred new files."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_LEAST:
        return memory
    return Path(tempfile.gettempdir())


def fresh_database(services: SharedServices, name: str) -> DatabaseUrls:
    """A new database of that name, copied from the migrated template."""
    with _locked(services.folder):
        if not (services.folder / "template").exists():
            make_template(services.owner_url, services.app_url)
            (services.folder / "template").touch()
        _admin(services.owner_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        # Copying files costs half of what writing them through the log does.
        _admin(
            services.owner_url, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, TEMPLATE
        )
    return DatabaseUrls(with_name(services.app_url, name), with_name(services.owner_url, name))


def drop_database(services: SharedServices, name: str) -> None:
    """Remove a database made by ``fresh_database``."""
    _admin(services.owner_url, "DROP DATABASE {}", name)


def _admin(owner_url: str, statement: LiteralString, *names: str) -> None:
    _connected(owner_url).execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@cache
def _connected(owner_url: str) -> psycopg.Connection:
    """One connection for all databases that this process makes."""
    connection = psycopg.connect(libpq_url(owner_url), autocommit=True)
    atexit.register(connection.close)
    return connection


def _start_holder(folder: Path) -> None:
    first = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with (folder / "holder.log").open("wb") as log:
        holder = subprocess.Popen(
            [sys.executable, "-m", "tests.support.services", str(folder), str(first)],
            cwd=CHECKOUT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _holders.append(holder)
    deadline = time.monotonic() + 60
    while not (folder / "ready.json").exists():
        if holder.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "holder.log").read_text("utf-8"))
        time.sleep(0.05)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _spare_the_disk(data: Path) -> None:
    """A database for each test is made and dropped thousands of times, and none outlives a loss of
    power: without waiting for the disk the whole run takes a fraction of the time."""
    with (data / "postgresql.auto.conf").open("a") as conf:
        conf.write("fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n")
    postmaster = int((data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
    os.kill(postmaster, signal.SIGHUP)


def _hold(folder: Path, first: int) -> None:
    """Keep the servers up as long as the run's first process lives."""
    run = psutil.Process(first)
    given = {
        name: os.environ[f"{name}_TEST"]
        for name in ("DATABASE_URL", "REDIS_URL")
        if f"{name}_TEST" in os.environ
    }
    layout = Layout.of(folder)
    with running_services(layout=layout, environ=given) as env:
        if "DATABASE_URL" not in given:
            _spare_the_disk(locate(layout, load_secrets(layout)).data)
        partial = folder / "ready.part"
        partial.write_text(json.dumps(env), "utf-8")
        partial.rename(folder / "ready.json")
        while run.is_running() and run.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.2)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _hold(Path(sys.argv[1]), int(sys.argv[2]))
