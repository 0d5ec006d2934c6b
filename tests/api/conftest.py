"""A real API over a migrated database and a real Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from fastapi.testclient import TestClient

from nexnum_console.api.app import create_api
from nexnum_console.bootstrap import Services
from nexnum_console.catalogue.search.embedded import EmbeddedSearch
from nexnum_console.core.crypto import SecretBox, new_secret_key
from nexnum_console.core.db import Database
from nexnum_console.core.events import Events
from nexnum_console.core.metrics import METRICS
from nexnum_console.settings import Settings

ORIGIN = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"


@pytest.fixture
def services(database: Database, redis_client: redis.Redis) -> Services:
    options = redis_client.connection_pool.connection_kwargs
    settings = Settings(
        database_url=database.url,
        redis_url=f"redis://{options['host']}:{options['port']}/{options.get('db', 0)}",
        nexnum_secret_key=new_secret_key(),
        public_url=ORIGIN,
    )
    METRICS.connect(redis_client)
    return Services(
        settings=settings,
        database=database,
        redis=redis_client,
        events=Events(redis_client),
        secret_box=SecretBox(settings.nexnum_secret_key),
        search=EmbeddedSearch(database),
    )


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_api(services), base_url=ORIGIN) as opened:
        yield opened


def register(client: TestClient, email: str = "ada@example.org") -> None:
    answer = client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
