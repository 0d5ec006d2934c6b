"""``./nexnum doctor``: each part with a verdict and, where it is not well, the cure."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import psycopg
import redis

from nexnum_console.stack import frontend, postgres, preflight
from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout, load_secrets
from nexnum_console.stack.migrate import pending
from nexnum_console.stack.services import read_state, running_services

Verdict = Literal["ok", "warning", "failed"]
CLOCK_SLACK_S = 2.0
OLDEST_NODE = (22, 22)
_PIN = re.compile(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+)(\s*;.*)?", re.M)


@dataclass(frozen=True)
class Finding:
    """One part's state; ``cure`` is empty when it is well."""

    part: str
    verdict: Verdict
    detail: str
    cure: str = ""


def examine(layout: Layout, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check everything, slowest last. A failing check is a finding, never an exception."""
    yield _found("python", _python)
    yield _found("packages", lambda: _packages(layout))
    yield _found("state folder", lambda: _writable(layout))
    yield _found("free space", lambda: f"{preflight.check_space(layout.root):,} MB")
    yield _found("node", _node)
    yield _pages(layout)
    yield _browser()
    yield _console(layout)
    yield from _forgotten()
    yield from _services(layout, environ)


def _services(layout: Layout, environ: Mapping[str, str]) -> Iterator[Finding]:
    try:
        with running_services(command="doctor", layout=layout, environ=environ) as env:
            yield _found("postgresql", lambda: preflight.check_database(env["DATABASE_URL"]))
            yield _found("redis", lambda: preflight.check_redis(env["REDIS_URL"]))
            yield _migrations(layout, env)
            yield _roles(env)
            yield _clock(layout, env)
    except StackError as error:
        yield Finding("postgresql", "failed", error.problem, error.cure)


def _found(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, "ok", check())
    except StackError as error:
        return Finding(part, "failed", error.problem, error.cure)


def _python() -> str:
    preflight.check_python()
    return platform.python_version()


def _packages(layout: Layout) -> str:
    text = (layout.root / "requirements.txt").read_text("utf-8")
    wrong = []
    pins = [(name, pin) for name, pin, condition in _PIN.findall(text) if not condition]
    for name, pin in pins:
        try:
            if version(name) != pin:
                wrong.append(f"{name} {version(name)} instead of {pin}")
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
    if wrong:
        raise StackError(f"{', '.join(wrong)}.", "Remove the folder .venv and run ./nexnum again.")
    return f"{len(pins)} as pinned"


def _writable(layout: Layout) -> str:
    layout.create()
    load_secrets(layout)
    return str(layout.state)


def _node() -> str:
    found = subprocess.run(
        [str(frontend.node_program()), "--version"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    ).stdout.strip()
    numbers = tuple(int(part) for part in found.removeprefix("v").split(".")[:2] if part.isdigit())
    if numbers < OLDEST_NODE:
        raise StackError(
            f"Node {found or 'does not run'}.", "Remove the folder .venv and run ./nexnum again."
        )
    return found.removeprefix("v")


def _pages(layout: Layout) -> Finding:
    if frontend.is_current(layout):
        return Finding("pages", "ok", "built")
    return Finding("pages", "warning", "not built yet or changed", "./nexnum up builds them.")


def _browser() -> Finding:
    found = find_browser()
    if found:
        return Finding("chromium", "ok", found)
    return Finding(
        "chromium", "warning", "not found", "Only the browser tests need it: install chromium."
    )


def find_browser() -> str | None:
    """Path of a Chromium or Chrome on this machine; ``CHROMIUM`` names another one."""
    if chosen := os.environ.get("CHROMIUM"):
        return shutil.which(chosen)
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def _console(layout: Layout) -> Finding:
    state = read_state(layout)
    if not state:
        return Finding("console", "ok", "not running")
    try:
        with urllib.request.urlopen(f"{state['url']}/api/health/ready", timeout=5):  # noqa: S310
            return Finding("console", "ok", f"ready at {state['url']}")
    except (urllib.error.URLError, OSError) as error:
        return Finding(
            "console",
            "failed",
            f"not ready at {state['url']}: {error}",
            f"Read {layout.logs / 'web.log'}; ./nexnum down and up start it again.",
        )


def _forgotten() -> Iterator[Finding]:
    for folder in postgres.forgotten():
        yield Finding(
            "old database",
            "warning",
            f"{folder} belongs to a copy that is gone",
            f"Remove it: rm -r {folder}",
        )


def _migrations(layout: Layout, env: Mapping[str, str]) -> Finding:
    try:
        current, newest = pending(layout, env["DATABASE_OWNER_URL"])
    except Exception as error:  # noqa: BLE001  any driver error is the verdict here
        return Finding("migrations", "failed", type(error).__name__, "Check DATABASE_OWNER_URL.")
    if current == newest:
        return Finding("migrations", "ok", f"at {newest}")
    detail = f"at {current or 'none'}, newest is {newest}"
    return Finding("migrations", "warning", detail, "./nexnum up migrates.")


def _roles(env: Mapping[str, str]) -> Finding:
    url = postgres.libpq_url(env["DATABASE_URL"])
    asked = (
        "SELECT bool_or(has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid,"
        " 'DELETE')) FROM pg_class c WHERE c.oid IN (to_regclass('journal'), to_regclass('entry'))"
    )
    try:
        with psycopg.connect(url, connect_timeout=preflight.CONNECT_S) as connection:
            row = connection.execute(asked).fetchone()
    except psycopg.Error as error:
        return Finding("database roles", "failed", type(error).__name__, "Check DATABASE_URL.")
    if row and row[0]:
        detail = "the product's own role may change the ledger; only triggers stop it"
        cure = "Give the owner a role of its own in DATABASE_OWNER_URL, another in DATABASE_URL."
        return Finding("database roles", "warning", detail, cure)
    return Finding("database roles", "ok", "the product may add to the ledger, not change it")


def _clock(layout: Layout, env: Mapping[str, str]) -> Finding:
    cure = "Set the clock, or let NTP keep it (timedatectl set-ntp true)."
    newest_file = (layout.root / "requirements.txt").stat().st_mtime
    if time.time() < newest_file - CLOCK_SLACK_S:
        return Finding("clock", "failed", "behind the time its own files were written", cure)
    try:
        offsets = {"PostgreSQL": _database_offset(env), "Redis": _redis_offset(env)}
    except (psycopg.Error, redis.RedisError):
        return Finding("clock", "warning", "nothing to compare it with", "See the services above.")
    name, worst = max(offsets.items(), key=lambda item: abs(item[1]))
    if abs(worst) > CLOCK_SLACK_S:
        return Finding("clock", "failed", f"{worst:+.1f} s against {name}", cure)
    return Finding("clock", "ok", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")


def _database_offset(env: Mapping[str, str]) -> float:
    url = postgres.libpq_url(env["DATABASE_URL"])
    with psycopg.connect(url, connect_timeout=preflight.CONNECT_S) as connection:
        row = connection.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()
    return time.time() - float(row[0] if row else 0)


def _redis_offset(env: Mapping[str, str]) -> float:
    with redis.Redis.from_url(env["REDIS_URL"], socket_timeout=5) as client:
        seconds, micros = client.time()
    return time.time() - float(seconds) - float(micros) / 1e6
