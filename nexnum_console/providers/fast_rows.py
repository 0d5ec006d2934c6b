"""Long price lists read by columns: the rows that ``rows.py`` finds, several times faster.

A reply whose fields are keys of the row is decoded straight into small objects that hold these
fields and nothing else, and whole columns are converted at once. What is not foreseen here, in a
config or in an answer, is left to the general reader: then every question is answered with None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import compress, repeat
from types import GenericAlias
from typing import Any, Final

import msgspec

from nexnum_console.providers import grammar, transforms
from nexnum_console.providers.blocks import Blocks, array_blocks, dictionary_blocks
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
from nexnum_console.providers.vocabulary import OUTPUTS

WORTHWHILE: Final = 4_096  # bytes; below, the general reader is as quick

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

Table = list[list[Any]]


@dataclass(slots=True)
class Offers:
    """Prices read, how many rows could not be, and how many nodes were no rows."""

    rows: list[OfferRow] = field(default_factory=list)
    skipped: int = 0
    passed: int = 0


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
    dictionaries: Callable[[list[list[Any]]], list[dict[str, Any]]]
    required: tuple[int, ...]

    def rows(self, answer: Reply, variables: Variables) -> Found | None:
        """As a reader of ``rows.py``, but without the root; None: ask that one."""
        found = Found()
        try:
            for columns in self._tables(answer, found, variables):
                if any(None in column for column in columns):
                    rows = zip(*columns, strict=True)
                    found.rows.extend(_without_none(self.targets, row) for row in rows)
                else:
                    found.rows.extend(self.dictionaries(columns))
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
        return Offers(rows, found.skipped, found.passed)

    def _tables(self, answer: Reply, found: Found, variables: Variables) -> Iterator[Table]:
        """Columns of the rows that can be read, block by block."""
        for block in self.blocks(self._document(answer), found):
            rows = self._tidy(block, found)
            for need in self.needs:
                there = [value is not None for value in need(rows, variables)]
                found.passed += len(there) - sum(there)
                rows = rows.where(there)
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

    def _tidy(self, rows: Rows, found: Found) -> Rows:
        """The rows that are objects, where rows are read as such."""
        types = set(map(type, rows.nodes))
        if self.leaf is Any or types <= {self.leaf}:
            return rows
        if dict in types:
            raise Unforeseen
        objects = [type(node) is self.leaf for node in rows.nodes]
        others = len(objects) - sum(objects)
        if self.needs:
            found.passed += others
        else:
            found.skipped += others
        return rows.where(objects)


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
        blocks=dictionary_blocks(reply.levels, columns) if keyed else array_blocks(columns),
        needs=tuple(need for need in needs if need),
        targets=targets,
        columns=tuple(outputs.values()),
        dictionaries=_dictionaries(targets),
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


def _holder(steps: list[str], root: Any, odd: Any) -> Any:
    """The type of a document that holds ``root`` under the keys ``steps``."""
    for step in reversed(steps):
        inner = ("inner", root | odd, msgspec.field(name=step, default=None))
        root, odd = msgspec.defstruct("Holder", [inner]), ODD
    return root


def _dictionaries(targets: tuple[str, ...]) -> Callable[[list[list[Any]]], list[dict[str, Any]]]:
    """One dictionary a row: written out, half the time of ``dict(zip(…))``.

    Its text holds names of our own vocabulary alone.
    """
    pairs = ", ".join(f"{target!r}: {target}" for target in targets if target in OUTPUTS["prices"])
    names = "".join(f"{target}, " for target in targets)
    made: Callable[[list[list[Any]]], list[dict[str, Any]]] = eval(  # noqa: S307
        f"lambda columns: [{{{pairs}}} for {names} in zip(*columns)]"
    )
    return made


def _without_none(targets: tuple[str, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    pairs = zip(targets, row, strict=True)
    return {target: value for target, value in pairs if value is not None}


def _filled(column: list[Any] | None, asked: str | None) -> Iterable[Any]:
    if column is None:
        return repeat(asked)
    if asked is None:
        return column
    return [asked if value is None else value for value in column]
