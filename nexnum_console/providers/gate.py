"""The gate before every call: rate limit, calls at once and circuit breaker, in one look at Redis.

A call costs one round trip before it goes out. What it came to is told by a thread of this
process, so nobody waits for that. While Redis is away each process decides for itself, stricter,
and looks again once a second.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nexnum_console.providers.alone import AloneGate
from nexnum_console.providers.breaker import OK
from nexnum_console.providers.errors import Code, NotAdmitted
from nexnum_console.providers.limiter import Limits
from nexnum_console.providers.script import Call, Force, Report, Verdict
from nexnum_console.providers.vocabulary import Effect

if TYPE_CHECKING:
    from nexnum_console.providers.gates import Gates

log = logging.getLogger(__name__)

LEASE_SLACK_SECONDS: Final = 5.0
NAP_MOST_SECONDS: Final = 0.25
_WHY: Final = {
    "rate": "the account's calls for this span of time are used up",
    "slots": "as many calls are under way as the account takes",
    "cool": "the provider asked for a pause",
}


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to make one call. Tell ``done`` what it came to, exactly once.

    ``waited``: seconds it took to get. ``alone``: given by this process without Redis.
    """

    gate: Gate
    token: str
    verdict: Verdict
    alone: bool
    waited: float

    def done(self, code: str = OK, retry_after: float | None = None) -> None:
        """``ok``, a code of the error vocabulary, or "" for an outcome that says nothing."""
        self.gate.done(self, code, retry_after)


class Gate:
    """One account's gate, for one process. Threads share it."""

    def __init__(self, gates: Gates, account_id: int, provider: str, limits: Limits) -> None:
        self.gates = gates
        self.account_id = account_id
        self.provider = provider
        self.limits = limits
        self.forced = Force()
        self.alone = AloneGate(limits, gates.breaker, gates.limiter)
        self._turns: Mapping[Effect, threading.Lock] = {
            "read": threading.Lock(),
            "spend": threading.Lock(),
            "release": threading.Lock(),
        }

    def __repr__(self) -> str:
        return f"Gate({self.provider}, {self.account_id})"

    def adopt(self, limits: Limits, force: Force) -> None:
        """Take over what the account's row says; a decision older than the known is not taken."""
        self.limits = limits
        if force.version > self.forced.version:
            self.forced = force
        self.alone.adopt(limits, self.forced.state)

    def enter(self, call: Call) -> Permit:
        """Wait for permission; raises NotAdmitted: ``rate_limited`` when that takes longer than the
        call's patience, ``provider_unavailable`` while the breaker is open.
        """
        began = time.monotonic()
        turn = self._turns[call.kind]
        if not turn.locked():  # else somebody waits already, and comes first
            permit = self.ask(call, began)
            if isinstance(permit, Permit):
                return permit
        if not turn.acquire(timeout=call.patience):
            raise self.refusal("rate", 0.0)
        try:
            while isinstance(found := self.ask(call, began), Verdict):
                time.sleep(nap(found.wait))
            return found
        finally:
            turn.release()

    def ask(self, call: Call, began: float) -> Permit | Verdict:
        """One look: a permit, or what there is to wait for. Raises where waiting is no use."""
        token = secrets.token_hex(8)
        verdict, alone = self._verdict(token, call)
        if verdict.event:
            self.gates.changed(self, verdict.event)
        waited = time.monotonic() - began
        if verdict.what == "go":
            self.gates.seen(self.provider, "probe" if verdict.probe else "go")
            return Permit(self, token, verdict, alone, waited)
        if verdict.what == "open" or waited + verdict.wait > call.patience:
            raise self.refusal(verdict.what, verdict.wait)
        return verdict

    def refusal(self, what: str, wait: float) -> NotAdmitted:
        """The typed error of a call that is not made, counted."""
        self.gates.seen(self.provider, what)
        after = max(1, math.ceil(wait))
        if what == "open":
            code = Code.PROVIDER_UNAVAILABLE
            reason = f"its circuit breaker is open; it is asked again in {after} s at the latest"
        else:
            code = Code.RATE_LIMITED
            reason = f"{_WHY[what]}; there is room again in about {after} s"
        message = f"{self.provider}: nothing was sent: {reason}"
        return NotAdmitted(code, message, retry_after=after)

    def done(self, permit: Permit, code: str, retry_after: float | None) -> None:
        """As Permit.done."""
        if permit.alone:
            self.alone.ended(permit.token, code, permit.verdict.generation, retry_after)
            return
        told = Report(self.account_id, permit.verdict, permit.token, code, retry_after, self.limits)
        self.gates.reporter.put(told)

    def _verdict(self, token: str, call: Call) -> tuple[Verdict, bool]:
        lease = call.deadline + LEASE_SLACK_SECONDS
        script = self.gates.script
        shared = self.gates.shared(
            lambda: script.permit(self.account_id, token, call, lease, self.forced, self.limits)
        )
        if shared is not None:
            self.alone.saw(shared)
            return shared, False
        self.gates.seen(self.provider, "alone")
        return self.alone.permit(token, call, lease), True


class AsyncEntrance:
    """A gate's entrance for one event loop; who came first goes first."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._turn = asyncio.Lock()

    async def enter(self, call: Call) -> Permit:
        """As Gate.enter."""
        began = time.monotonic()
        if not self._turn.locked():
            permit = await self._ask(call, began)
            if isinstance(permit, Permit):
                return permit
        try:
            async with asyncio.timeout(call.patience):
                await self._turn.acquire()
        except TimeoutError:
            raise self._gate.refusal("rate", 0.0) from None
        try:
            while isinstance(found := await self._ask(call, began), Verdict):
                await asyncio.sleep(nap(found.wait))
            return found
        finally:
            self._turn.release()

    async def _ask(self, call: Call, began: float) -> Permit | Verdict:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._gate.gates.looks, self._gate.ask, call, began)


def nap(wait: float) -> float:
    """How long to sleep before the next look: a little longer than needed, never long."""
    return min(NAP_MOST_SECONDS, wait) + 0.001
