"""./nexnum routing from the shell."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import redis
from click.testing import CliRunner, Result

from nexnum_console import bootstrap, settings
from nexnum_console.commands.routing import routing
from nexnum_console.core.db import Database
from tests.activations.world import build


@pytest.fixture(autouse=True)
def _environment(
    database: Database, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    options = redis_client.connection_pool.connection_kwargs
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv(
        "REDIS_URL", f"redis://{options['host']}:{options['port']}/{options.get('db', 0)}"
    )
    monkeypatch.setenv("NEXNUM_SECRET_KEY", "k" * 40)
    settings.settings.cache_clear()
    build(database)
    yield
    bootstrap.close()
    settings.settings.cache_clear()


def _nexnum(*arguments: str) -> Result:
    return CliRunner().invoke(routing, arguments)


def test_a_ban_is_listed_and_taken_back() -> None:
    assert _nexnum("rules").output == "no pins and no bans\n"
    made = _nexnum("ban", "alpha", "--country", "GB", "--reason", "codes never come")
    assert made.exit_code == 0, made.output
    assert _nexnum("rules").output == (
        "ban alpha for every service, GB: codes never come (operator:shell)\n"
    )
    assert _nexnum("free", "alpha", "--country", "GB").exit_code == 0
    again = _nexnum("free", "alpha", "--country", "GB")
    assert (again.exit_code, again.output) == (
        1,
        "Error: There is no pin or ban of alpha for exactly that.\n",
    )


def test_a_pin_may_end_by_itself() -> None:
    assert _nexnum("pin", "alpha", "--hours", "6", "--reason", "a trial").exit_code == 0
    listed = _nexnum("rules").output
    assert listed.startswith("pin alpha for every service, every country until 20")
    assert listed.endswith(" UTC: a trial (operator:shell)\n")


def test_weights_are_tried_or_refused() -> None:
    tried = _nexnum("simulate", "failure_cost=0.20", "--json")
    told = json.loads(tried.output)
    assert (told["policy"]["failure_cost"], told["estimate"]) == (200_000, None)
    refused = _nexnum("simulate", "canary=2")
    assert refused.exit_code == 1
    assert "between 0 and 1" in refused.output
    assert _nexnum("simulate", "canary").exit_code == 2
