"""How many calls an account takes: so many in any window of time, so many at once.

The configured limit is the most. An account that answers “too many” teaches a lower cap, which is
raised again step by step and held longer after each new wall (additive steps of its own size up,
a cut down). ``gate.lua`` counts for all processes; ``OwnLimiter`` counts for one, with a part of
the limit, while Redis is away.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from nexnum_console.providers.grammar import RateLimit
from nexnum_console.providers.vocabulary import Effect

# Without Redis every process counts alone, so each takes only this part of the limit.
ALONE_PART: Final = 4


@dataclass(frozen=True, slots=True)
class Budget:
    """At most ``requests`` calls in any ``per_seconds``."""

    requests: int
    per_seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account takes."""

    account: Budget = Budget(10, 1.0)
    at_once: int = 8


def limits_of(said: RateLimit) -> Limits:
    """What a config says of the account."""
    return Limits(Budget(said.requests, said.per_seconds), said.concurrency)


@dataclass(frozen=True, slots=True)
class LimiterRules:
    """Times in seconds; parts are of the configured limit, factors of the learned cap.

    ``kept_back``: what reads leave free for purchases and cancellations, from ``share_from`` on.
    ``cool_blind``: the longest rest after a refusal that names none. ``silent``: after so long
    without a sign a process is dead, and so are its calls. ``lull``: where for so long nobody gave
    one, longer than a living process leaves between two, they are all spared for a while.
    ``untold``: how long the outcome of a call is waited for that was taken for over.
    """

    floor: float = 0.05
    cut: float = 0.75
    raise_by: float = 1.05
    raise_every: float = 1.0
    hold: float = 2.0
    hold_most: float = 600.0
    cool_most: float = 3600.0
    cool_blind: float = 60.0
    kept_back: float = 0.1
    share_from: int = 4
    slot_wait: float = 0.02
    silent: float = 6.0
    lull: float = 2.0
    untold: float = 600.0
    remember: float = 7 * 86_400.0


@dataclass
class OwnLimiter:
    """One process's count. ``clock`` gives seconds; the caller holds a lock."""

    limits: Limits
    rules: LimiterRules
    clock: Callable[[], float]
    cool_until: float = 0.0
    calls: dict[str, deque[float]] = field(default_factory=dict)
    slots: dict[str, float] = field(default_factory=dict)

    def wait(self, operation: str, kind: Effect, own: Budget | None) -> tuple[str, float]:
        """Why a call has to wait and how many seconds; no reason when it may go."""
        now = self.clock()
        if self.cool_until > now:
            return "cool", self.cool_until - now
        budgets = self._budgets(operation, own)
        wait = max(self._full_for(name, budget, kind) for name, budget in budgets)
        if wait > 0:
            return "rate", wait
        self.slots = {token: ends for token, ends in self.slots.items() if ends > now}
        if len(self.slots) >= max(1, self.limits.at_once // ALONE_PART):
            return "slots", self.rules.slot_wait
        return "", 0.0

    def took(self, token: str, operation: str, own: Budget | None, lease: float) -> None:
        """Book a call that ``wait`` let through."""
        now = self.clock()
        self.slots[token] = now + lease
        for name, budget in self._budgets(operation, own):
            self.calls.setdefault(name, deque(maxlen=budget.requests)).append(now)

    def ended(self, token: str, code: str, retry_after: float | None) -> None:
        """Give the slot back; a refusal for too many calls makes everyone rest."""
        self.slots.pop(token, None)
        if code == "rate_limited":
            blind = min(self.limits.account.per_seconds, self.rules.cool_blind)
            rest = blind if retry_after is None else min(retry_after, self.rules.cool_most)
            self.cool_until = max(self.cool_until, self.clock() + rest)

    def _budgets(self, operation: str, own: Budget | None) -> list[tuple[str, Budget]]:
        account = ("", self.limits.account)
        return [account] if own is None else [account, (operation, own)]

    def _full_for(self, name: str, budget: Budget, kind: Effect) -> float:
        most = max(1, budget.requests // ALONE_PART)
        if not name and kind == "read" and most >= self.rules.share_from:
            most -= max(1, int(most * self.rules.kept_back))
        made = self.calls.get(name, ())
        if len(made) < most:
            return 0.0
        # One request a second shared out among processes is one request in several seconds.
        window = budget.per_seconds * max(1.0, ALONE_PART / budget.requests)
        return max(0.0, made[-most] + window - self.clock())
