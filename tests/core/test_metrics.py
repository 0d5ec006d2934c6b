"""Counting survives outages, forks and too many labels."""

from __future__ import annotations

import os

import redis

from nexnum_console.bootstrap import open_redis
from nexnum_console.core.metrics import HTTP, MAX_SERIES, PROVIDER, Metrics, read_counts


def test_counts_wait_while_redis_is_away(redis_client: redis.Redis) -> None:
    metrics = Metrics()
    metrics.connect(open_redis("redis://127.0.0.1:1/0"))
    metrics.http_request("/api/x", "GET", 200)
    assert metrics.flush() is False
    metrics.http_request("/api/x", "GET", 200)
    metrics.connect(redis_client)
    assert metrics.flush() is True
    assert read_counts(redis_client, HTTP) == {("/api/x", "GET", "200"): 2}


def test_a_closed_client_is_used_no_more(redis_client: redis.Redis) -> None:
    metrics = Metrics()
    metrics.connect(redis_client)
    metrics.http_request("/api/x", "GET", 200)
    metrics.disconnect(open_redis("redis://127.0.0.1:1/0"))
    assert metrics.flush() is True
    metrics.http_request("/api/x", "GET", 200)
    metrics.disconnect(redis_client)
    assert metrics.flush() is False
    assert sum(read_counts(redis_client, HTTP).values()) == 1


def test_two_processes_add_up(redis_client: redis.Redis) -> None:
    for _ in range(2):
        metrics = Metrics()
        metrics.connect(redis_client)
        metrics.provider_request("fivesim", "buy", "ok", 0.1)
        assert metrics.flush()
    assert read_counts(redis_client, PROVIDER) == {("fivesim", "buy", "ok"): 2}


def test_labels_stay_bounded(redis_client: redis.Redis) -> None:
    metrics = Metrics()
    for number in range(MAX_SERIES + 50):
        metrics.provider_request(f"made-up-{number}", "buy", "ok")
    metrics.connect(redis_client)
    metrics.flush()
    counts = read_counts(redis_client, PROVIDER)
    assert len(counts) == MAX_SERIES + 1
    assert counts["other", "other", "ok"] == 50


def test_a_forked_child_does_not_push_its_parents_counts(redis_client: redis.Redis) -> None:
    metrics = Metrics()
    metrics.http_request("/api/x", "GET", 200)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, str(sum(len(s) for s in metrics._pending.values())).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"0"
    metrics.connect(redis_client)
    assert metrics.flush()
    assert sum(read_counts(redis_client, HTTP).values()) == 1
