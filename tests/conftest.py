from __future__ import annotations

import os
import uuid
from pathlib import Path

import psycopg
import pytest
import redis
from alembic import command
from alembic.config import Config

from nexnum_console.core.db import Database

BASE = os.environ.get("DATABASE_URL_TEST", "postgresql://nexnum@127.0.0.1:54329/postgres")
REDIS = os.environ.get("REDIS_URL_TEST", "redis://127.0.0.1:63790/5")


def url_for(name):
    return BASE.rsplit("/", 1)[0] + "/" + name


@pytest.fixture(scope="session")
def template():
    name = "rooms_t_" + uuid.uuid4().hex[:8]
    with psycopg.connect(BASE, autocommit=True) as c:
        c.execute(f'create database "{name}"')
    cfg = Config()
    cfg.set_main_option("script_location", str(Path(__file__).parents[1] / "alembic"))
    cfg.attributes["url"] = url_for(name)
    command.upgrade(cfg, "head")
    yield name
    with psycopg.connect(BASE, autocommit=True) as c:
        c.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def database(template):
    name = "rooms_" + uuid.uuid4().hex[:8]
    with psycopg.connect(BASE, autocommit=True) as c:
        c.execute(f'create database "{name}" template "{template}"')
    db = Database(url_for(name))
    yield db
    db.close()
    with psycopg.connect(BASE, autocommit=True) as c:
        c.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def redis_client():
    c = redis.Redis.from_url(REDIS, socket_timeout=2)
    c.flushdb()
    yield c
    c.flushdb()
    c.close()
