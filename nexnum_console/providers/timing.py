"""Where the time of one call went."""

from __future__ import annotations

import time
from typing import Any, Final, NamedTuple

from nexnum_console.core.egress import EgressPolicy
from nexnum_console.providers.request import Request
from nexnum_console.providers.transport import Transport

_PARTS: Final = (
    ("connect", "connection.connect_tcp.started", "connection.connect_tcp.complete"),
    ("TLS", "connection.start_tls.started", "connection.start_tls.complete"),
    ("wait", "http11.send_request_headers.started", "http11.receive_response_headers.complete"),
    ("read", "http11.receive_response_body.started", "http11.receive_response_body.complete"),
)


class Part(NamedTuple):
    """A part of a call and its milliseconds. Looking the host up is part of connecting."""

    name: str
    millis: float


class TimedTransport(Transport):
    """A transport for one call that keeps when its steps began and ended."""

    def __init__(self, policy: EgressPolicy) -> None:
        super().__init__(policy, connections=1)
        self._marks: dict[str, float] = {}

    def parts(self) -> list[Part]:
        """The steps that were seen, in order."""
        marks = self._marks
        return [
            Part(name, (marks[last] - marks[first]) * 1000)
            for name, first, last in _PARTS
            if first in marks and last in marks
        ]

    def _extensions(self, request: Request) -> dict[str, Any]:
        return {**super()._extensions(request), "trace": self._mark}

    def _mark(self, event: str, _: dict[str, Any]) -> None:
        self._marks[event] = time.perf_counter()
