"""Rows of a reply, told field by field: which source gave a value, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.fields import (
    bound_levels,
    declared,
    named_steps,
    output_name,
    required_outputs,
    row_builder,
)
from nexnum_console.providers.patterns import pattern
from nexnum_console.providers.positions import Path, pointer
from nexnum_console.providers.rows import Build, Variables
from nexnum_console.providers.sources import Getter, Keys, alternatives, source
from nexnum_console.providers.spans import Body, Placed, mark_of, marked, plain_of
from nexnum_console.providers.trace_model import Changed, FieldTrace, RowTrace, Tried
from nexnum_console.providers.transforms import Transform, text

_SHOWN = 400


@dataclass(frozen=True, slots=True)
class _Field:
    target: str
    place: str
    alternatives: tuple[tuple[str, Getter], ...]
    steps: tuple[tuple[str, Transform], ...]
    needed: bool


@dataclass
class RowTeller:
    """A builder of rows that also keeps what it did, for the first ``most`` rows and ``wanted``."""

    config: grammar.ProviderConfig
    reply: grammar.Reply
    operation: str
    where: Path
    body: Body
    wanted: frozenset[int]
    most: int
    pieces: list[Any] = field(default_factory=list)
    rows: list[RowTrace] = field(default_factory=list)
    raw: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0

    def __post_init__(self) -> None:
        origins = declared(self.reply, self.operation)
        bound = [(output_name(self.operation, name), at) for name, at in bound_levels(self.reply)]
        self._required = required_outputs(self.reply, self.operation, {*origins, *dict(bound)})
        self._levels = [(target, at, target in self._required) for target, at in bound]
        self._last = max(self.most - 1, *self.wanted, 0)
        self._levels_place = pointer((*self.where, "levels"))
        self._build: Build = row_builder(self.config, self.reply, self.operation)
        self._fields = [self._field(target, origin) for target, origin in origins.items()]

    def build(
        self, node: Any, keys: Keys, parent: Any, variables: Variables
    ) -> dict[str, Any] | None:
        """As the builder that serves live answers, which it calls."""
        number = self.total
        self.total += 1
        if self.pieces and number < len(self.pieces):
            node = self.pieces[number]
        wanted = number < self.most or number in self.wanted
        row = self._build(node if wanted else plain_of(node), keys, parent, variables)
        if wanted:
            self.rows.append(self._told(number, node, keys, parent, variables, row))
            self.raw.append(dict(row or {}))
            self.body.marking = number < self._last
        return row

    def use(self, answer: Reply) -> None:
        """Find the pieces of a text answer, so that their places are known."""
        at = self.body.place(answer.text)
        if at < 0 or self.reply.where or self.reply.header_row:
            return
        if self.reply.type == "text_regex":
            self.pieces = list(_groups(self.reply.regex or "", answer.text, at))
        elif self.reply.type == "text_lines":
            self.pieces = list(_parts(answer.text, at, self.reply.separator))

    def _field(self, target: str, origin: grammar.Source | str) -> _Field:
        written = origin if isinstance(origin, str) else origin.source
        return _Field(
            target,
            self._place(target),
            tuple((part.strip(), source(part.strip())) for part in alternatives(written)),
            tuple(named_steps(self.config, self.reply, self.operation, target, origin)),
            target in self._required,
        )

    def _place(self, target: str) -> str:
        """Where the config says what this output is."""
        for key in ("fields", "constants"):
            for name in getattr(self.reply, key):
                if output_name(self.operation, name) == target:
                    return pointer((*self.where, key, name))
        for position, name in self.reply.position_fields.items():
            if output_name(self.operation, name) == target:
                return pointer((*self.where, "positionFields", position))
        return pointer((*self.where, "rows") if self.reply.rows else self.where)

    def _told(
        self,
        number: int,
        node: Any,
        keys: Keys,
        parent: Any,
        variables: Variables,
        row: dict[str, Any] | None,
    ) -> RowTrace:
        told = [self._level(target, keys[at], needed) for target, at, needed in self._levels]
        told += [self._tell(one, node, keys, parent, variables) for one in self._fields]
        if row is not None and "phone" in row:
            told = [_dialled(one, row["phone"]) for one in told]
        place = mark_of(node) or _place_of(node, keys, parent)
        return RowTrace(
            number,
            place.pointer if place else "",
            self.body.span(place),
            "" if row is not None else self._lacks(told),
            tuple(told),
        )

    def _level(self, target: str, key: str, needed: bool) -> FieldTrace:
        tried = (self._tried("$key", key),)
        return FieldTrace(target, self._levels_place, tried, (), str(key), needed)

    def _tell(
        self, one: _Field, node: Any, keys: Keys, parent: Any, variables: Variables
    ) -> FieldTrace:
        tried: list[Tried] = []
        value: Any = None
        for written, get in one.alternatives:
            value = get(node, keys, parent, variables)
            tried.append(self._tried(written, value, node))
            if value is not None and value != "":
                break
        steps: list[Changed] = []
        for name, step in one.steps:
            before, value = value, step(value)
            if _shown(before) != _shown(value) or (before is not None and value is None):
                steps.append(Changed(name, _shown(before), _shown(value)))
        return FieldTrace(
            one.target, one.place, tuple(tried), tuple(steps), _shown(value), one.needed
        )

    def _tried(self, written: str, value: Any, node: Any = None) -> Tried:
        mark = mark_of(value) or (_member_mark(node, written) if value is not None else None)
        if value is None or mark is None:
            return Tried(written, _shown(value))
        return Tried(written, _shown(value), mark.pointer, self.body.span(mark))

    def _lacks(self, told: list[FieldTrace]) -> str:
        given = {one.target for one in told if one.value is not None}
        missing = [name for name in self._required if name not in given]
        if not missing:
            missing = [name for name in self._required]
        return f"{' and '.join(missing)} could not be read"


def _dialled(one: FieldTrace, number: str) -> FieldTrace:
    """A phone is completed after its row is read: dial code, plus sign, digits alone."""
    if one.target != "phone" or one.value == number:
        return one
    steps = (*one.steps, Changed("phone", one.value, number))
    return FieldTrace(one.target, one.place, one.tried, steps, number, one.needed)


def _member_mark(node: Any, written: str) -> Placed | None:
    """A place for a value that carries none (true, a sum): its member's, else its row's."""
    here = node
    for step in written.split("."):
        if not isinstance(here, dict) or step not in here:
            break
        here = here[step]
    return mark_of(here) or mark_of(node)


def _place_of(node: Any, keys: Keys, parent: Any) -> Placed | None:
    """A table's rows are made anew; the row of the answer is the one after the header."""
    if isinstance(parent, list) and keys and keys[-1].isdigit() and isinstance(node, dict):
        index = int(keys[-1]) + 1
        return mark_of(parent[index]) if index < len(parent) else None
    return mark_of(keys[-1]) if keys else None


def _groups(regex: str, answer: str, at: int) -> Iterator[dict[str, Any]]:
    compiled = pattern(regex)
    for match in compiled.finditer(answer):
        yield {
            name: None if match[number] is None else _piece(match, number, at)
            for name, number in compiled.groupindex.items()
        }


def _piece(match: Any, group: int, at: int) -> str:
    return marked(match[group], match.start(group) + at, match.end(group) + at)


def _parts(answer: str, at: int, separator: str) -> Iterator[list[str]]:
    for line in answer.splitlines(keepends=True):
        content = line.splitlines()[0] if line.splitlines() else ""
        if content.strip():
            begin, parts = at, []
            for part in content.split(separator):
                bare = part.strip()
                start = begin + len(part) - len(part.lstrip())
                parts.append(marked(bare, start, start + len(bare)))
                begin += len(part) + len(separator)
            yield parts
        at += len(line)


def _shown(value: Any) -> str | None:
    """A value as text; of an object or list its kind and size."""
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    written = text(value)
    return str(written)[:_SHOWN] if written is not None else ("" if value == "" else None)
