"""Fields of a reply as columns: one call for a block of rows where ``fields.py`` makes one a row.

Typed as the row's own converters type, and for whatever is not plain by those converters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

import msgspec

from nexnum_console.providers import transforms
from nexnum_console.providers.patterns import own_pattern
from nexnum_console.providers.rows import Variables
from nexnum_console.providers.sources import KEY_ACCESSORS, alternatives, path, plain_name
from nexnum_console.providers.templates import VARIABLE_NAMES
from nexnum_console.providers.transforms import Transform

SCALAR: Final[Any] = str | int | float | bool | None
ODD: Final[Any] = SCALAR | list  # what may stand where an object is expected

_BEYOND = re.compile(r"[\[\](){}\"'`]|\|\|")  # what only a path language can say
_DEPTH = re.compile(r"\$atDepth:(\d+)\Z")
_PLAIN_LINES: Final = own_pattern(r"(?:[0-9]{1,20}(?:\.[0-9]{1,20})?\n)*").match


class Unforeseen(Exception):
    """An answer is built in a way that only the general reader understands."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A block of rows: their nodes, and their keys by depth (None where nobody asks for them)."""

    nodes: list[Any]
    keys: Sequence[list[str] | None]

    def where(self, there: list[bool]) -> Rows:
        """The rows that are marked."""
        keys = [None if each is None else list(compress(each, there)) for each in self.keys]
        return Rows(list(compress(self.nodes, there)), keys)


Column = Callable[[Rows, Variables], list[Any]]


class Columns:
    """Compiles sources to columns, and learns from them what a row must hold."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.depths_asked: set[int] = set()
        self._slots: dict[str, str] = {}
        self._whole_node = False

    @property
    def contradictory(self) -> bool:
        """Whether a row is asked for as an object and as a value."""
        return self._whole_node and bool(self._slots)

    def leaf(self) -> Any:
        """The type a row is decoded to: only the keys that are read."""
        if not self._slots:
            return Any
        slots = [
            (slot, Any, msgspec.field(name=name, default=None))
            for name, slot in self._slots.items()
        ]
        return msgspec.defstruct("Leaf", slots, gc=False)

    def source(self, written: str) -> Column | None:
        """As ``sources.source``; None for what has no column."""
        if _BEYOND.search(written):
            return None
        parts = [part.strip() for part in alternatives(written)]
        columns = [self._part(part) for part in parts]
        if None in columns:
            return None
        if len(parts) == 1:
            return columns[0]
        if all(map(plain_name, parts)):
            first = _first_value([self._slots[part] for part in parts])
            return lambda rows, variables: first(rows.nodes)
        return _fallback([column for column in columns if column])

    def member(self, written: str) -> Column | None:
        """A key of the row, or a dotted path from it; None for any other path."""
        steps = written.split(".")
        if not all(map(plain_name, steps)):
            return None
        slot = self._slots.setdefault(steps[0], f"f{len(self._slots)}")
        read = _first_value([slot])
        if len(steps) == 1:
            return lambda rows, variables: read(rows.nodes)
        inside = path(".".join(steps[1:]))
        return lambda rows, variables: [
            None if value is None else inside(value) for value in read(rows.nodes)
        ]

    def key(self, index: int) -> Column:
        """Keys at a depth, from the outermost; negative from the row's own."""
        if not -self.depth <= index < self.depth:
            return lambda rows, variables: [None] * len(rows.nodes)
        depth = index % self.depth
        self.depths_asked.add(depth)
        return lambda rows, variables: rows.keys[depth] or []

    def _part(self, written: str) -> Column | None:
        if written.startswith("="):
            return _constant(lambda variables: written[1:])
        if not written.startswith("$"):
            return self.member(written)
        if written == "$value":
            self._whole_node = True
            return lambda rows, variables: rows.nodes
        depth = _DEPTH.match(written)
        index = int(depth[1]) if depth else KEY_ACCESSORS.get(written)
        if index is not None:
            return self.key(index)
        name = VARIABLE_NAMES.get(written[1:])
        return None if name is None else _constant(lambda variables: variables.get(name))


def converted(column: Column, steps: Sequence[Transform]) -> Column:
    """A column whose values go through ``steps``, all at once where that gives the same."""
    if len(steps) == 1 and steps[0] in _AT_ONCE:
        at_once = _AT_ONCE[steps[0]]
        return lambda rows, variables: at_once(column(rows, variables))

    def read(rows: Rows, variables: Variables) -> list[Any]:
        values: Iterable[Any] = column(rows, variables)
        for step in steps:
            values = map(step, values)
        return list(values)

    return read


def decimals(values: list[Any]) -> list[str | None]:
    """``transforms.decimal`` of each: one match of all lines, then the odd ones one by one."""
    written = values
    try:
        lines = "\n".join([*values, ""]).encode(errors="replace")
    except TypeError:
        written = [v if type(v) is str else str(v) if type(v) is int else "" for v in values]
        lines = "\n".join([*written, ""]).encode(errors="replace")
    if lines.count(b"\n") != len(values):
        return list(map(transforms.decimal, values))
    end = _PLAIN_LINES(lines).end()
    if end == len(lines):
        return written
    found = list(written)
    index = lines.count(b"\n", 0, end)
    while index < len(found):
        found[index] = transforms.decimal(values[index])
        start = lines.index(b"\n", end) + 1
        end = _PLAIN_LINES(lines, start).end()
        index += 1 + lines.count(b"\n", start, end)
    return found


def _integers(values: list[Any]) -> list[int | None]:
    if set(map(type, values)) == {int}:
        return values
    return [v if type(v) is int else transforms.integer(v) for v in values]


def _texts(values: list[Any]) -> list[str | None]:
    if set(map(type, values)) == {str} and all(values):
        return values
    return [
        (v or None) if type(v) is str else str(v) if type(v) is int else transforms.text(v)
        for v in values
    ]


_AT_ONCE: Final[dict[Transform, Callable[[list[Any]], list[Any]]]] = {
    transforms.decimal: decimals,
    transforms.integer: _integers,
    transforms.text: _texts,
}


def _constant(value: Callable[[Variables], str | None]) -> Column:
    return lambda rows, variables: [value(variables)] * len(rows.nodes)


def _first_value(slots: list[str]) -> Callable[[list[Any]], list[Any]]:
    """Of several slots of each row the first that has a value; a single one as it is.

    Written out, the comprehension takes half the time of one over ``attrgetter``. Its text holds
    names that were made here (f0, f1…) and no word of a config.
    """
    *others, last = slots
    tests = "".join(f"v if (v := n.{slot}) is not None and v != '' else " for slot in others)
    end = f"v if (v := n.{last}) != '' else None" if others else f"n.{last}"
    made: Callable[[list[Any]], list[Any]] = eval(f"lambda nodes: [{tests}{end} for n in nodes]")  # noqa: S307
    return made


def _fallback(columns: list[Column]) -> Column:
    def read(rows: Rows, variables: Variables) -> list[Any]:
        values = columns[0](rows, variables)
        for column in columns[1:]:
            others = column(rows, variables)
            values = [
                a if a is not None and a != "" else b for a, b in zip(values, others, strict=True)
            ]
        return [None if value == "" else value for value in values]

    return read
