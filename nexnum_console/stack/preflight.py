"""What must be true before anything starts; each failure is one line with its cure."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
import redis

from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.postgres import libpq_url

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 180000
FREE_MB = 512
FREE_MB_TO_BUILD = 1024
CONNECT_S = 5


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Refuse a Python older than the code is written for."""
    if version < OLDEST_PYTHON:
        found = ".".join(str(part) for part in version)
        raise StackError(f"Python {found} is too old.", "Install Python 3.11 or newer.")


def check_space(folder: Path, *, needed_mb: int = FREE_MB) -> int:
    """Free megabytes where the state lives. Raises StackError below ``needed_mb``."""
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < needed_mb:
        raise StackError(
            f"Only {free_mb} MB are free on the disk of {folder}; {needed_mb} MB are needed.",
            "Free some space and try again.",
        )
    return free_mb


def check_port(host: str, port: int) -> None:
    """Refuse a port that somebody listens on, or that this user may not open."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError as error:
            raise StackError(
                f"This user may not open port {port}.", "Choose one above 1023 with --port."
            ) from error
        except (OSError, OverflowError) as error:
            raise StackError(
                f"Port {port} on {host} is taken or not ours.",
                f"Choose another: ./nexnum up --port {min(port + 1, 65535)}",
            ) from error


def check_database(url: str) -> str:
    """The version of the operator's own PostgreSQL. Raises StackError when it does not answer."""
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=CONNECT_S) as connection:
            number = connection.info.server_version
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[-1]
        raise StackError(
            f"DATABASE_URL does not answer: {reason}.",
            "Start that server or correct the address, or unset DATABASE_URL to use ours.",
        ) from error
    if number < OLDEST_POSTGRES:
        raise StackError(
            f"DATABASE_URL is PostgreSQL {number // 10000}.", "Use version 18 or newer."
        )
    return f"{number // 10000}.{number % 10000}"


def check_redis(url: str) -> str:
    """The version of the operator's own Redis. Raises StackError when it does not answer."""
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=CONNECT_S, socket_timeout=5
        ) as client:
            return str(client.info("server")["redis_version"])
    except (redis.RedisError, ValueError) as error:
        raise StackError(
            f"REDIS_URL does not answer: {error}.",
            "Start that server or correct the address, or unset REDIS_URL to use ours.",
        ) from error


def check_start(
    layout: Layout, host: str, port: int, environ: Mapping[str, str], *, needed_mb: int = FREE_MB
) -> None:
    """Everything ``up`` needs, cheapest first. Raises StackError at the first that is missing."""
    check_python()
    layout.create()
    _check_writable(layout.root)
    check_space(layout.state, needed_mb=needed_mb)
    check_port(host, port)
    if environ.get("DATABASE_URL"):
        check_database(environ["DATABASE_URL"])
    if environ.get("REDIS_URL"):
        check_redis(environ["REDIS_URL"])


def _check_writable(root: Path) -> None:
    if not os.access(root, os.W_OK):
        raise StackError(
            f"Cannot write to {root}.",
            "Give this user write access to the folder, or use a copy in a folder of yours.",
        )
