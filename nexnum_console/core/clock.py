"""Time as an argument: services take ``now``; only edges read a clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

log = logging.getLogger(__name__)

# A clock that is corrected step by step (NTP slews by 0.5 ms a second) never moves so far at once.
STEP_SECONDS: Final = 5.0
# Between two looks at the two clocks the process may have been stopped.
_PAUSE: Final = timedelta(milliseconds=200)


class SteadyClock:
    """The wall clock without its jumps: deadlines go by the time that passes.

    A jump while the process lives is left out of every answer and told by ``ahead``. A process
    that starts takes the wall clock as it finds it, or what others on this host ``told``. Any
    thread may ask.
    """

    def __init__(self, wall: Callable[[], datetime], passing: Callable[[], float]) -> None:
        self._wall = wall
        self._passing = passing
        # When we looked last, what had passed then, and how far the wall clock had jumped.
        self._seen: tuple[datetime, float, timedelta] = (*self._look(), timedelta())

    def __call__(self) -> datetime:
        """Now, zone-aware."""
        wall, passed = self._look()
        before, passed_before, ahead = self._seen
        step = (wall - before).total_seconds() - (passed - passed_before)
        if abs(step) > STEP_SECONDS:
            ahead += timedelta(seconds=step)
            if abs(ahead.total_seconds()) < STEP_SECONDS:
                ahead = timedelta()
            log.error("the host's clock jumped by %.0f s; this process goes by its own", step)
        self._seen = (wall, passed, ahead)
        return wall - ahead

    @property
    def ahead(self) -> timedelta:
        """How far the wall clock is ahead of the time that passed; zero but for jumps."""
        self()
        return self._seen[2]

    def told(self) -> float:
        """How this process tells the time, for others on this host: its time in seconds since
        1970, less what has passed since the host was started."""
        return self().timestamp() - self._passing()

    def take_over(self, told: float) -> None:
        """Tell the time as a process does that has lived longer."""
        wall, passed = self._look()
        ahead = timedelta(seconds=wall.timestamp() - passed - told)
        if abs(ahead.total_seconds()) > STEP_SECONDS:
            self._seen = (wall, passed, ahead)
            log.error(
                "the host's clock is %+.0f s off the time of the processes that run; this one goes"
                " by theirs",
                ahead.total_seconds(),
            )

    def _look(self) -> tuple[datetime, float]:
        while True:
            wall, passed = self._wall(), self._passing()
            if self._wall() - wall < _PAUSE:
                return wall, passed


def _passing() -> float:
    """Seconds that pass, those of a sleeping computer among them where it counts them."""
    counter = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if counter is None else time.clock_gettime(counter)


STEADY: Final = SteadyClock(lambda: datetime.now(UTC), _passing)


def utc_now() -> datetime:
    """The time, zone-aware, by a clock that does not jump while the process lives. Call it at an
    edge (API, job, CLI) and pass the value on."""
    return STEADY()


def clock_ahead() -> timedelta:
    """How far the host's clock has jumped since this process started."""
    return STEADY.ahead
