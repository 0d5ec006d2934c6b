"""Counts of all processes in one place: each adds to its own memory, Redis holds the sums.

Web and worker processes come and go, so none of them can answer for all. A process pushes its
increments once a second; whoever serves ``/api/metrics`` reads the sums. A Redis outage delays
counts and never touches the work that is counted.
"""

from __future__ import annotations

import logging
import os
import threading
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import redis

log = logging.getLogger(__name__)

HTTP: Final = "http_requests"
PROVIDER: Final = "provider_requests"
LATENCY: Final = "provider_latency"
GATE: Final = "provider_gate"

FLUSH_SECONDS: Final = 1.0
# Upper bounds in seconds; a purchase may take as long as its deadline of 20 s.
BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
MAX_SERIES: Final = 2_000
_SEPARATOR: Final = "\x1f"

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts per bucket (not cumulative, the last one beyond every bound) and the sum in µs."""

    buckets: tuple[int, ...]
    sum_us: int


class Metrics:
    """Increments of this process on their way to the shared sums."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pushing = threading.Lock()
        self._pending: Counts = defaultdict(lambda: defaultdict(int))
        self._series: dict[str, set[str]] = defaultdict(set)
        self._client: redis.Redis | None = None
        self._flusher: threading.Thread | None = None
        os.register_at_fork(after_in_child=self._forked)

    def connect(self, client: redis.Redis) -> None:
        """Where the sums are kept; until then increments wait in memory."""
        self._client = client

    def disconnect(self, client: redis.Redis) -> None:
        """Stop using a client that is about to be closed; increments wait in memory again."""
        with self._pushing:
            if self._client is client:
                self._client = None

    def http_request(self, endpoint: str, method: str, status: int) -> None:
        """One answered request; ``endpoint`` is the route's template, never the raw path."""
        self._count(HTTP, endpoint, method, str(status))

    def provider_request(
        self, provider: str, operation: str, outcome: str, seconds: float | None = None
    ) -> None:
        """One call to a provider; ``outcome`` is ``ok`` or a code of the error vocabulary.

        ``seconds`` is left out when nothing was sent.
        """
        self._count(PROVIDER, provider, operation, outcome)
        if seconds is not None:
            place = bisect_left(BUCKETS, seconds)
            self._count(LATENCY, provider, operation, str(place))
            self._count(LATENCY, provider, operation, "us", by=round(seconds * 1_000_000))

    def provider_gate(self, provider: str, what: str) -> None:
        """One look at the gate before a call, or one change of its circuit breaker."""
        self._count(GATE, provider, what)

    def _count(self, name: str, *labels: str, by: int = 1) -> None:
        series = _SEPARATOR.join(labels)
        with self._lock:
            known = self._series[name]
            if series not in known:
                if len(known) >= MAX_SERIES:
                    series = _SEPARATOR.join(["other"] * (len(labels) - 1) + [labels[-1]])
                known.add(series)
            self._pending[name][series] += by
        self._keep_flushing()

    def flush(self) -> bool:
        """Push what is pending; False when Redis did not take it (it stays pending)."""
        with self._pushing:
            if self._client is None:
                return False
            with self._lock:
                pending, self._pending = self._pending, defaultdict(lambda: defaultdict(int))
            return not pending or self._push(self._client, pending)

    def _push(self, client: redis.Redis, pending: Counts) -> bool:
        pipeline = client.pipeline(transaction=True)
        for name, series in pending.items():
            for field, amount in series.items():
                pipeline.hincrby(_key(name), field, amount)
        try:
            pipeline.execute()
        except redis.RedisError as error:
            log.warning("metrics wait for Redis: %s", error)
            with self._lock:
                for name, series in pending.items():
                    for field, amount in series.items():
                        self._pending[name][field] += amount
            return False
        return True

    def _keep_flushing(self) -> None:
        if self._flusher is None or not self._flusher.is_alive():
            with self._lock:
                if self._flusher is not None and self._flusher.is_alive():
                    return
                self._flusher = threading.Thread(
                    target=self._flush_forever, name="metrics", daemon=True
                )
                self._flusher.start()

    def _flush_forever(self) -> None:
        beat = threading.Event()
        while not beat.wait(FLUSH_SECONDS):
            self.flush()

    def _forked(self) -> None:
        # The parent pushes what it counted, and its locks may have been held at the fork.
        self._lock = threading.Lock()
        self._pushing = threading.Lock()
        self._pending = defaultdict(lambda: defaultdict(int))
        self._flusher = None


def read_counts(client: redis.Redis, name: str) -> dict[tuple[str, ...], int]:
    """The sums of one counter over all processes, by label values; RedisError passes through."""
    stored: dict[bytes, bytes] = client.hgetall(_key(name))  # type: ignore[assignment]
    return {tuple(_text(field).split(_SEPARATOR)): int(amount) for field, amount in stored.items()}


def read_latency(client: redis.Redis) -> dict[tuple[str, str], Histogram]:
    """The provider latency of all processes, by (provider, operation)."""
    buckets: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for (provider, operation, place), amount in read_counts(client, LATENCY).items():
        if place == "us":
            sums[provider, operation] = amount
        else:
            buckets[provider, operation][int(place)] = amount
    return {labels: Histogram(tuple(found), sums[labels]) for labels, found in buckets.items()}


def _key(name: str) -> str:
    return f"metrics:{name}"


def _text(field: bytes | str) -> str:
    return field.decode() if isinstance(field, bytes) else field


METRICS: Final = Metrics()
