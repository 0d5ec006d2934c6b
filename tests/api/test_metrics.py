"""The figures move, whichever process counted them."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from datetime import timedelta

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from nexnum_console.api import metrics as api_metrics
from nexnum_console.api.app import create_api
from nexnum_console.bootstrap import Services, open_redis
from nexnum_console.core.clock import utc_now
from nexnum_console.core.metrics import METRICS
from nexnum_console.providers import registry
from nexnum_console.providers.limiter import Budget, Limits
from nexnum_console.providers.script import AUTOMATIC, Call
from tests.api.conftest import ORIGIN, register


def _samples(client: TestClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    page = client.get("/api/metrics")
    assert page.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def test_http_requests_count_by_route_and_not_by_path(client: TestClient, monkeypatch) -> None:
    monkeypatch.setattr(api_metrics, "FRESH_SECONDS", -1.0)
    for number in range(3):
        client.get(f"/api/unknown/{number}")
    client.get("/api/auth/me")
    found = {
        dict(labels)["endpoint"]: value
        for (name, labels), value in _samples(client).items()
        if name == "nexnum_http_requests_total"
    }
    assert found["/api/auth/me"] == 1
    assert found["/api/{path:path}"] == 3
    assert not any("unknown" in endpoint for endpoint in found)


def test_another_process_counts_too(client: TestClient, services: Services, monkeypatch) -> None:
    monkeypatch.setattr(api_metrics, "FRESH_SECONDS", -1.0)
    program = (
        "import sys; from nexnum_console.bootstrap import open_redis;"
        "from nexnum_console.core.metrics import METRICS;"
        "METRICS.connect(open_redis(sys.argv[1]));"
        "METRICS.provider_request('fivesim', 'status', 'ok', 0.2);"
        "METRICS.provider_request('fivesim', 'status', 'ok', 99.0);"
        "METRICS.provider_request('fivesim', 'buy', 'no_numbers');"
        "assert METRICS.flush()"
    )
    subprocess.run(
        [sys.executable, "-c", program, services.settings.redis_url], check=True, env=os.environ
    )
    samples = _samples(client)
    by = (("operation", "status"), ("outcome", "ok"), ("provider", "fivesim"))
    assert samples["nexnum_provider_requests_total", by] == 2
    by = (("operation", "status"), ("provider", "fivesim"))
    assert samples["nexnum_provider_latency_count", by] == 2
    assert samples["nexnum_provider_latency_sum", by] == 99.2
    bucket = (("le", "0.25"), *by)
    assert samples["nexnum_provider_latency_bucket", bucket] == 1


def test_business_gauges_come_from_the_database(client: TestClient, monkeypatch) -> None:
    monkeypatch.setattr(api_metrics, "FRESH_SECONDS", -1.0)
    register(client)
    samples = _samples(client)
    assert samples["nexnum_active_numbers", ()] == 0
    assert samples["nexnum_ledger_reserved_gap_micro", ()] == 0
    assert samples["nexnum_wallet_transactions_total", (("type", "DEPOSIT"),)] == 0
    assert samples["nexnum_up", (("part", "database"),)] == 1


def test_without_redis_the_page_still_answers_and_says_so(services: Services) -> None:
    alone = dataclasses.replace(services, redis=open_redis("redis://127.0.0.1:1/0"))
    with TestClient(create_api(alone), base_url=ORIGIN) as client:
        METRICS.connect(alone.redis)
        try:
            samples = _samples(client)
        finally:
            METRICS.connect(services.redis)
    assert samples["nexnum_up", (("part", "redis"),)] == 0
    assert samples["nexnum_up", (("part", "database"),)] == 1


def test_metrics_can_be_switched_off(services: Services) -> None:
    settings = services.settings.model_copy(update={"expose_metrics": False})
    with TestClient(
        create_api(dataclasses.replace(services, settings=settings)), base_url=ORIGIN
    ) as client:
        assert client.get("/api/metrics").status_code == 404


def test_gates_and_breakers_are_shown(client: TestClient, services: Services, monkeypatch) -> None:
    monkeypatch.setattr(api_metrics, "FRESH_SECONDS", -1.0)
    config = {"name": "fivesim", "rateLimit": {"requests": 100, "perSeconds": 4}}
    with services.database.transaction() as unit:
        _, account_id = registry.add_provider(unit, services.secret_box, config)
    gates = services.upkeep.carriers.gates
    limits = Limits(Budget(100, 4.0), 8)
    gate = gates.gate(account_id, "fivesim", limits, AUTOMATIC)
    call = Call("balance", "read", 5.0, 0.0)
    gate.enter(call).done("rate_limited", 0)
    gates.flush()
    gate.enter(call).done("bad_key")
    gates.flush()
    samples = _samples(client)
    account = (("account", "main"), ("provider", "fivesim"))
    assert samples["nexnum_provider_breaker_state", account] == 2
    assert samples["nexnum_provider_rate_cap", account] == 75 / 4
    for event, times in (("go", 2), ("opened", 1)):
        by = (("event", event), ("provider", "fivesim"))
        assert samples["nexnum_provider_gate_total", by] == times


def test_what_waits_to_leave_is_measured(
    client: TestClient, services: Services, monkeypatch
) -> None:
    monkeypatch.setattr(api_metrics, "FRESH_SECONDS", -1.0)
    assert _samples(client)["nexnum_outbox_oldest_seconds", ()] == 0
    with services.database.transaction() as unit:
        for key in ("a", "a", "b"):
            written = utc_now() - timedelta(minutes=5)
            services.outbox.put(unit, "told", key, {}, now=written)
        unit.run("update outbox set state = 'dead' where id = (select min(id) from outbox)")
    samples = _samples(client)
    figures = [samples[f"nexnum_outbox_{name}", ()] for name in ("waiting", "held", "dead")]
    assert figures == [2, 1, 1]
    assert 300 <= samples["nexnum_outbox_oldest_seconds", ()] < 360
    assert samples["nexnum_outbox_topic_oldest_seconds", (("topic", "told"),)] >= 300
