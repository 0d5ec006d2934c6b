"""One console of real processes for all modules; each starts the programs that it kills."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bench.harness import Console
from tests.support.services import SharedServices


@pytest.fixture(scope="session")
def shop(stack_services: SharedServices) -> Iterator[Console]:
    """Servers of its own, carriers and stocked shelves."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    console = Console(stack_services.folder / f"torture-{worker}")
    try:
        console.open_shop()
        yield console
    finally:
        console.close()


@pytest.fixture(scope="module")
def console(shop: Console) -> Iterator[Console]:
    """The console with no other program running yet; what a module started ends with it."""
    shop.begin()
    yield shop
    shop.end()
