"""./nexnum user from the shell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from click.testing import CliRunner, Result

from nexnum_console import bootstrap, settings
from nexnum_console.commands.user import user
from nexnum_console.core.db import Database

PASSWORD = "correct horse battery\n"


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
    yield
    bootstrap.close()
    settings.settings.cache_clear()


def _nexnum(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(user, arguments, input=stdin)


def test_create_deposit_list() -> None:
    made = _nexnum("create", "Ada@example.org", "--admin", "--password-stdin", stdin=PASSWORD)
    assert made.exit_code == 0, made.output
    assert "admin ada@example.org created" in made.output
    booked = _nexnum("deposit", "ada@example.org", "12.50", "--reference", "bank-1")
    assert booked.exit_code == 0, booked.output
    assert "12.50 USD booked; ada@example.org has 12.50 USD" in booked.output
    again = _nexnum("deposit", "ada@example.org", "12.50", "--reference", "bank-1")
    assert "ada@example.org has 12.50 USD" in again.output
    assert "admin\tactive\tada@example.org" in _nexnum("list").output


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (("create", "ada", "--password-stdin"), PASSWORD, "not an e-mail address"),
        (("create", "ada@example.org", "--password-stdin"), "short\n", "at least 8"),
        (("create", "ada@example.org"), "", "--password-stdin"),
        (("deposit", "nobody@example.org", "1"), "", "There is no user"),
        (("deposit", "nobody@example.org", "a lot"), "", "not an amount"),
    ],
)
def test_refusals_are_one_clear_line(arguments: tuple[str, ...], stdin: str, says: str) -> None:
    refused = _nexnum(*arguments, stdin=stdin)
    assert refused.exit_code != 0
    assert says in refused.output
    assert "Traceback" not in refused.output
