"""Fixtures every room uses: real servers, one database for each parallel worker."""

from __future__ import annotations

import os

import pytest
from sqlalchemy.engine import make_url

from tests.support.services import DatabaseUrls, SharedServices, fresh_database, shared_services


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


@pytest.fixture(scope="session")
def redis_url(stack_services: SharedServices) -> str:
    """This worker's own Redis database."""
    number = 1 + int(_worker().removeprefix("gw") or 0) % 15
    url = make_url(stack_services.redis_url)
    return url.set(database=str(number)).render_as_string(hide_password=False)


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")
