"""Whether this process could serve: each part asked over its own short-lived connection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import psycopg
import redis.asyncio
from alembic.config import Config
from alembic.script import ScriptDirectory
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

import nexnum_console

PART_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part's verdict; ``problem`` is empty when it is well and safe to show to anyone."""

    name: str
    problem: str
    ms: int

    @property
    def ok(self) -> bool:
        """Whether the part is well."""
        return not self.problem


class _Unwell(Exception):
    """A part answered, and what it said is not good."""


async def readiness(database_url: str, redis_url: str) -> list[Part]:
    """Ask the database (and whether it is migrated) and Redis at once, 2 s at most for each.

    No pooled connection is used: a busy pool must not make the process look dead.
    """
    return list(
        await asyncio.gather(
            _asked("database", lambda: _ask_database(database_url)),
            _asked("migrations", lambda: _ask_migrations(database_url)),
            _asked("redis", lambda: _ask_redis(redis_url)),
        )
    )


@lru_cache(maxsize=1)
def newest_revision() -> str | None:
    """The migration this code expects the database to be at."""
    config = Config()
    folder = Path(nexnum_console.__file__).resolve().parents[1] / "alembic"
    config.set_main_option("script_location", str(folder))
    return ScriptDirectory.from_config(config).get_current_head()


async def _asked(name: str, ask: Callable[[], Awaitable[None]]) -> Part:
    started = time.monotonic()
    problem = ""
    try:
        async with asyncio.timeout(PART_SECONDS):
            await ask()
    except _Unwell as error:
        problem = str(error)
    except (OSError, TimeoutError, psycopg.Error, redis.RedisError):
        problem = "does not answer"
    return Part(name, problem, round((time.monotonic() - started) * 1000))


async def _ask_database(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        _plain(url), connect_timeout=2, application_name="nexnum-health"
    ) as connection:
        await connection.execute("select 1")


async def _ask_migrations(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        _plain(url), connect_timeout=2, application_name="nexnum-health"
    ) as connection:
        try:
            cursor = await connection.execute("select version_num from alembic_version")
            row = await cursor.fetchone()
        except psycopg.errors.UndefinedTable as error:
            raise _Unwell("the database is not migrated") from error
    if row is None or row[0] != newest_revision():
        raise _Unwell("the database is at another migration than this code")


async def _ask_redis(url: str) -> None:
    client = redis.asyncio.Redis.from_url(
        url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        await client.echo("well")
    finally:
        await client.aclose()


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
