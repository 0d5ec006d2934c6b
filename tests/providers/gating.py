"""What tests of the gate share: one account's gate over a real Redis, with hurried rules."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import redis

from nexnum_console.providers.breaker import BreakerRules
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.gate import Gate, Permit
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.limiter import Budget, LimiterRules, Limits
from nexnum_console.providers.script import Call, Force, Seen

WIDE = Limits(Budget(10_000, 1.0), 10_000)
HURRIED = BreakerRules(
    bucket=0.5, buckets=10, open_for=0.3, open_at_once_for=0.6, open_most=2.0, probe_wait=0.02
)
READ = Call("status", "read", 5.0, 0.0)
SPEND = Call("buy", "spend", 5.0, 0.0)
ACCOUNT = 7


class Desk:
    """The gates of one process, and what its watcher saw."""

    def __init__(
        self,
        client: redis.Redis,
        limits: Limits = WIDE,
        breaker: BreakerRules = HURRIED,
        limiter: LimiterRules | None = None,
    ) -> None:
        self.events: Counter[str] = Counter()
        self.announced: list[int] = []
        self.owns: list[Callable[[], None]] = []
        self.gates = Gates(
            client,
            lambda provider, what: self.events.update([what]),
            self.announced.append,
            breaker,
            limiter,
        )
        self.gate: Gate = self.gates.gate(ACCOUNT, "fivesim", limits, Force())

    def call(self, code: str = "ok", call: Call = READ, retry_after: float | None = None) -> str:
        """One call that ends with ``code``; ``went`` or the code of the refusal."""
        permit = self.enter(call)
        if isinstance(permit, str):
            return permit
        permit.done(code, retry_after)
        assert self.gates.flush()
        return "went"

    def enter(self, call: Call = READ) -> Permit | str:
        """A permit, or the code of the refusal."""
        try:
            return self.gate.enter(call)
        except ProviderError as error:
            return str(error.code) if not error.sent and error.declined else "sent"

    def state(self) -> str:
        """The breaker's state, by Redis."""
        return self.seen().state

    def seen(self) -> Seen:
        """What Redis knows of the account."""
        found = self.gates.seen_of([ACCOUNT])
        assert found is not None
        return found[0]

    def close(self) -> None:
        """End its threads and what was made on it."""
        for close in self.owns:
            close()
        self.gates.close()


def until(ask: object, seconds: float = 5.0) -> None:
    """Wait until ``ask()`` holds."""
    ends = time.monotonic() + seconds
    while not ask():  # type: ignore[operator]
        assert time.monotonic() < ends, "it did not come true in time"
        time.sleep(0.01)
