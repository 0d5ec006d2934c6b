"""A real API over a migrated database and a real Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from fastapi.testclient import TestClient

from nexnum_console.api.app import create_api
from nexnum_console.bootstrap import Services, open_services
from nexnum_console.core.crypto import new_secret_key
from nexnum_console.core.db import Database
from nexnum_console.settings import Settings

ORIGIN = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"


@pytest.fixture
def services(database: Database, redis_url: str, redis_client: redis.Redis) -> Iterator[Services]:
    opened = open_services(
        Settings(
            database_url=database.url,
            redis_url=redis_url,
            nexnum_secret_key=new_secret_key(),
            public_url=ORIGIN,
            sandbox_control_url="http://127.0.0.1:9",
        )
    )
    yield opened
    opened.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_api(services), base_url=ORIGIN) as opened:
        yield opened


def register(client: TestClient, email: str = "ada@example.org") -> None:
    answer = client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
