"""The gates of all accounts in one process, and the Redis that makes them one for all processes."""

from __future__ import annotations

import logging
import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Final, TypeVar

import redis

from nexnum_console.providers.breaker import BreakerRules
from nexnum_console.providers.gate import Gate
from nexnum_console.providers.limiter import LimiterRules, Limits
from nexnum_console.providers.reporter import Reporter
from nexnum_console.providers.script import Force, GateScript, Report, Seen
from nexnum_console.providers.vocabulary import Effect

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS: Final = 1.0
LOOK_KEPT_SECONDS: Final = 0.25
LOOKS_AT_ONCE: Final = 4
_CHANGES: Final = {
    "opened": "opened: the account is left alone for a while",
    "half": "lets a few calls through to see how they go",
    "closed": "closed: the account works again",
}
T = TypeVar("T")

# provider, what happened: a call's ``go``, ``probe``, ``alone``, ``rate``, ``slots``, ``cool`` or
# ``open``; a breaker's ``opened``, ``half`` or ``closed``
Watch = Callable[[str, str], None]


class Gates:
    """Every account's gate. ``client`` must give up fast: each call waits for it."""

    def __init__(
        self,
        client: redis.Redis,
        watch: Watch = lambda provider, what: None,
        announce: Callable[[int], None] = lambda account_id: None,
        breaker: BreakerRules | None = None,
        limiter: LimiterRules | None = None,
    ) -> None:
        self.breaker = breaker or BreakerRules()
        self.limiter = limiter or LimiterRules()
        self.script = GateScript(client, self.breaker, self.limiter)
        self.looks = ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="gate")
        self.reporter = Reporter(self._tell, self._live)
        self._watch = watch
        self._announce = announce
        self._gates: dict[int, Gate] = {}
        self._let_through: dict[tuple[int, Effect], float] = {}
        self._lock = threading.Lock()
        self._away_until = 0.0
        self._away = False
        self._name_tokens()
        os.register_at_fork(after_in_child=self._name_tokens)

    def gate(self, account_id: int, provider: str, limits: Limits, force: Force) -> Gate:
        """The account's gate, with the terms and the decision of its row as last read."""
        with self._lock:
            known = self._gates.get(account_id)
            if known is None:
                known = self._gates[account_id] = Gate(self, account_id, provider, limits)
        known.adopt(limits, force)
        return known

    def token(self) -> str:
        """A name for one call that no other call of any process has."""
        return f"{self._process}:{next(self._numbers)}"

    def shut(self, account_ids: Iterable[int], kind: Effect = "spend") -> dict[int, str]:
        """Accounts whose breaker would refuse such a call now, and why; one round trip.

        One that lets calls through is not asked about again for a moment: each call itself asks.
        """
        began = time.monotonic()
        asked = [
            (account_id, self._force_of(account_id))
            for account_id in set(account_ids)
            if self._let_through.get((account_id, kind), 0.0) <= began
        ]
        found = self.shared(lambda: self.script.look(asked, kind)) if asked else []
        if found is None:
            found = [self._refused_alone(account_id, kind) for account_id, _ in asked]
        waits = {account_id: wait for (account_id, _), wait in zip(asked, found, strict=True)}
        until = began + LOOK_KEPT_SECONDS
        self._let_through.update({(each, kind): until for each, wait in waits.items() if not wait})
        return {
            account_id: f"its circuit breaker is open, {math.ceil(wait)} s at most"
            for account_id, wait in waits.items()
            if wait > 0
        }

    def force(self, account_id: int, force: Force) -> bool:
        """Make a decision hold at the next call of every process; False while Redis is away, then
        processes learn of it when they next read the account's row."""
        with self._lock:
            known = self._gates.get(account_id)
        if known is not None:
            known.adopt(known.limits, force)
        self._let_through.clear()

        def tell() -> bool:
            self.script.force(account_id, force)
            return True

        done = bool(self.shared(tell))
        self._announce(account_id)
        return done

    def seen_of(self, account_ids: Sequence[int]) -> list[Seen] | None:
        """What is known of each account; None while Redis is away."""
        return self.shared(lambda: self.script.show(account_ids))

    def shared(self, ask: Callable[[], T]) -> T | None:
        """What Redis says; None while it is away, which is looked into once a second."""
        if time.monotonic() < self._away_until:
            return None
        try:
            answer = ask()
        except redis.RedisError as error:
            self._away_until = time.monotonic() + LOOK_AGAIN_SECONDS
            if not self._away:
                log.warning("limits and breakers hold in this process alone: %s", error)
            self._away = True
            return None
        if self._away:
            self._away = False
            log.warning("limits and breakers are shared by all processes again")
        return answer

    def seen(self, provider: str, what: str) -> None:
        """Count what happened; the counter's own faults never break a sale."""
        try:
            self._watch(provider, what)
        except Exception:
            log.exception("the gate's watcher failed")

    def changed(self, gate: Gate, event: str) -> None:
        """A breaker changed its state: told once, by whoever made it change."""
        self.seen(gate.provider, event)
        self._let_through.clear()
        log.warning("%s: the circuit breaker %s", gate.provider, _CHANGES[event])
        self._announce(gate.account_id)

    def flush(self, seconds: float = 2.0) -> bool:
        """Wait until every outcome so far is told; False where that takes longer."""
        return self.reporter.flush(seconds)

    def close(self) -> None:
        """Tell the last outcomes and end the threads."""
        self.reporter.close()
        self.looks.shutdown(wait=False)

    def _name_tokens(self) -> None:
        self._process = secrets.token_hex(8)
        self._numbers = count()
        for gate in self._gates.values():
            gate.under_way.clear()

    def _tell(self, reports: Sequence[Report]) -> None:
        changes = self.shared(lambda: self.script.report(reports))
        for account_id, event in changes or ():
            self.changed(self._gates[account_id], event)

    def _live(self) -> None:
        with self._lock:
            busy = [gate.account_id for gate in self._gates.values() if gate.under_way]
        if busy:
            self.shared(lambda: self.script.heard(busy, self._process))

    def _force_of(self, account_id: int) -> Force:
        with self._lock:
            known = self._gates.get(account_id)
        return Force() if known is None else known.forced

    def _refused_alone(self, account_id: int, kind: Effect) -> float:
        with self._lock:
            known = self._gates.get(account_id)
        return 0.0 if known is None else known.alone.refused_for(kind)
