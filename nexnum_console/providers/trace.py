"""The way of one answer through a config, told step by step. No I/O.

The result is the one that ``reply.read`` gives; the telling runs beside it over a copy of the
answer whose values know where they stand. Nothing of this runs for live calls.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any, Final

from jmespath.exceptions import JMESPathError

from nexnum_console.core.garbage import collector_paused
from nexnum_console.providers import grammar
from nexnum_console.providers.body import NOT_JSON, Reply
from nexnum_console.providers.compile import (
    CompiledProvider,
    CompiledReply,
    operation_name,
    replies_of,
)
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.headers import answer_path, beside
from nexnum_console.providers.normal import NormalForm, finisher
from nexnum_console.providers.positions import Path, pointer
from nexnum_console.providers.reply import Mask, read
from nexnum_console.providers.request import operation_of
from nexnum_console.providers.rows import Found, Variables, reader
from nexnum_console.providers.rules import equals
from nexnum_console.providers.sources import path
from nexnum_console.providers.spans import (
    Body,
    Mark,
    Placed,
    mark_of,
    marked_document,
    read_through,
)
from nexnum_console.providers.templates import variable_name
from nexnum_console.providers.trace_model import (
    Changed,
    FieldTrace,
    ReplyTrace,
    RowTrace,
    Trace,
    Tried,
)
from nexnum_console.providers.trace_rows import RowTeller
from nexnum_console.providers.trace_rules import explain_rules
from nexnum_console.providers.trace_words import (
    kind_of,
    listed,
    no_result,
    no_structure,
    quoted,
    reason,
)
from nexnum_console.providers.transforms import text
from nexnum_console.providers.vocabulary import ANY, LIST_KEYS, STATES

MOST_ROWS: Final = 200
_ODD: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, JMESPathError)


def trace(
    compiled: CompiledProvider,
    operation: str,
    reply: Reply,
    variables: Mapping[str, str],
    *,
    mask: Mask = str,
    rows: Collection[int] = (),
) -> Trace:
    """Tell how the answer is read. The first 200 rows are told, and those numbered in ``rows``.

    ``variables`` are in the provider's words. Raises ProviderError only where the config has no
    such operation; the error an answer means is part of the trace.
    """
    with collector_paused():  # marks make many cycles; looking through them took half the time
        return _trace(compiled, operation, reply, variables, mask, frozenset(rows))


def _trace(
    compiled: CompiledProvider,
    operation: str,
    reply: Reply,
    variables: Mapping[str, str],
    mask: Mask,
    rows: frozenset[int],
) -> Trace:
    began = time.perf_counter()
    known = operation_of(compiled, operation)
    result, error = _outcome(compiled, operation, reply, variables, mask)
    teller = _Teller(compiled, known.name, reply, variables, rows)
    replies = teller.replies(known.replies)
    rules = teller.rules() if error is not None else ()
    return Trace(
        known.name,
        teller.body,
        teller.seen,
        replies,
        rules,
        result,
        error,
        time.perf_counter() - began,
    )


def _outcome(
    compiled: CompiledProvider,
    operation: str,
    reply: Reply,
    variables: Mapping[str, str],
    mask: Mask,
) -> tuple[NormalForm | None, ProviderError | None]:
    try:
        return read(compiled, operation, reply, variables, mask), None
    except ProviderError as error:
        return None, error


class _Teller:
    def __init__(
        self,
        compiled: CompiledProvider,
        operation: str,
        reply: Reply,
        variables: Mapping[str, str],
        rows: frozenset[int],
    ) -> None:
        self.config = compiled.config
        listing = self.config.status_from if operation == "status" else None
        self.operation = listing.operation if listing else operation
        self.variables = {**variables, **beside(reply)}
        self.asked_rows = rows
        self.body = Body(reply.body)
        self._answer = reply
        self._writes_text = "to_string(" in self.config.model_dump_json()
        self._twin = self._marked()
        self.seen = self._seen()
        self.written = next(
            (name for name in self.config.mappings if operation_name(name) == self.operation),
            operation,
        )

    @property
    def twin(self) -> Reply:
        """The answer, of whose values those know their place that were told or will be."""
        if not self.body.marking:  # a reader passed over the rest of a long list
            self.body.marking = True
            self._twin = self._marked()
        return self._twin

    def _marked(self) -> Reply:
        twin = Reply(self._answer.status, self._answer.headers, self._answer.body)
        document = marked_document(self.body, self._answer.document)
        if document is not None:
            if self._writes_text:
                read_through(document)
            twin.__dict__["document"] = document  # where the cached property keeps it
        return twin

    def _seen(self) -> str:
        """What the bytes were taken for, whatever their label says."""
        if self.twin.is_json:
            return f"JSON, {kind_of(self.twin.document)} of {len(self.twin.document):,}"
        if self.twin.is_html:
            return "a web page"
        if self.twin.document is not NOT_JSON:
            return "JSON, one text"
        return f"text of {len(self.twin.text):,} characters" if self.twin.text else "nothing"

    def rules(self) -> tuple[Any, ...]:
        return explain_rules(self.config, self.operation, self.written, self.twin, self.body)

    def replies(self, compiled: tuple[CompiledReply, ...]) -> tuple[ReplyTrace, ...]:
        """Every reply up to the one that is taken; those after it are not asked."""
        mapping = self.config.mappings.get(self.written)
        several = isinstance(mapping, grammar.Replies)
        told: list[ReplyTrace] = []
        for index, (shape, said) in enumerate(zip(compiled, replies_of(mapping), strict=True)):
            inner: Path = ("replies", index) if several else ()
            where: Path = ("mappings", self.written, *inner)
            if told and told[-1].chosen:
                why = "not asked, the one before it fits"
                told.append(ReplyTrace(pointer(where), said.type, why))
            else:
                told.append(self._reply(shape, said, where))
        return tuple(told)

    def _reply(self, shape: CompiledReply, said: grammar.Reply, where: Path) -> ReplyTrace:
        why = self._refused_at_once(shape, said)
        if why:
            return ReplyTrace(pointer(where), said.type, why)
        try:
            return self._read(said, where)
        except _ODD as error:
            why = f"the answer has a structure no path foresaw ({error})"
            return ReplyTrace(pointer(where), said.type, why)

    def _refused_at_once(self, shape: CompiledReply, said: grammar.Reply) -> str:
        if not shape.accepts(self.twin.status):
            return f"it reads HTTP {listed(said.http_status)}, this is {self.twin.status}"
        if not shape.condition.holds(self.variables):
            lacking = [n for n in said.requires if not _given(self.variables, n)]
            if lacking:
                return f"it is for calls that give {', '.join(lacking)}"
            return f"it is for calls without {', '.join(said.unless)}"
        for written, wanted in said.match.items():
            if not self.twin.is_json and not written.startswith("$"):
                return f"match reads {written}, and the answer is no JSON"
            value = answer_path(written)(self.twin)
            if not equals(wanted)(value):
                return f"match: {written} is {quoted(value)}, wanted {listed(wanted)}"
        return ""

    def _read(self, said: grammar.Reply, where: Path) -> ReplyTrace:
        teller = RowTeller(
            self.config, said, self.operation, where, self.body, self.asked_rows, MOST_ROWS
        )
        teller.use(self.twin)
        found = reader(said, teller.build)(self.twin, self.variables)
        place = pointer(where)
        if found is None:
            return ReplyTrace(place, said.type, no_structure(said, self.twin, self.seen))
        why = ""
        if said.every_row and found.skipped:
            why = f"{found.skipped} rows could not be read, and every row must be"
        if said.absent in STATES and not (found.rows or found.skipped):
            found.take({"state": said.absent})
        finished = None if why else self._finish(said, teller, found, where)
        rows = finished if finished is not None else tuple(teller.rows)
        if not why and finished is None:
            why = no_result(found, teller.rows, teller.raw)
        mark = mark_of(found.root)
        return ReplyTrace(
            place,
            said.type,
            why,
            mark.pointer if mark else "",
            self.body.span(mark),
            rows,
            teller.total,
            found.skipped,
        )

    def _finish(
        self, said: grammar.Reply, teller: RowTeller, found: Found, where: Path
    ) -> tuple[RowTrace, ...] | None:
        """The rows with what the end of the reading made of them; None where it refuses."""
        if said.type == "text_words" and found.rows:
            self._tell_words(said, teller, found, where)
        result = finisher(self.config, said, self.operation)(found, self.variables)
        if result is None:
            return None
        if self.operation == "operators":
            return tuple(teller.rows)
        listed = self.operation in LIST_KEYS
        ends = iter(result[LIST_KEYS[self.operation]] if listed else [result])
        by_number: dict[int, Mapping[str, Any]] = {}
        numbers = [row.number for row in teller.rows if row.kept]
        for number, end in zip(_positions(numbers, teller), ends, strict=False):
            by_number[number] = end
        return tuple(
            _ended(row, raw, by_number.get(row.number), said, self.variables)
            for row, raw in zip(teller.rows, teller.raw, strict=True)
        )

    def _tell_words(
        self, said: grammar.Reply, teller: RowTeller, found: Found, where: Path
    ) -> None:
        """The outputs of a word are the config's own; the word itself is in the answer."""
        word, shown = self._word(said)
        tried = Tried("words", word, shown.pointer if shown else "", self.body.span(shown))
        fields = tuple(
            FieldTrace(name, pointer((*where, "words", word)), (tried,), (), text(value))
            for name, value in found.rows[0].items()
        )
        told = teller.rows[0].fields if teller.rows else ()
        names = {one.target for one in fields}
        kept = tuple(one for one in told if one.target not in names)
        teller.rows[:] = [RowTrace(0, tried.pointer, tried.span, "", kept + fields)]
        teller.raw[:] = [dict(found.rows[0])]

    def _word(self, said: grammar.Reply) -> tuple[str, Placed | None]:
        known = {word.casefold(): word for word in said.words}
        if self.twin.text.casefold() in known:
            at = self.body.place(self.twin.text)
            whole = Mark(at, at + len(self.twin.text)) if at >= 0 else None
            return known[self.twin.text.casefold()], whole
        for written in said.word_paths:
            value = path(written)(self.twin.document)
            if str(value).casefold() in known:
                return known[str(value).casefold()], mark_of(value)
        return "", None


def _positions(numbers: list[int], teller: RowTeller) -> list[int]:
    """Numbers of the kept rows in order, while nothing before them was left untold."""
    return numbers if len(teller.rows) == teller.total else numbers[:MOST_ROWS]


def _ended(
    row: RowTrace,
    raw: Mapping[str, Any],
    end: Mapping[str, Any] | None,
    said: grammar.Reply,
    variables: Variables,
) -> RowTrace:
    if end is None:
        return row
    changes = [
        Changed(reason(name, raw, end, said, variables), text(raw.get(name)), text(end.get(name)))
        for name in dict.fromkeys([*raw, *end])
        if name != "messages" and raw.get(name) != end.get(name)
    ]
    return RowTrace(row.number, row.pointer, row.span, row.why, row.fields, tuple(changes))


def _given(variables: Variables, written: str) -> bool:
    return (variables.get(variable_name(written)) or "").lower() not in ANY
