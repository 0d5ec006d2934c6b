"""Where the time of one call goes, as the connection tells it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

# What httpcore calls the phases; the name lookup is part of the connect, as the guard does both.
_PHASES: Final = {
    "connection.connect_tcp": "connect",
    "connection.start_tls": "tls",
    "http11.send_request_headers": "send",
    "http11.send_request_body": "send",
    "http11.receive_response_headers": "first_byte",
    "http11.receive_response_body": "receive",
}


class Stopwatch:
    """Collects the phases of one exchange. Call it as httpcore's ``trace`` extension."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._began = clock()
        self._open: dict[str, float] = {}
        self._seconds: dict[str, float] = {}

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """A phase began, ended or failed."""
        name, _, what = event.rpartition(".")
        phase = _PHASES.get(name)
        if phase is None:
            return
        now = self._clock()
        if what == "started":
            self._open[phase] = now
        elif phase in self._open:
            self._seconds[phase] = self._seconds.get(phase, 0) + now - self._open.pop(phase)

    def split(self) -> dict[str, float]:
        """Seconds of each phase that took place, and ``total`` up to now."""
        return self._seconds | {"total": self._clock() - self._began}
