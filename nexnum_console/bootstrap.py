"""The parts a process works with, opened once from the settings and closed together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.events import Events
from nexnum_console.core.metrics import METRICS
from nexnum_console.settings import Settings, settings


@dataclass(frozen=True, slots=True)
class Services:
    """Everything below the edges; passed on explicitly from there."""

    settings: Settings
    database: Database
    redis: redis.Redis
    events: Events
    secret_box: SecretBox

    def close(self) -> None:
        """Push the last counts, then give back every connection."""
        METRICS.flush()
        self.redis.close()
        self.database.close()


def open_redis(url: str) -> redis.Redis:
    """A client that gives up within about two seconds: nothing here is worth a longer wait."""
    return redis.Redis.from_url(
        url,
        socket_timeout=2,
        socket_connect_timeout=1,
        health_check_interval=30,
        retry=Retry(ConstantBackoff(0.05), 1),
    )


def open_services(chosen: Settings) -> Services:
    """Open the parts for ``chosen`` settings. Nothing connects before it is used."""
    client = open_redis(chosen.redis_url)
    METRICS.connect(client)
    return Services(
        settings=chosen,
        database=Database(chosen.database_url),
        redis=client,
        events=Events(client),
        secret_box=SecretBox(chosen.nexnum_secret_key),
    )


@lru_cache(maxsize=1)
def services() -> Services:
    """This process's services, opened at first use."""
    return open_services(settings())


def close() -> None:
    """Close what ``services`` opened, if it did."""
    if services.cache_info().currsize:
        services().close()
        services.cache_clear()
