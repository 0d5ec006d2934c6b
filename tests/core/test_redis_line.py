"""A line to Redis: one connection a thread, made anew when it was cut."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from nexnum_console.core.redis_line import Line
from nexnum_console.stack.services import free_port


def test_a_thread_keeps_its_connection(redis_client: redis.Redis) -> None:
    line = Line(redis_client)
    assert line.ask("SET", "line", "x") == b"OK"
    assert {line.ask("CLIENT", "ID") for _ in range(5)} == {line.ask("CLIENT", "ID")}
    with ThreadPoolExecutor(1) as other:
        assert other.submit(line.ask, "CLIENT", "ID").result() != line.ask("CLIENT", "ID")


def test_a_cut_connection_is_made_anew(redis_client: redis.Redis) -> None:
    line = Line(redis_client)
    redis_client.client_kill_filter(_id=line.ask("CLIENT", "ID"))
    assert line.ask("PING") == b"PONG"


def test_what_redis_refuses_and_that_it_is_away_is_said(redis_client: redis.Redis) -> None:
    line = Line(redis_client)
    with pytest.raises(redis.ResponseError):
        line.ask("NOSUCHCOMMAND")
    assert line.ask("PING") == b"PONG"
    nobody = Line(redis.Redis(port=free_port(), socket_connect_timeout=1))
    with pytest.raises(redis.ConnectionError):
        nobody.ask("PING")


def test_an_answer_that_nobody_read_is_never_the_next_one_s(
    redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(redis_client)
    assert line.ask("ECHO", "first") == b"first"

    def stopped(connection: redis.Connection) -> None:
        raise TimeoutError("the job's time is over")

    with monkeypatch.context() as patched:
        patched.setattr(redis.Connection, "read_response", stopped)
        with pytest.raises(TimeoutError):
            line.ask("ECHO", "second")
    assert line.ask("ECHO", "third") == b"third"
