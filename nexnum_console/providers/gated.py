"""One request of a conversation, sent through the account's gate, and its outcome told to it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from nexnum_console.providers.body import Reply
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.gate import AsyncEntrance, Gate, Permit
from nexnum_console.providers.limiter import Budget
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.request import Request
from nexnum_console.providers.script import Call
from nexnum_console.providers.talk import Pause, Step, Talk, telling
from nexnum_console.providers.transport import ReadTransport, Transport

# Nobody waits for these, so they wait for their turn rather than fail a whole sync.
_UNHURRIED: Final = frozenset({"prices", "countries", "services", "operators"})
_UNHURRIED_SECONDS: Final = 60.0
_LEAST_SECONDS: Final = 0.1
_AT_ONCE_SECONDS: Final = 0.01


_handed = threading.local()


def handed_over() -> int:
    """Requests that this thread gave to a transport: each may have reached its provider."""
    count: int = getattr(_handed, "count", 0)
    return count


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one request: a reply, or an error. ``permit`` waits to hear what it means."""

    permit: Permit | None
    reply: Reply | None = None
    error: ProviderError | None = None

    def tell(self, talk: Talk) -> Step:
        """Hand it to the talk; what that wants next. StopIteration passes through."""
        with telling(self.permit):
            return talk.throw(self.error) if self.error else talk.send(self.reply)


class Entry:
    """The way out of a synchronous client; without a gate nothing holds it up."""

    def __init__(
        self,
        gate: Gate | None,
        transport: Transport,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gate = gate
        self._transport = transport
        self._pause = pause

    def run(self, talk: Talk) -> NormalForm:
        """Send what the talk asks for until it has its result. Raises ProviderError."""
        try:
            step = next(talk)
            while True:
                if isinstance(step, Pause):
                    self._pause(step.seconds)
                    step = talk.send(None)
                else:
                    step = self.send(step).tell(talk)
        except StopIteration as done:
            result: NormalForm = done.value
            return result

    def send(self, request: Request) -> Sent:
        """Wait for the turn, then send."""
        permit = None
        try:
            permit = self._gate.enter(_call(request)) if self._gate else None
            hurried = _hurried(request, permit)
            _handed.count = handed_over() + 1
            return Sent(permit, reply=self._transport.send(hurried))
        except ProviderError as error:
            return Sent(permit, error=error)
        except BaseException:
            _dropped(permit)
            raise


class AsyncEntry:
    """The same for the poller's client, whose event loop it belongs to."""

    def __init__(self, gate: Gate | None, transport: ReadTransport) -> None:
        self._entrance = AsyncEntrance(gate) if gate else None
        self._transport = transport

    async def run(self, talk: Talk) -> NormalForm:
        """As Entry.run."""
        try:
            step = next(talk)
            while True:
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    step = talk.send(None)
                else:
                    step = (await self.send(step)).tell(talk)
        except StopIteration as done:
            result: NormalForm = done.value
            return result

    async def send(self, request: Request) -> Sent:
        """As Entry.send."""
        permit = None
        try:
            permit = await self._entrance.enter(_call(request)) if self._entrance else None
            return Sent(permit, reply=await self._transport.send(_hurried(request, permit)))
        except ProviderError as error:
            return Sent(permit, error=error)
        except BaseException:
            _dropped(permit)
            raise


def _call(request: Request) -> Call:
    patience = _UNHURRIED_SECONDS if request.operation in _UNHURRIED else request.deadline / 2
    limit = request.rate_limit
    own = Budget(limit.requests, limit.per_seconds) if limit else None
    return Call(request.operation, request.effect, request.deadline, patience, own)


def _hurried(request: Request, permit: Permit | None) -> Request:
    """Waiting for the turn is part of the call's deadline, which its caller's lease relies on."""
    waited = permit.waited if permit else 0.0
    if waited < _AT_ONCE_SECONDS or request.operation in _UNHURRIED:
        return request
    left = max(_LEAST_SECONDS, request.deadline - waited)
    return replace(request, deadline=left)


def _dropped(permit: Permit | None) -> None:
    """A call that was given up, or a fault of ours: it says nothing of the provider."""
    if permit is not None:
        permit.done("")
