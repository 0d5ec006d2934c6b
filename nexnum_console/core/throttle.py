"""How often something may be tried: counted in Redis, stricter in this process without it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import redis

from nexnum_console.core.errors import BusinessError

log = logging.getLogger(__name__)

# Without Redis every process counts alone, so each allows only this part of the limit.
_ALONE_PART: Final = 4
_ALONE_KEYS: Final = 10_000


class TooMany(BusinessError):
    """Tried too often; ``retry_after`` seconds until the next try counts."""

    code = "too_many_requests"
    status = 429


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``tries`` in each window of ``seconds``; ``name`` keeps counters apart."""

    name: str
    tries: int
    seconds: int


class Throttle:
    """Counts tries by subject. Redis decides for all processes while it answers."""

    def __init__(self, client: redis.Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._alone: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def hit(self, limit: Limit, subject: str) -> None:
        """Count one try by ``subject``; TooMany when it is over the limit."""
        key = _key(limit, subject)
        try:
            count, wait = self._shared(key, limit)
            allowed = limit.tries
        except redis.RedisError as error:
            log.warning("throttle %s counts in this process only: %s", limit.name, error)
            count, wait = self._own(key, limit)
            allowed = max(1, limit.tries // _ALONE_PART)
        if count > allowed:
            raise TooMany(
                f"Too many tries; the next one is possible in {wait} seconds.", retry_after=wait
            )

    def forget(self, limit: Limit, subject: str) -> None:
        """Start over for ``subject``: after a success, for instance."""
        key = _key(limit, subject)
        with self._lock:
            self._alone.pop(key, None)
        try:
            self._client.delete(key)
        except redis.RedisError as error:
            log.warning("throttle %s not cleared: %s", limit.name, error)

    def _shared(self, key: str, limit: Limit) -> tuple[int, int]:
        pipeline = self._client.pipeline(transaction=True)
        pipeline.set(key, 0, ex=limit.seconds, nx=True)
        pipeline.incr(key)
        pipeline.ttl(key)
        _, count, seconds_left = pipeline.execute()
        return int(count), max(1, int(seconds_left))

    def _own(self, key: str, limit: Limit) -> tuple[int, int]:
        now = self._clock()
        with self._lock:
            if len(self._alone) > _ALONE_KEYS:
                self._alone = {k: v for k, v in self._alone.items() if v[0] > now}
            ends, count = self._alone.get(key, (0.0, 0))
            if ends <= now:
                ends, count = now + limit.seconds, 0
            self._alone[key] = (ends, count + 1)
        return count + 1, max(1, round(ends - now))


def _key(limit: Limit, subject: str) -> str:
    # Addresses of people do not belong into another store's key names.
    return f"throttle:{limit.name}:{sha256(subject.encode()).hexdigest()[:32]}"
