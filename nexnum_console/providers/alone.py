"""An account's gate in one process, while Redis is away: the same rules, and a part of the limit.

Kept apart from the network on purpose: time comes from ``clock``, so tests move it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from nexnum_console.providers.breaker import BreakerRules, Forced, OwnBreaker
from nexnum_console.providers.limiter import LimiterRules, Limits, OwnLimiter
from nexnum_console.providers.script import Call, Verdict
from nexnum_console.providers.vocabulary import Effect


class AloneGate:
    """Breaker and limiter of one account for this process. Threads may share it."""

    def __init__(
        self,
        limits: Limits,
        breaker: BreakerRules,
        limiter: LimiterRules,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._breaker = OwnBreaker(breaker, clock)
        self._limiter = OwnLimiter(limits, limiter, clock)

    def adopt(self, limits: Limits, forced: Forced) -> None:
        """Take over the account's terms and what staff decided."""
        with self._lock:
            self._limiter.limits = limits
            self._breaker.force(forced)

    def saw(self, verdict: Verdict) -> None:
        """Remember what Redis said, for the moment it goes away."""
        with self._lock:
            if verdict.what == "open":
                self._breaker.stay_open(verdict.wait)

    def refused_for(self, kind: Effect) -> float:
        """Seconds for which the breaker refuses a call of this kind; 0 when it may go."""
        with self._lock:
            return self._breaker.refused_for(kind)

    def permit(self, token: str, call: Call, lease: float) -> Verdict:
        """As gate.lua's ``permit``, for this process alone."""
        with self._lock:
            refused = self._breaker.refused_for(call.kind)
            generation = self._breaker.generation
            if refused > 0:
                return Verdict("open", refused, generation)
            why, wait = self._limiter.wait(call.operation, call.kind, call.own)
            if why:
                return Verdict(why, wait, generation)
            self._limiter.took(token, call.operation, call.own, lease)
            return Verdict("go", 0.0, generation, probe=self._breaker.took(token, lease))

    def ended(self, token: str, code: str, generation: int, retry_after: float | None) -> None:
        """What a call came to."""
        with self._lock:
            self._limiter.ended(token, code, retry_after)
            self._breaker.ended_with(token, code, generation)

    def counts(self) -> dict[str, int]:
        """Outcomes of the window by code."""
        with self._lock:
            return self._breaker.counts()
