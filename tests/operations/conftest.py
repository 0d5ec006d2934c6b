"""A carrier that gives one answer to whatever it is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.wire import Answer, Wire, http

Answering = Callable[[str], Wire]


@pytest.fixture
def answering(wire: Callable[[Answer], Wire]) -> Answering:
    def make(body: str) -> Wire:
        content = http(body, headers={"Content-Type": "application/json"})
        return wire(lambda connection, _: connection.sendall(content))

    return make
