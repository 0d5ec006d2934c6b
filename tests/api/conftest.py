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
from nexnum_console.operations.inbound_sms import webhook_path
from nexnum_console.providers import registry
from nexnum_console.settings import Settings
from tests.activations.world import World
from tests.api.pushing import CONFIG, SECRET

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


@pytest.fixture
def address(services: Services, world: World) -> str:
    """Where the first account of the test's ``world`` pushes to."""
    with services.database.transaction() as unit:
        account = registry.accounts(unit)[0]
        registry.set_config(unit, account.provider, CONFIG | {"name": account.provider})
        registry.set_secret(unit, services.secret_box, account.account_id, SECRET)
    return webhook_path(services.secret_box, account)


def register(client: TestClient, email: str = "ada@example.org") -> None:
    answer = client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
