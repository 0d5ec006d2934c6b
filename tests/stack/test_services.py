"""The embedded servers, started for real."""

from __future__ import annotations

from pathlib import Path

import psutil
import psycopg
import pytest
import redis

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


def test_data_survives_and_nothing_is_left_running(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path / "with a space")
    layout.root.mkdir()
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


def test_a_killed_server_is_recovered(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path)
    with running_services(("postgres",), layout=layout, environ={}):
        server = next(p for p in psutil.Process().children() if p.name() == "postgres")
        server.kill()
    with running_services(("postgres",), layout=layout, environ={}) as env:
        psycopg.connect(libpq_url(env["DATABASE_URL"])).close()


def test_one_command_at_a_time_holds_the_services(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path)
    with (
        exclusive(layout),
        pytest.raises(AlreadyRunning, match="Another nexnum command"),
        exclusive(layout),
    ):
        pass


def test_given_urls_replace_the_embedded_parts(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql+psycopg://db/x", "REDIS_URL": "redis://r/0"}
    with running_services(layout=Layout.of(tmp_path), environ=given) as env:
        assert env["DATABASE_OWNER_URL"] == given["DATABASE_URL"]
        assert env["REDIS_URL"] == given["REDIS_URL"]
    assert not (tmp_path / ".nexnum/pg/data").exists()
