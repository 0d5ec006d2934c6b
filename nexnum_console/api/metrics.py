"""Prometheus text over what every process counted and what the database knows."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import redis
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from nexnum_console.api.deps import current_services, public
from nexnum_console.bootstrap import Services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.dead_letters import Standing, standings
from nexnum_console.core.errors import NotFound
from nexnum_console.core.metrics import (
    BUCKETS,
    GATE,
    HTTP,
    METRICS,
    PROVIDER,
    Histogram,
    read_counts,
    read_latency,
)
from nexnum_console.providers.health import AccountHealth, health
from nexnum_console.reports.gauges import GaugeReader, Gauges

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/metrics", tags=["health"])

FRESH_SECONDS: Final = 2.0
_BREAKER_STATES: Final = ("closed", "half", "open")
_BOUNDS: Final = [*(str(bound) for bound in BUCKETS), "+Inf"]


class Exposition(Collector):
    """All figures; while a source is down its last known ones, and ``nexnum_up`` tells."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._reader = GaugeReader()
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._up = {"database": False, "redis": False}
        self._http: dict[tuple[str, ...], int] = {}
        self._provider: dict[tuple[str, ...], int] = {}
        self._latency: dict[tuple[str, str], Histogram] = {}
        self._gate: dict[tuple[str, ...], int] = {}
        self._health: list[AccountHealth] = []
        self._outbox: list[Standing] = []
        self._gauges: Gauges | None = None

    def collect(self) -> Iterator[Metric]:
        """The families; sources are read again when the last reading is older than 2 s."""
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._read_redis()
                self._read_database()
                self._read_at = time.monotonic()
            yield from self._counts()
            if self._gauges is not None:
                yield from _business(self._gauges)

    def describe(self) -> list[Metric]:
        """Nothing ahead of time: registering must not touch the sources."""
        return []

    def _read_redis(self) -> None:
        METRICS.flush()
        try:
            client = self._services.redis
            self._http = read_counts(client, HTTP)
            self._provider = read_counts(client, PROVIDER)
            self._latency = read_latency(client)
            self._gate = read_counts(client, GATE)
            self._up["redis"] = True
        except redis.RedisError as error:
            log.warning("metrics are the last known ones: %s", error)
            self._up["redis"] = False

    def _read_database(self) -> None:
        try:
            with self._services.database.transaction() as unit:
                self._gauges = self._reader.read(unit, utc_now())
                gates = self._services.upkeep.carriers.gates
                self._health = health(unit, gates, utc_now())
                self._outbox = standings(unit, utc_now())
            self._up["database"] = True
        except SQLAlchemyError as error:
            log.warning("gauges are the last known ones: %s", type(error).__name__)
            self._up["database"] = False

    def _counts(self) -> Iterator[Metric]:
        yield _counter(
            "nexnum_http_requests",
            "Answered requests of the API.",
            ["endpoint", "method", "status"],
            self._http,
        )
        yield _counter(
            "nexnum_provider_requests",
            "Calls to providers; outcome is ok or an error code.",
            ["provider", "operation", "outcome"],
            self._provider,
        )
        latency = HistogramMetricFamily(
            "nexnum_provider_latency",
            "Seconds a provider took to answer.",
            labels=["provider", "operation"],
        )
        for labels, histogram in sorted(self._latency.items()):
            totals = accumulate(histogram.buckets)
            latency.add_metric(
                list(labels),
                buckets=list(zip(_BOUNDS, map(float, totals), strict=True)),
                sum_value=histogram.sum_us / 1_000_000,
            )
        yield latency
        yield _counter(
            "nexnum_provider_gate",
            "Looks at the gate before a call (go, probe, alone, rate, slots, cool, open)"
            " and changes of its breaker (opened, half, closed).",
            ["provider", "event"],
            self._gate,
        )
        yield from _gates(self._health)
        yield from _outbox(self._outbox)
        up = GaugeMetricFamily("nexnum_up", "Whether a source answers.", labels=["part"])
        for part, answers in self._up.items():
            up.add_metric([part], float(answers))
        yield up


def _counter(
    name: str, text: str, labels: list[str], counts: dict[tuple[str, ...], int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, amount in sorted(counts.items()):
        family.add_metric(list(values), amount)
    return family


def _gates(accounts: list[AccountHealth]) -> Iterator[Metric]:
    state = GaugeMetricFamily(
        "nexnum_provider_breaker_state",
        "Circuit breaker of an account: 0 closed, 1 half open, 2 open.",
        labels=["provider", "account"],
    )
    cap = GaugeMetricFamily(
        "nexnum_provider_rate_cap",
        "Calls a second an account takes, as configured and learned.",
        labels=["provider", "account"],
    )
    for one in accounts:
        labels = [one.provider, one.label]
        if one.state in _BREAKER_STATES:
            state.add_metric(labels, _BREAKER_STATES.index(one.state))
        cap.add_metric(labels, one.cap / one.per_seconds)
    yield state
    yield cap


def _outbox(topics: list[Standing]) -> Iterator[Metric]:
    """Without a label too: an alert on what is absent would never ring."""
    for name, text, values in (
        ("waiting", "Messages still to be delivered.", [one.waiting for one in topics]),
        ("held", "Messages that stand behind a dead one.", [one.held for one in topics]),
        ("dead", "Messages that wait for an admin.", [one.dead for one in topics]),
    ):
        yield GaugeMetricFamily(f"nexnum_outbox_{name}", text, value=sum(values))
    yield GaugeMetricFamily(
        "nexnum_outbox_oldest_seconds",
        "Age of the oldest message still to be delivered.",
        value=max((one.oldest_seconds for one in topics), default=0.0),
    )
    ages = GaugeMetricFamily(
        "nexnum_outbox_topic_oldest_seconds",
        "The same age by topic.",
        labels=["topic"],
    )
    for one in topics:
        ages.add_metric([one.topic], one.oldest_seconds)
    yield ages


def _business(gauges: Gauges) -> Iterator[Metric]:
    transactions = CounterMetricFamily(
        "nexnum_wallet_transactions", "Booked money moves by type.", labels=["type"]
    )
    for kind, amount in gauges.transactions.items():
        transactions.add_metric([kind], amount)
    yield transactions
    for name, text, value in (
        ("nexnum_active_numbers", "Numbers rented now.", gauges.active_numbers),
        ("nexnum_confirming_orders", "Orders with an unknown answer.", gauges.confirming_orders),
        ("nexnum_open_holds", "Holds not resolved yet.", gauges.open_holds),
        ("nexnum_wallet_available_micro", "Users’ money, micro-units.", gauges.available),
        ("nexnum_wallet_reserved_micro", "Held money, micro-units.", gauges.reserved),
        (
            "nexnum_ledger_reserved_gap_micro",
            "Reserved money minus open holds; must be 0.",
            gauges.reserved_gap,
        ),
        ("nexnum_ledger_seal_lag_journals", "Journals not sealed yet.", gauges.unsealed),
        ("nexnum_frozen_wallets", "Wallets whose outgoing moves are stopped.", gauges.frozen),
        ("nexnum_suspense_open", "Payments that fit nothing, unresolved.", gauges.suspense),
        ("nexnum_alerts_open", "Alerts nobody has settled.", gauges.alerts),
    ):
        yield GaugeMetricFamily(name, text, value=value)
    breaks = GaugeMetricFamily(
        "nexnum_invariant_breaks", "Breaks of an invariant at its last check.", labels=["check"]
    )
    age = GaugeMetricFamily(
        "nexnum_invariant_age_seconds", "Time since an invariant was looked at.", labels=["check"]
    )
    for state in gauges.invariants:
        breaks.add_metric([state.name], state.breaks)
        age.add_metric([state.name], state.age_seconds)
    yield breaks
    yield age


class Page:
    """Renders for one scrape at a time, outside the pool of threads that serve sales."""

    def __init__(self, services: Services) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(Exposition(services))
        self._limiter = CapacityLimiter(1)

    async def render(self) -> bytes:
        """The exposition as Prometheus reads it."""
        return await to_thread.run_sync(generate_latest, self._registry, limiter=self._limiter)


@router.get("", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
@public("scrapers have no account; switched off by EXPOSE_METRICS=false")
async def metrics(request: Request) -> Response:
    """Counters of all processes and gauges of the business, in Prometheus text format."""
    services = current_services(request)
    if not services.settings.expose_metrics:
        raise NotFound("Metrics are switched off here.")
    state = request.app.state
    if not hasattr(state, "metrics_page"):
        state.metrics_page = Page(services)
    return Response(await state.metrics_page.render(), media_type=CONTENT_TYPE_LATEST)
