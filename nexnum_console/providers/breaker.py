"""When an account is left alone because it does not work, and how it comes back.

closed → open, when the failures of the last minute weigh too much; open → half open, after a wait
that doubles; half open → closed, after a few calls that went well. Staff may force it open or
closed. ``gate.lua`` keeps this state for all processes; ``OwnBreaker`` is the same for one
process while Redis is away.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from nexnum_console.providers.errors import Code
from nexnum_console.providers.vocabulary import Effect

State = Literal["closed", "half", "open"]
Forced = Literal["", "open", "closed"]

OK: Final = "ok"
# Of an account with several keys: one of them was refused, or had enough calls.
ONE_KEY_REFUSED: Final = "one_key_refused"
ONE_KEY_BUSY: Final = "one_key_busy"
# Calls that end so say nothing of the provider's health.
SILENT: Final = frozenset({Code.RATE_LIMITED, ONE_KEY_BUSY})
# Nothing will work before somebody has done something, so one such answer is enough.
AT_ONCE: Final = frozenset({Code.BAD_KEY, Code.ACCOUNT_BLOCKED, Code.ACCOUNT_INACTIVE})
# What a failure weighs. Every other answer, no stock and no balance among them, is a working
# provider saying no. An answer nobody can read, or a ban, may concern one operation alone.
WEIGHTS: Final[Mapping[str, float]] = {
    Code.PROVIDER_UNAVAILABLE: 1.0,
    Code.PROVIDER_ERROR: 1.0,
    Code.PARSE_ERROR: 0.5,
    Code.ACCESS_DENIED: 0.5,
    ONE_KEY_REFUSED: 0.5,
    **dict.fromkeys(AT_ONCE, 1.0),
}


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """Times in seconds. It opens when ``share`` of at least ``calls_least`` calls in the window
    failed, or when nothing went well and failures weigh ``bad_least``."""

    bucket: float = 6.0
    buckets: int = 10
    calls_least: int = 10
    share: float = 0.5
    bad_least: float = 5.0
    open_for: float = 15.0
    open_at_once_for: float = 60.0
    open_most: float = 300.0
    calm: float = 600.0
    probes: int = 3
    probe_wait: float = 1.0

    @property
    def window(self) -> float:
        """How far back failures count."""
        return self.bucket * self.buckets


def weight(code: str) -> float | None:
    """What an outcome weighs: 0 for a provider that works, None where it says nothing."""
    return None if not code or code in SILENT else WEIGHTS.get(code, 0.0)


@dataclass
class OwnBreaker:
    """One process's breaker. ``clock`` gives seconds; the caller holds a lock."""

    rules: BreakerRules
    clock: Callable[[], float]
    state: State = "closed"
    forced: Forced = ""
    until: float = 0.0
    generation: int = 0
    since: float = 0.0
    why: str = ""
    trips: int = 0
    calm_since: float = 0.0
    good: int = 0
    probes: dict[str, float] = field(default_factory=dict)
    ended: deque[tuple[float, str]] = field(default_factory=deque)

    def refused_for(self, kind: Effect) -> float:
        """Seconds for which a call of this kind is refused; 0 when it may go."""
        state, now = self.now(), self.clock()
        if state == "open":
            return self.rules.open_most if self.forced else max(self.until - now, 0.0)
        if state == "half":
            self.probes = {token: ends for token, ends in self.probes.items() if ends > now}
            if len(self.probes) >= (1 if kind == "spend" else self.rules.probes):
                return self.rules.probe_wait
        return 0.0

    def took(self, token: str, lease: float) -> bool:
        """A call goes out; True when it is a probe."""
        if self.now() != "half":
            return False
        self.probes[token] = self.clock() + lease
        return True

    def ended_with(self, token: str, code: str, generation: int) -> None:
        """What a call came to."""
        self.probes.pop(token, None)
        if not code:
            return
        self.ended.append((self.clock(), code))
        heavy = weight(code)
        if heavy is None or self.forced or generation != self.generation:
            return
        if self.state == "half":
            self._probed(code, heavy)
        elif self.state == "closed" and code in AT_ONCE:
            self._open(code, self.rules.open_at_once_for)
        elif self.state == "closed" and heavy and self._too_bad():
            self._open(code, self.rules.open_for)

    def force(self, forced: Forced) -> None:
        """As gate.lua's ``force``."""
        before, self.forced = self.forced, forced
        if forced or before == forced:
            return
        if before == "closed":
            self.trips = 0
            self._close()
        else:
            self._enter("half", "automatic again")

    def stay_open(self, seconds: float) -> None:
        """Take over an open breaker that all processes share."""
        self.until = max(self.until, self.clock() + seconds)
        if self.state != "open":
            self._enter("open", "open when Redis was last seen")

    def now(self) -> State:
        """The state, after the time that passed."""
        if self.forced:
            return self.forced
        if self.state == "open" and self.clock() >= self.until:
            self._enter("half", self.why)
        return self.state

    def counts(self) -> dict[str, int]:
        """Outcomes of the window by code."""
        self._forget()
        return dict(Counter(code for _, code in self.ended))

    def _probed(self, code: str, heavy: float) -> None:
        if heavy:
            self._open(code, self.rules.open_for)
            return
        self.good += 1
        if self.good >= self.rules.probes:
            self._close()

    def _too_bad(self) -> bool:
        rules, told = self.rules, self.counts()
        weights = {code: weight(code) for code in told}
        total = sum(n for code, n in told.items() if weights[code] is not None)
        bad = sum(n * (weights[code] or 0.0) for code, n in told.items())
        good = sum(n for code, n in told.items() if weights[code] == 0)
        if total >= rules.calls_least and bad / total >= rules.share:
            return True
        return good == 0 and bad >= rules.bad_least

    def _forget(self) -> None:
        oldest = self.clock() - self.rules.window
        while self.ended and self.ended[0][0] <= oldest:
            self.ended.popleft()

    def _open(self, why: str, seconds: float) -> None:
        now = self.clock()
        if self.state == "closed" and now - self.calm_since > self.rules.calm:
            self.trips = 0
        lasts = min(self.rules.open_most, seconds * 2.0**self.trips)
        self.until = max(self.until, now + lasts)
        self.trips = min(self.trips + 1, 20)
        self._enter("open", why)

    def _close(self) -> None:
        self.ended.clear()
        self.until, self.calm_since = 0.0, self.clock()
        self._enter("closed", "")

    def _enter(self, state: State, why: str) -> None:
        self.state, self.why, self.since = state, why, self.clock()
        self.generation += 1
        self.good = 0
        self.probes.clear()
