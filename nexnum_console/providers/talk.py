"""A talk with a provider: requests out, replies in, and whoever wants to know what came of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final, Protocol

from nexnum_console.providers.body import Reply
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.request import Request

_LEAST_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next request. ``seconds`` > 0."""

    seconds: float


Step = Request | Pause
Talk = Generator[Step, Reply | None, NormalForm]
Observe = Callable[[str, str, float], None]  # operation, outcome, seconds


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One exchange as it went; ``reply`` is None where none came. ``secret`` is all that must
    never be kept of it."""

    operation: str
    variables: Mapping[str, str]
    request: Request | None
    reply: Reply | None
    outcome: str
    seconds: float
    secret: str

    def __repr__(self) -> str:
        return f"Exchanged({self.operation}, {self.outcome})"


Noted = Callable[[Exchanged], None]  # must not wait and must not raise


class Told(Protocol):
    """Whoever let a request out and wants to know what came of it."""

    def done(self, code: str, retry_after: float | None = None) -> None:
        """``ok``, a code, or "" where nobody can say."""
        ...


_listening: ContextVar[Told | None] = ContextVar("listening", default=None)


@contextmanager
def telling(told: Told | None) -> Iterator[None]:
    """Tell ``told`` what the exchange came to that is understood inside."""
    token = _listening.set(told)
    try:
        yield
    finally:
        # A talk that understood nothing, because it failed in itself, says nothing.
        if (unheard := _listening.get()) is not None:
            unheard.done("")
        _listening.reset(token)


def listener() -> Told | None:
    """Whoever wants to know what this exchange came to; it is told once."""
    told = _listening.get()
    _listening.set(None)
    return told


def ended_by(talk: Talk, end: float) -> Talk:
    """The same talk, none of whose requests may last beyond ``end`` on the monotonic clock."""
    try:
        step = next(talk)
        while True:
            if isinstance(step, Request):
                left = max(end - time.monotonic(), _LEAST_SECONDS)
                step = replace(step, deadline=min(step.deadline, left))
            try:
                said = yield step
            except ProviderError as error:
                step = talk.throw(error)
            else:
                step = talk.send(said)
    except StopIteration as done:
        result: NormalForm = done.value
        return result
