"""The gate before every call: rate limit, calls at once and circuit breaker, in one look at Redis.

A call costs one round trip before it goes out. What it came to is told by a thread of this
process, so nobody waits for that. While Redis is away each process decides for itself, stricter,
and looks again once a second.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

from nexnum_console.providers.alone import AloneGate
from nexnum_console.providers.breaker import OK
from nexnum_console.providers.errors import Code, NotAdmitted
from nexnum_console.providers.limiter import Limits
from nexnum_console.providers.script import Call, Force, Report, Verdict, and_behind
from nexnum_console.providers.vocabulary import Effect

if TYPE_CHECKING:
    from nexnum_console.providers.gates import Gates

log = logging.getLogger(__name__)

LEASE_SLACK_SECONDS: Final = 5.0
NAP_MOST_SECONDS: Final = 0.25
ASKED_AT_ONCE: Final = 100
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
        self.under_way: set[str] = set()
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
        (found,) = self.ask_for(call, [began])
        if isinstance(found, NotAdmitted):
            raise found
        return found

    def ask_for(self, call: Call, began: Sequence[float]) -> list[Permit | Verdict | NotAdmitted]:
        """One look for all who want to make such a call, in their turn, by when each began to wait:
        a permit, what there is to wait for, or a refusal where waiting is no use."""
        tokens = [self.gates.token() for _ in began]
        verdicts, alone = self._verdicts(tokens, call)
        now = time.monotonic()
        return [
            self._found(call, token, verdict, alone, now - since)
            for token, verdict, since in zip(tokens, verdicts, began, strict=True)
        ]

    def _found(
        self, call: Call, token: str, verdict: Verdict, alone: bool, waited: float
    ) -> Permit | Verdict | NotAdmitted:
        if verdict.event:
            self.gates.changed(self, verdict.event)
        if verdict.what == "go":
            self.gates.seen(self.provider, "probe" if verdict.probe else "go")
            if not alone:
                self.under_way.add(token)
                self.gates.reporter.start()
            return Permit(self, token, verdict, alone, waited)
        if verdict.what == "open" or waited + verdict.wait > call.patience:
            return self.refusal(verdict.what, verdict.wait)
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
        self.under_way.discard(permit.token)
        told = Report(self.account_id, permit.verdict, permit.token, code, retry_after, self.limits)
        self.gates.reporter.put(told)

    def _verdicts(self, tokens: Sequence[str], call: Call) -> tuple[list[Verdict], bool]:
        lease = call.deadline + LEASE_SLACK_SECONDS
        script = self.gates.script
        shared = self.gates.shared(
            lambda: script.permit(self.account_id, tokens, call, lease, self.forced, self.limits)
        )
        if shared is not None:
            for verdict in shared:
                self.alone.saw(verdict)
            return shared, False
        for _ in tokens:
            self.gates.seen(self.provider, "alone")
        return self._verdicts_alone(tokens, call, lease), True

    def _verdicts_alone(self, tokens: Sequence[str], call: Call, lease: float) -> list[Verdict]:
        found: list[Verdict] = []
        for token in tokens:
            found.append(self.alone.permit(token, call, lease))
            if found[-1].what != "go":
                break
        return and_behind(found, len(tokens))


@dataclass(slots=True)
class _Waiting:
    call: Call
    began: float
    turn: asyncio.Future[Permit]


class AsyncEntrance:
    """A gate's entrance for one event loop; who came first goes first.

    Those who come while a look is under way are asked for together by the next one, so a crowd
    costs each of its calls a part of a round trip and of a thread's turn.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._queue: deque[_Waiting] = deque()
        self._usher: asyncio.Task[None] | None = None

    async def enter(self, call: Call) -> Permit:
        """As Gate.enter."""
        turn: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(call, time.monotonic(), turn))
        if self._usher is None or self._usher.done():
            self._usher = asyncio.create_task(self._let_through())
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                turn.result().done("")
            raise

    async def _let_through(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            front = self._front()
            began = [waiting.began for waiting in front]
            asked = loop.run_in_executor(
                self._gate.gates.looks, self._gate.ask_for, front[0].call, began
            )
            try:
                found = await asked
            except BaseException as error:
                self._break_off(error)
                raise
            longest = self._hand_out(front, found)
            self._give_up()
            if longest is not None:
                await asyncio.sleep(nap(longest))

    def _front(self) -> list[_Waiting]:
        """Those in front who want to make the same call."""
        call = self._queue[0].call
        alike = takewhile(lambda waiting: waiting.call == call, self._queue)
        return list(islice(alike, ASKED_AT_ONCE))

    def _hand_out(
        self, front: Sequence[_Waiting], found: Sequence[Permit | Verdict | NotAdmitted]
    ) -> float | None:
        """Tell each what the look brought; who has to wait keeps the place. How long, if so."""
        waits, left = None, []
        for waiting, answer in zip(front, found, strict=True):
            self._queue.popleft()
            if isinstance(answer, Verdict):
                waits = answer.wait
                left.append(waiting)
            elif not waiting.turn.done():
                _told(waiting.turn, answer)
            elif isinstance(answer, Permit):
                answer.done("")
        self._queue.extendleft(reversed(left))
        return waits

    def _give_up(self) -> None:
        """Let go of those who went away, or whose patience is over."""
        now = time.monotonic()
        for waiting in self._queue:
            if not waiting.turn.done() and now - waiting.began > waiting.call.patience:
                waiting.turn.set_exception(self._gate.refusal("rate", 0.0))
        self._queue = deque(waiting for waiting in self._queue if not waiting.turn.done())

    def _break_off(self, error: BaseException) -> None:
        for waiting in self._queue:
            if not waiting.turn.done():
                waiting.turn.set_exception(error)
        self._queue.clear()


def _told(turn: asyncio.Future[Permit], answer: Permit | NotAdmitted) -> None:
    if isinstance(answer, Permit):
        turn.set_result(answer)
    else:
        turn.set_exception(answer)


def nap(wait: float) -> float:
    """How long to sleep before the next look: a little longer than needed, never long."""
    return min(NAP_MOST_SECONDS, wait) + 0.001
