"""./nexnum provider webhook: the address a provider gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from click.testing import CliRunner

from nexnum_console import bootstrap, settings
from nexnum_console.commands.provider import provider
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.operations.inbound_sms import webhook_path
from nexnum_console.providers import registry

KEY = "k" * 40
CONFIG = {"name": "alpha", "baseUrl": "https://alpha.example", "mappings": {}, "endpoints": {}}


@pytest.fixture(autouse=True)
def _environment(
    database: Database, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    options = redis_client.connection_pool.connection_kwargs
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv(
        "REDIS_URL", f"redis://{options['host']}:{options['port']}/{options.get('db', 0)}"
    )
    monkeypatch.setenv("NEXNUM_SECRET_KEY", KEY)
    settings.settings.cache_clear()
    yield
    bootstrap.close()
    settings.settings.cache_clear()


def test_the_address_is_printed(database: Database) -> None:
    box = SecretBox(KEY)
    with database.transaction() as unit:
        registry.add_provider(unit, box, CONFIG)
        (account,) = registry.accounts(unit)
    result = CliRunner().invoke(provider, ["webhook", "alpha"])
    assert result.exit_code == 0, result.output
    assert webhook_path(box, account) in result.output
    assert webhook_path(SecretBox("another" * 6), account) not in result.output


def test_a_provider_that_is_not_there() -> None:
    result = CliRunner().invoke(provider, ["webhook", "nobody"])
    assert result.exit_code == 1
    assert "There is no provider nobody." in result.output
