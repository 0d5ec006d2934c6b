"""A provider with what it lists, in its own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from nexnum_console.catalogue.sync import Report, sync
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.providers import registry

NOW = datetime(2026, 1, 2, tzinfo=UTC)
BOX = SecretBox("k" * 32)


class Price(NamedTuple):
    country: str | None
    service: str | None
    operator: str | None
    price: str | None
    stock: int | None


@dataclass
class Listed:
    """A source that answers from memory."""

    countries_: list[tuple[str, str]] = field(default_factory=list)
    services_: list[tuple[str, str]] = field(default_factory=list)
    prices_: list[Price] = field(default_factory=list)
    fault: Exception | None = None

    def countries(self) -> list[tuple[str, str]]:
        return self.countries_

    def services(self) -> list[tuple[str, str]]:
        return self.services_

    def prices(self) -> list[Price]:
        if self.fault:
            raise self.fault
        return self.prices_


Sync = Callable[..., Report]


@pytest.fixture
def run_sync(database: Database) -> Sync:
    def run(source: Listed, provider: str = "fivesim", **options: bool) -> Report:
        return sync(database, provider, source, wallet_currency="USD", clock=lambda: NOW, **options)

    return run


def add(database: Database, name: str = "fivesim", **options: object) -> tuple[int, int]:
    config = {"name": name, "currency": options.pop("currency", "USD")}
    with database.transaction() as unit:
        return registry.add_provider(
            unit, BOX, config, base_url=f"https://{name}.example", **options
        )
