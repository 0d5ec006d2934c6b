"""Long price lists read by columns: the rows that ``rows.py`` finds, several times faster.

A reply whose fields are keys of the row is decoded straight into small objects that hold these
fields and nothing else, and whole columns are converted at once. What is not foreseen here, in a
config or in an answer, is left to the general reader: then every question is answered with None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, compress, repeat
from operator import itemgetter
from types import GenericAlias
from typing import Any, Final

import msgspec

from nexnum_console.providers import grammar, transforms
from nexnum_console.providers.body import Reply
from nexnum_console.providers.columns import (
    ODD,
    SCALAR,
    Column,
    Columns,
    Rows,
    Unforeseen,
    converted,
)
from nexnum_console.providers.fields import (
    NUMBERS,
    bound_levels,
    declared,
    named_steps,
    output_name,
    required_outputs,
)
from nexnum_console.providers.results import OfferRow
from nexnum_console.providers.rows import Found, Variables
from nexnum_console.providers.sources import plain_name

WORTHWHILE: Final = 4_096  # bytes; below, the general reader is as quick
BLOCK: Final = 2_048  # rows converted together: few enough to stay in the processor's cache

# Keys of a reply that are read here or by compile.py; with any other the general reader reads.
_UNDERSTOOD: Final = frozenset(
    {
        "type",
        "requires",
        "unless",
        "http_status",
        "root_path",
        "fields",
        "constants",
        "transform",
        "levels",
        "row_needs",
        "every_row",
        "errors",
        "value_field",
        "key_field",
    }
)
_KEYED: Final = frozenset({"json_dictionary", "json_keyed_value"})
_REFUSED: Final = (msgspec.MsgspecError, ValueError, RecursionError)
_FIELDS: Final = OfferRow.__struct_fields__

Blocks = Callable[[Any, Found], Iterator[Rows]]
Table = list[list[Any]]


@dataclass(slots=True)
class Offers:
    """Prices read, and how many rows could not be."""

    rows: list[OfferRow] = field(default_factory=list)
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class FastReader:
    """One shape of a price list, compiled. ``depth`` steps lead from the document to its root."""

    decode: Callable[[bytes | str], Any]
    depth: int
    root: type
    leaf: Any
    blocks: Blocks
    needs: tuple[Column, ...]
    targets: tuple[str, ...]
    columns: tuple[Column, ...]
    required: tuple[int, ...]

    def rows(self, answer: Reply, variables: Variables) -> Found | None:
        """As a reader of ``rows.py``, but without the root; None: ask that one."""
        found = Found()
        try:
            for columns in self._tables(answer, found, variables):
                rows = zip(*columns, strict=True)
                if any(None in column for column in columns):
                    found.rows.extend(_without_none(self.targets, row) for row in rows)
                else:
                    found.rows.extend(map(dict, map(zip, repeat(self.targets), rows)))
        except Unforeseen:
            return None
        return found

    def offers(self, answer: Reply, variables: Variables, asked: Variables) -> Offers | None:
        """The typed rows; ``asked`` fills what a row does not tell. None: read the general way."""
        found, rows = Found(), list[OfferRow]()
        try:
            for columns in self._tables(answer, found, variables):
                told = dict(zip(self.targets, columns, strict=True))
                ordered = [_filled(told.get(name), asked.get(name)) for name in _FIELDS]
                rows.extend(map(OfferRow, *ordered))
        except Unforeseen:
            return None
        return Offers(rows, found.skipped)

    def _tables(self, answer: Reply, found: Found, variables: Variables) -> Iterator[Table]:
        """Columns of the rows that can be read, block by block."""
        for block in self.blocks(self._document(answer), found):
            rows = self._tidy(block)
            for need in self.needs:
                rows = rows.where([value is not None for value in need(rows, variables)])
            columns = [column(rows, variables) for column in self.columns]
            for index in self.required:
                if None in columns[index]:
                    there = [value is not None for value in columns[index]]
                    columns = [list(compress(column, there)) for column in columns]
                    found.skipped += len(there) - sum(there)
            yield columns

    def _document(self, answer: Reply) -> Any:
        written = answer.plain_json
        if written is None or len(written) < WORTHWHILE:
            raise Unforeseen
        try:
            node = self.decode(written)
        except _REFUSED as error:
            raise Unforeseen from error
        for _ in range(self.depth):
            node = getattr(node, "inner", None)
        if type(node) is not self.root:
            raise Unforeseen
        return node

    def _tidy(self, rows: Rows) -> Rows:
        """Where a row is no object, an object without any key."""
        types = set(map(type, rows.nodes))
        if self.leaf is Any or types <= {self.leaf}:
            return rows
        if dict in types:
            raise Unforeseen
        empty = self.leaf()
        nodes = [node if type(node) is self.leaf else empty for node in rows.nodes]
        return Rows(nodes, rows.keys)


def fast_reader(
    config: grammar.ProviderConfig, reply: grammar.Reply, operation: str
) -> FastReader | None:
    """The reader of a reply's rows by column, or None where only the general one will do."""
    keyed = reply.type in _KEYED
    steps = [] if reply.root_path in {None, "", "$", "@"} else str(reply.root_path).split(".")
    if not _foreseen(reply, operation, keyed) or not all(map(plain_name, steps)):
        return None
    columns = Columns(len(reply.levels) if keyed else 1)
    outputs = _outputs(config, reply, operation, columns)
    needs = [columns.member(name) for name in reply.row_needs]
    if outputs is None or None in needs or columns.contradictory:
        return None
    targets = tuple(outputs)
    required = required_outputs(reply, operation, set(targets))
    if not set(targets).issuperset(required):
        return None
    leaf = columns.leaf()
    root = _nested(leaf, len(reply.levels)) if keyed else GenericAlias(list, (_or_odd(leaf),))
    document = _holder(steps, root, ODD if keyed else SCALAR)
    return FastReader(
        decode=msgspec.json.Decoder(document, float_hook=str.strip).decode,
        depth=len(steps),
        root=dict if keyed else list,
        leaf=leaf,
        blocks=_dictionary(reply.levels, columns) if keyed else _array(columns),
        needs=tuple(need for need in needs if need),
        targets=targets,
        columns=tuple(outputs.values()),
        required=tuple(map(targets.index, required)),
    )


def _foreseen(reply: grammar.Reply, operation: str, keyed: bool) -> bool:
    """Only price lists are long, and only their usual forms are read here."""
    if operation != "prices" or not _UNDERSTOOD.issuperset(reply.model_fields_set):
        return False
    if keyed:
        return bool(reply.levels) and not any(level.startswith(".") for level in reply.levels)
    return reply.type == "json_array" and not (reply.levels or reply.row_needs)


def _nested(leaf: Any, depth: int) -> Any:
    """The type of objects in objects, ``depth`` of them."""
    within: Any = _or_odd(leaf)
    for _ in range(depth - 1):
        within = _object_of(within) | ODD
    return _object_of(within)


def _object_of(members: Any) -> Any:
    return GenericAlias(dict, (str, members))


def _or_odd(leaf: Any) -> Any:
    return leaf if leaf is Any else leaf | ODD


def _outputs(
    config: grammar.ProviderConfig, reply: grammar.Reply, operation: str, columns: Columns
) -> dict[str, Column] | None:
    """Every output with its column, or None where one has none."""
    origins = declared(reply, operation)
    bound = {output_name(operation, name): index for name, index in bound_levels(reply)}
    if not bound.keys().isdisjoint(origins):
        return None
    made = {}
    for target, index in bound.items():
        key = columns.key(index)
        made[target] = converted(key, [transforms.decimal]) if target in NUMBERS else key
    for target, origin in origins.items():
        column = columns.source(origin if isinstance(origin, str) else origin.source)
        if column is None:
            return None
        steps = [step for _, step in named_steps(config, reply, operation, target, origin)]
        made[target] = converted(column, steps)
    return made


def _array(columns: Columns) -> Blocks:
    asked = bool(columns.depths_asked)

    def blocks(root: Any, found: Found) -> Iterator[Rows]:
        for start in range(0, len(root), BLOCK):
            nodes = root[start : start + BLOCK]
            keys = list(map(str, range(start, start + len(nodes)))) if asked else None
            yield Rows(nodes, [keys])

    return blocks


def _dictionary(levels: list[str], columns: Columns) -> Blocks:
    """Blocks from whole innermost objects: their keys and values are copied at once."""
    named = [level != "-" for level in levels]
    asked = [depth in columns.depths_asked for depth in range(len(levels))]
    holders = _holders(named[:-1])

    def blocks(root: Any, found: Found) -> Iterator[Rows]:
        pile = _Pile(asked)
        for keys, objects in holders(root, (), found):
            pile.add(keys, objects, named[-1], found)
            if len(pile.nodes) >= BLOCK:
                yield pile.rows()
                pile = _Pile(asked)
        yield pile.rows()

    return blocks


class _Pile:
    """Rows gathered from objects that hold them, and what is needed to tell their keys."""

    def __init__(self, asked: list[bool]) -> None:
        self.nodes: list[Any] = []
        self._asked = asked
        self._own: list[str] = []
        self._parents: list[str] = []
        self._counts: list[int] = []
        self._above: list[tuple[str, ...]] = []
        self._totals: list[int] = []

    def add(
        self, keys: tuple[str, ...], objects: dict[str, Any], named: bool, found: Found
    ) -> None:
        """Take the rows of every object; ``keys`` lead to what holds the objects."""
        before = len(self.nodes)
        nodes, own, counts = self.nodes.extend, self._own.extend, self._counts.append
        tells = self._asked[-1]
        for members in objects.values():
            if type(members) is not dict or (named and "" in members):
                members = _members(members, named, found)  # noqa: PLW2901
            nodes(members.values())
            counts(len(members))
            if tells:
                own(members)
        self._parents.extend(objects)
        self._above.append(keys)
        self._totals.append(len(self.nodes) - before)

    def rows(self) -> Rows:
        """All of them as one block."""
        *above, parents, own = [None, *self._asked]
        keys: list[list[str] | None] = [
            _spread(map(itemgetter(depth), self._above), self._totals) if asked else None
            for depth, asked in enumerate(above[1:])
        ]
        if len(self._asked) > 1:
            keys.append(_spread(self._parents, self._counts) if parents else None)
        return Rows(self.nodes, [*keys, self._own if own else None])


def _spread(keys: Iterable[str], counts: list[int]) -> list[str]:
    """The keys of outer objects, repeated for each of their rows."""
    return list(chain.from_iterable(map(repeat, keys, counts)))


Walk = Callable[[Any, tuple[str, ...], Found], Iterator[tuple[tuple[str, ...], dict[str, Any]]]]


def _holders(named: list[bool]) -> Walk:
    """What holds the objects of rows, each with the keys that lead to it."""
    if not named:
        return lambda node, keys, found: iter([(keys, {"": node})])
    first, *rest = named
    if not rest:
        return lambda node, keys, found: iter([(keys, _members(node, first, found))])
    inner = _holders(rest)

    def walk(node: Any, keys: tuple[str, ...], found: Found) -> Any:
        for key, member in _members(node, first, found).items():
            yield from inner(member, (*keys, key), found)

    return walk


def _members(node: Any, named: bool, found: Found) -> dict[str, Any]:
    """As ``rows.py`` steps into a level: what has no key or is no level counts as unreadable."""
    if type(node) is dict:
        if named and "" in node:
            found.skipped += 1
            return {key: member for key, member in node.items() if key}
        return node
    if type(node) is list and not (named and node):
        return {str(index): member for index, member in enumerate(node)}
    found.skipped += 1
    return {}


def _holder(steps: list[str], root: Any, odd: Any) -> Any:
    """The type of a document that holds ``root`` under the keys ``steps``."""
    for step in reversed(steps):
        inner = ("inner", root | odd, msgspec.field(name=step, default=None))
        root, odd = msgspec.defstruct("Holder", [inner]), ODD
    return root


def _without_none(targets: tuple[str, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    pairs = zip(targets, row, strict=True)
    return {target: value for target, value in pairs if value is not None}


def _filled(column: list[Any] | None, asked: str | None) -> Iterable[Any]:
    if column is None:
        return repeat(asked)
    if asked is None:
        return column
    return [asked if value is None else value for value in column]
