"""One small pool: statements as they are written, and a server's restart that nobody notices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nexnum_console.core.db import Database


def test_names_are_bound_and_everything_else_is_left_alone(database: Database) -> None:
    with database.transaction() as unit:
        row = unit.first(
            "select cast(:a as text) || :a as twice, 7 % 4 as rest, '100%' as share,"
            " 5::bigint as cast_, array[1,2,3] as list, cast(:b as int) as b"
            " where 'x' like '%' || :c",
            a="ab",
            b=3,
            c="x",
            unused=1,
        )
    assert dict(row or {}) == {
        "twice": "abab",
        "rest": 3,
        "share": "100%",
        "cast_": 5,
        "list": [1, 2, 3],
        "b": 3,
    }


def test_connections_that_the_server_ended_are_replaced_unseen(
    database: Database, owner_database: Database
) -> None:
    def ask(_: int) -> int:
        with database.transaction() as unit:
            return int(unit.scalar("select pg_backend_pid() from pg_sleep(0.05)"))

    with ThreadPoolExecutor(8) as pool:
        before = set(pool.map(ask, range(8)))
    with database.transaction() as unit:
        own = unit.scalar("select pg_backend_pid()")
        unit.run(
            "select pg_terminate_backend(pid, 5000) from unnest(cast(:pids as int[])) as pid",
            pids=sorted(before - {own}),
        )
    with ThreadPoolExecutor(8) as pool:
        after = set(pool.map(ask, range(8)))
    assert after & before <= {own}


def test_a_statement_that_fails_leaves_the_connection_usable(database: Database) -> None:
    with pytest.raises(Exception, match="division by zero"), database.transaction() as unit:
        unit.run("select 1 / 0")
    with database.transaction() as unit:
        assert unit.scalar("select 1") == 1
