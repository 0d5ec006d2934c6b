"""One small pool: statements as they are written, and a server's restart that nobody notices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError

from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.stack.services import free_port


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


def test_a_server_that_is_away_is_told_as_any_other_trouble_with_it() -> None:
    nobody = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    with pytest.raises(OperationalError, match="refused"), nobody.transaction():
        raise AssertionError("there is no server")
    with pytest.raises(OperationalError, match="refused"), nobody.autocommit():
        raise AssertionError("there is no server")
    nobody.close()


def test_connections_that_are_cut_as_fast_as_they_are_made_are_an_outage(
    database: Database,
) -> None:
    def cut(*_: object) -> None:
        raise DisconnectionError("the server closed an idle connection")

    other = Database(database.url)
    event.listen(other.engine, "checkout", cut)
    with pytest.raises(OperationalError, match="closed"), other.transaction():
        raise AssertionError("every connection is cut")
    other.close()


def test_an_error_tells_the_statement_and_nothing_that_was_bound(database: Database) -> None:
    with pytest.raises(DBAPIError) as told, database.autocommit() as unit:
        unit.run("select cast(:secret as int)", secret="hunter2")
    assert "select cast" in str(told.value)
    assert "secret': 'hunter2" not in str(told.value)


def test_a_statement_alone_is_durable_and_leaves_the_next_transaction_whole(
    database: Database,
) -> None:
    with database.autocommit() as unit:
        unit.run("insert into service (code, name) values ('alone', 'Alone')")
        with pytest.raises(DBAPIError):
            unit.run("select 1 / 0")

    def fail() -> None:
        with database.transaction() as unit:
            unit.run("delete from service where code = 'alone'")
            raise KeyError("something else went wrong")

    with pytest.raises(KeyError):
        fail()
    with database.autocommit() as unit:
        assert unit.scalar("select name from service where code = 'alone'") == "Alone"


def test_a_transaction_with_a_failed_statement_does_not_pass_for_committed(
    database: Database,
) -> None:
    effects: list[str] = []

    def swallow() -> None:
        with database.transaction() as unit:
            unit.after_commit(lambda: effects.append("told"))
            unit.run("insert into service (code, name) values ('lost', 'Lost')")
            with pytest.raises(DBAPIError):
                unit.run("select 1 / 0")

    with pytest.raises(DBAPIError, match="nothing was committed"):
        swallow()
    assert not effects
    with database.autocommit() as unit:
        assert unit.scalar("select count(*) from service where code = 'lost'") == 0


def test_a_commit_whose_server_left_is_no_commit(database: Database) -> None:
    def cut_off() -> None:
        with database.transaction() as unit:
            pid = unit.scalar("select pg_backend_pid()")
            unit.run("insert into service (code, name) values ('cut', 'Cut')")
            with database.autocommit() as other:
                other.run("select pg_terminate_backend(:pid, 5000)", pid=pid)

    with pytest.raises(OperationalError):
        cut_off()
    with database.autocommit() as unit:
        assert unit.scalar("select count(*) from service where code = 'cut'") == 0


def test_a_savepoint_undoes_only_its_block(database: Database) -> None:
    def half(unit: UnitOfWork) -> None:
        with unit.savepoint():
            unit.run("insert into service (code, name) values ('half', 'Half')")
            raise KeyError("the half that fails")

    with database.transaction() as unit:
        unit.run("insert into service (code, name) values ('first', 'First')")
        with pytest.raises(KeyError):
            half(unit)
        kept = unit.all("select code from service where code in ('first', 'half')")
    assert kept == [{"code": "first"}]


def test_what_comes_often_is_prepared_and_answers_the_same(database: Database) -> None:
    def ask(unit: UnitOfWork, number: int | None, text: str) -> object:
        return unit.first(
            "select cast(:number as numeric) as number, :text || '%' as text,"
            " cast(:day as date) as day, cast('{\"a\": [1]}' as jsonb) as document,"
            " array[1, 2]::bigint[] as list, cast(:text as text) = :text as same",
            number=number,
            text=text,
            day=date(2026, 11, 26),
        )

    with database.transaction() as unit:
        by_cursor = [ask(unit, number, "x") for number in (1, 2**40, None)]
        unit.interruptible = False
        for _ in range(10):
            assert [ask(unit, number, "x") for number in (1, 2**40, None)] == by_cursor
        names = unit.all("select name from pg_prepared_statements where name like 'nexnum%'")
    # One for each kind of value: a small number, a large one, none.
    assert len(names) >= 3


def test_a_prepared_statement_fails_as_any_other_and_is_there_after_a_rollback(
    database: Database,
) -> None:
    def divide(by: int) -> None:
        with database.transaction() as unit:
            unit.interruptible = False
            for _ in range(8):
                unit.scalar("select 8 / cast(:by as int)", by=by if _ == 7 else 1)

    for _ in range(2):
        with pytest.raises(DBAPIError, match="division by zero") as told:
            divide(0)
        assert "select 8 /" in str(told.value)
    divide(2)


def test_no_more_is_prepared_than_the_driver_would(database: Database) -> None:
    with database.transaction() as unit:
        unit.interruptible = False
        unit.driver.prepared_max = 5
        for number in range(12):
            for _ in range(7):
                assert unit.scalar(f"select {number} + cast(:one as int)", one=1) == number + 1
        names = unit.all("select name from pg_prepared_statements where name like 'nexnum%'")
        unit.driver.prepared_max = 100
    assert len(names) == 5


@pytest.mark.parametrize("interruptible", [True, False])
def test_a_table_that_changed_meanwhile_fails_once(
    database: Database, owner_database: Database, interruptible: bool
) -> None:
    def look() -> object:
        with database.transaction() as unit:
            unit.interruptible = interruptible
            return [unit.first("select * from changing") for _ in range(8)][-1]

    def change(*statements: str) -> None:
        with owner_database.transaction() as unit:
            for statement in statements:
                unit.run(statement)

    change(
        "create table changing (a int)",
        "insert into changing values (1)",
        "grant select on changing to public",
    )
    try:
        assert look() == {"a": 1}
        change("alter table changing add b int default 2")
        with pytest.raises(DBAPIError, match="cached plan"):
            look()
        assert look() == {"a": 1, "b": 2}
    finally:
        change("drop table changing")


def test_a_savepoint_inside_another_undoes_its_own_part(database: Database) -> None:
    def inner(unit: UnitOfWork) -> None:
        with unit.savepoint():
            unit.run("insert into service (code, name) values ('inner', 'Inner')")
            unit.run("select 1 / 0")

    with database.transaction() as unit:
        with unit.savepoint():
            unit.run("insert into service (code, name) values ('outer', 'Outer')")
            with pytest.raises(DBAPIError):
                inner(unit)
        kept = unit.all("select code from service where code in ('inner', 'outer')")
    assert kept == [{"code": "outer"}]


def test_a_connection_with_something_half_done_is_not_lent_again(database: Database) -> None:
    with database.autocommit() as unit:
        left = unit.scalar("select pg_backend_pid()")
        unit.driver.pgconn.exec_(b"begin")
    with database.transaction() as unit:
        assert unit.scalar("select pg_backend_pid()") != left


def test_a_snapshot_is_of_one_moment_and_changes_nothing(database: Database) -> None:
    insert = "insert into app_user (email, password_hash) values (:email, 'x')"
    count = "select count(*) from app_user"
    with database.snapshot() as unit:
        before = unit.scalar(count)
        with database.transaction() as beside:
            beside.run(insert, email="a@example.org")
        assert unit.scalar(count) == before
    with pytest.raises(DBAPIError, match="read-only"), database.snapshot() as unit:
        unit.run(insert, email="b@example.org")
    with database.transaction() as unit:
        assert unit.scalar(count) == before + 1
