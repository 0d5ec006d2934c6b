"""A world to buy in; every invariant of the product must hold when a test leaves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from nexnum_console.core.db import Database
from nexnum_console.operations.verify import verify
from tests.activations.world import World, build


@pytest.fixture
def make_world(database: Database) -> Iterator[Callable[..., World]]:
    worlds = []

    def make(**options: object) -> World:
        worlds.append(build(database, **options))
        return worlds[-1]

    yield make
    report = verify(database, worlds[-1].clock())
    assert {r.name: r.findings for r in report.results if r.breaks} == {}


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
