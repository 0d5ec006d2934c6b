"""A carrier that gives one answer to whatever it is asked, and a till."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from nexnum_console.core.db import Database
from tests.operations.till import Till, running
from tests.support.wire import Answer, Wire, http

Answering = Callable[[str], Wire]


@pytest.fixture
def answering(wire: Callable[[Answer], Wire]) -> Answering:
    def make(body: str) -> Wire:
        content = http(body, headers={"Content-Type": "application/json"})
        return wire(lambda connection, _: connection.sendall(content))

    return make


@pytest.fixture
def till(database: Database) -> Iterator[Till]:
    with running(database) as opened:
        yield opened
