"""Fixtures every room uses: real servers, one database for each parallel worker."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import redis
from sqlalchemy.engine import make_url
from xdist.scheduler import LoadScopeScheduling

from nexnum_console.core.db import Database
from tests.support.services import (
    DatabaseUrls,
    SharedServices,
    drop_database,
    fresh_database,
    shared_services,
)
from tests.support.wire import Answer, Wire

CONSOLE_ROOMS = {"torture", "ui"}
# A run with all of its seeds stays below 25 minutes also where machines are slow.
LONG_BEGIN_WITHIN = 18 * 60.0

_STARTED = time.monotonic()

_tests = count(1)


class OneConsoleEach(LoadScopeScheduling):
    """Rooms whose tests share a running console stay on one parallel worker.

    xdist's own ``loadgroup`` does nothing with this pytest: it relies on a name that is gone.
    """

    def _split_scope(self, nodeid: str) -> str:
        room = nodeid.removeprefix("tests/").split("/")[0]
        return room if room in CONSOLE_ROOMS else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """How tests are dealt to parallel workers."""
    return OneConsoleEach(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What goes on for as long as there is time comes last."""
    items.sort(key=lambda item: item.get_closest_marker("long") is not None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out, and say so, what the run has no time for any more."""
    late = time.monotonic() - _STARTED > LONG_BEGIN_WITHIN
    if late and item.get_closest_marker("long"):
        pytest.skip("no time left in this run; ./nexnum bench torture plays it")


@pytest.fixture(scope="session")
def stack_services() -> SharedServices:
    """The run's PostgreSQL and Redis, started once for all parallel workers."""
    return shared_services()


@pytest.fixture(scope="session")
def database_urls(stack_services: SharedServices) -> DatabaseUrls:
    """This worker's own migrated database, by its app and owner roles."""
    return fresh_database(stack_services, f"nexnum_{_worker()}")


@pytest.fixture(scope="session")
def postgres_url(database_urls: DatabaseUrls) -> str:
    """SQLAlchemy URL of this worker's database with the rights of the running product."""
    return database_urls.app


@pytest.fixture
def fresh_urls(stack_services: SharedServices) -> Iterator[DatabaseUrls]:
    """One test's own migrated database, gone when the test ends."""
    name = f"nexnum_{_worker()}_{next(_tests)}"
    yield fresh_database(stack_services, name)
    drop_database(stack_services, name)


@pytest.fixture
def database(fresh_urls: DatabaseUrls) -> Iterator[Database]:
    """The test's database with the rights of the running product."""
    opened = Database(fresh_urls.app)
    yield opened
    opened.close()


@pytest.fixture
def owner_database(fresh_urls: DatabaseUrls) -> Iterator[Database]:
    """The same database with the rights of its owner, for tampering."""
    opened = Database(fresh_urls.owner)
    yield opened
    opened.close()


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """This worker's Redis, emptied before and after."""
    client = redis.Redis.from_url(redis_url, socket_timeout=2)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture(scope="session")
def redis_url(stack_services: SharedServices) -> str:
    """This worker's own Redis database."""
    number = 1 + int(_worker().removeprefix("gw") or 0) % 15
    url = make_url(stack_services.redis_url)
    return url.set(database=str(number)).render_as_string(hide_password=False)


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture
def wire() -> Iterator[Callable[[Answer], Wire]]:
    made: list[Wire] = []

    def make(answer: Answer) -> Wire:
        made.append(Wire(answer))
        return made[-1]

    yield make
    for each in made:
        each.close()
