"""What a trace tells: how an answer became a result, or why it did not.

Structs, because a long list has thousands of them: they are made in a fifth of the time that
frozen dataclasses take, and the garbage collector does not look at them.
"""

from __future__ import annotations

import msgspec

from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.spans import Body, Span


class Tried(msgspec.Struct, frozen=True, gc=False):
    """One alternative of a source: ``value`` is None where it gave nothing."""

    written: str
    value: str | None
    pointer: str = ""
    span: Span | None = None


class Changed(msgspec.Struct, frozen=True, gc=False):
    """A transform, a map or a status word at work: the text of the value before and after it."""

    name: str
    before: str | None
    after: str | None

    @property
    def target(self) -> str:
        """The output, of a change at the end of the reading: its name is “output: reason”."""
        return self.name.partition(":")[0]


class FieldTrace(msgspec.Struct, frozen=True, gc=False):
    """One output of one row. ``place`` points into the config, ``pointer`` into the answer."""

    target: str
    place: str
    tried: tuple[Tried, ...]
    steps: tuple[Changed, ...]
    value: str | None
    needed: bool = False

    @property
    def source(self) -> Tried | None:
        """The alternative that gave the value."""
        return next((one for one in self.tried if one.value), None)


class RowTrace(msgspec.Struct, frozen=True, gc=False):
    """One row: ``number`` counts from 0 over all rows; ``why`` says why it was left out."""

    number: int
    pointer: str
    span: Span | None
    why: str
    fields: tuple[FieldTrace, ...]
    finished: tuple[Changed, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether the row is part of the result."""
        return not self.why

    def steps_of(self, one: FieldTrace) -> tuple[Changed, ...]:
        """All that happened to an output: its transforms and maps, then the status words and
        what else the end of the reading does."""
        return one.steps + tuple(each for each in self.finished if each.target == one.target)


class ReplyTrace(msgspec.Struct, frozen=True):
    """One alternative of the config for this answer; ``why`` says why it was not taken."""

    place: str
    type: str
    why: str
    root: str = ""
    root_span: Span | None = None
    rows: tuple[RowTrace, ...] = ()
    total: int = 0
    skipped: int = 0

    @property
    def chosen(self) -> bool:
        """Whether the result comes from this reply."""
        return not self.why


class RuleTrace(msgspec.Struct, frozen=True):
    """One error rule; ``why`` says what it found, or what was missing for it to fire."""

    place: str
    name: str
    code: str
    fired: bool
    why: str
    span: Span | None = None


class Trace(msgspec.Struct, frozen=True):
    """The whole way of one answer. Exactly one of ``result`` and ``error`` is set.

    ``seen`` says what the bytes were taken for. Spans are bytes of ``body.data``.
    """

    operation: str
    body: Body
    seen: str
    replies: tuple[ReplyTrace, ...]
    rules: tuple[RuleTrace, ...]
    result: NormalForm | None
    error: ProviderError | None
    seconds: float

    @property
    def reply(self) -> ReplyTrace | None:
        """The reply that was taken."""
        return next((one for one in self.replies if one.chosen), None)

    @property
    def fired(self) -> RuleTrace | None:
        """The error rule that decided, None where HTTP itself or nothing did."""
        return next((one for one in self.rules if one.fired), None)
