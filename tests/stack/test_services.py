"""The embedded servers, started for real."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from nexnum_console.stack import postgres
from nexnum_console.stack.errors import AlreadyRunning
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.postgres import libpq_url
from nexnum_console.stack.services import exclusive, running_services
from tests.support.services import DatabaseUrls


def test_app_role_writes_rows_but_owns_nothing(database_urls: DatabaseUrls) -> None:
    with psycopg.connect(libpq_url(database_urls.owner), autocommit=True) as owner:
        owner.execute("CREATE TABLE owned (id int)")
    with psycopg.connect(libpq_url(database_urls.app), autocommit=True) as app:
        app.execute("INSERT INTO owned VALUES (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DROP TABLE owned")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("TRUNCATE owned")


def test_redis_answers_with_its_password_only(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
    bare = redis_url.split("@")[1]
    with (
        redis.Redis.from_url(f"redis://{bare}") as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_data_survives_and_nothing_is_left_running(open_folder: Path) -> None:
    layout = Layout.of(open_folder)
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    with (
        running_services(layout=layout, environ={}) as env,
        psycopg.connect(libpq_url(env["DATABASE_OWNER_URL"])) as owner,
    ):
        owner.execute("CREATE TABLE kept (id int)")
    assert {p.pid for p in psutil.Process().children(recursive=True)} <= before
    with running_services(("postgres",), layout=layout, environ={}) as env:
        assert "REDIS_URL" not in env
        with psycopg.connect(libpq_url(env["DATABASE_URL"])) as app:
            assert app.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_killed_server_is_recovered(open_folder: Path) -> None:
    layout = Layout.of(open_folder)
    with running_services(("postgres",), layout=layout, environ={}):
        server = next(p for p in psutil.Process().children() if p.name() == "postgres")
        server.kill()
    with running_services(("postgres",), layout=layout, environ={}) as env:
        psycopg.connect(libpq_url(env["DATABASE_URL"])).close()


def test_one_command_at_a_time_holds_the_services(open_folder: Path) -> None:
    layout = Layout.of(open_folder)
    with (
        exclusive(layout),
        pytest.raises(AlreadyRunning, match="Another nexnum command"),
        exclusive(layout),
    ):
        pass


def test_given_urls_replace_the_embedded_parts(open_folder: Path) -> None:
    given = {"DATABASE_URL": "postgresql+psycopg://db/x", "REDIS_URL": "redis://r/0"}
    with running_services(layout=Layout.of(open_folder), environ=given) as env:
        assert env["DATABASE_OWNER_URL"] == given["DATABASE_URL"]
        assert env["REDIS_URL"] == given["REDIS_URL"]
    assert not (open_folder / ".nexnum/pg/data").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another user")
def test_a_database_that_its_user_cannot_reach_lives_elsewhere(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = open_folder / "elsewhere"
    monkeypatch.setattr(postgres, "ELSEWHERE", elsewhere)
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    layout = Layout.of(closed)
    with running_services(("postgres",), layout=layout, environ={}) as env:
        psycopg.connect(libpq_url(env["DATABASE_URL"])).close()
    (home,) = elsewhere.iterdir()
    assert (home / "data/PG_VERSION").read_text() == "18\n"
    assert postgres.forgotten() == []
    shutil.rmtree(closed)
    assert postgres.forgotten() == [home]
