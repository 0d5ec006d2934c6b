"""Checks of lists that stand in the config: every row is read, and none of them in vain."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final

from nexnum_console.providers import grammar
from nexnum_console.providers.compile import replies_of
from nexnum_console.providers.faults import Fault, operation_of
from nexnum_console.providers.fields import (
    UnknownOutput,
    declared,
    named_steps,
    output_name,
    required_outputs,
)
from nexnum_console.providers.fixed import EVERY, FIXED, LISTS, MOST_ROWS, size, spread
from nexnum_console.providers.positions import Path

# What tells one row of a list from another; what a price leaves out is that of every one.
_KEYS: Final = {
    "countries": ("id",),
    "services": ("code",),
    "operators": ("country", "operator"),
    "prices": ("country", "service", "operator"),
}
_EVERY: Final = tuple(name for name, _, _ in EVERY)
_NOT_HERE: Final = ("fields", "root_path", "match", "levels", "messages", "regex", "where", "words")


def fixed_faults(config: grammar.ProviderConfig) -> Iterator[Fault]:
    """Everything wrong with the lists of type fixed, and with rows that are not in one."""
    asked = {operation_of(name) for name in config.endpoints}
    for written, mapping in config.mappings.items():
        operation = operation_of(written)
        several = isinstance(mapping, grammar.Replies)
        for index, reply in enumerate(replies_of(mapping) if operation else ()):
            where: Path = ("mappings", written, *(("replies", index) if several else ()))
            if reply.type != FIXED:
                if reply.rows:
                    cure = f"write “type”: “{FIXED}”, or remove “rows”"
                    yield Fault((*where, "rows"), "only a fixed list has rows", cure=cure)
                continue
            yield from _place(where, written, operation or "", operation in asked, mapping)
            if operation in LISTS:
                yield from _keys(where, reply)
                yield from _rows(config, (*where, "rows"), operation, reply)


def _place(
    where: Path,
    written: str,
    operation: str,
    asked: bool,
    mapping: grammar.Reply | grammar.Replies,
) -> Iterator[Fault]:
    place = (*where, "type")
    if operation not in LISTS:
        cure = f"write how its answer looks; only {', '.join(LISTS)} can be fixed"
        yield Fault(place, f"“{written}” changes from call to call: it is no fixed list", cure=cure)
    if asked:
        cure = f"remove “{written}” from “endpoints”, or write how its answer looks"
        yield Fault(
            place, f"“endpoints” asks for “{written}”, and a fixed list is not asked", cure=cure
        )
    if len(replies_of(mapping)) > 1:
        cure = "put all rows into one list, and remove the other replies"
        yield Fault(place, "a fixed list is never one reply of several", cure=cure)


def _keys(where: Path, reply: grammar.Reply) -> Iterator[Fault]:
    for key in _NOT_HERE:
        if key in reply.model_fields_set:
            cure = "remove it: the rows hold the outputs themselves"
            written = grammar.Reply.model_fields[key].alias or key
            message = f"a fixed list has “rows” and no “{written}”"
            yield Fault((*where, written), message, at_key=True, cure=cure)


def _rows(
    config: grammar.ProviderConfig, where: Path, operation: str, reply: grammar.Reply
) -> Iterator[Fault]:
    if not reply.rows:
        names = ", ".join(f"“{name}”" for name in required_outputs(reply, operation, {"price"}))
        cure = f"add “rows”: a list of objects with {names}"
        yield Fault(where[:-1], "a fixed list needs “rows”", cure=cure, lacks=True)
        return
    try:
        origins = declared(reply, operation)
    except UnknownOutput:
        yield from _unknown(where, operation, reply)
        return
    needed = required_outputs(reply, operation, set(origins))
    steps = {
        target: [step for _, step in named_steps(config, reply, operation, target, origin)]
        for target, origin in origins.items()
    }
    constant = {output_name(operation, name) for name in reply.constants}
    for index, row in enumerate(reply.rows):
        given = {output_name(operation, name) for name in row} | constant
        for name in needed:
            if name not in given:
                cure = f'add "{name}": …'
                message = f"the row has no “{name}”"
                yield Fault((*where, index), message, cure=cure, lacks=True)
        for name, value in row.items():
            yield from _value((*where, index, name), value, steps[output_name(operation, name)])
    yield from _twice(where, operation, reply)


def _unknown(where: Path, operation: str, reply: grammar.Reply) -> Iterator[Fault]:
    for index, row in enumerate(reply.rows):
        for name in row:
            try:
                output_name(operation, name)
            except UnknownOutput as error:
                place = (*where, index, name)
                yield Fault(place, str(error), error.name, error.known, at_key=True)


def _value(where: Path, value: Any, steps: list[Any]) -> Iterator[Fault]:
    several = isinstance(value, list)
    if several and not value:
        yield Fault(where, "an empty list makes no row", cure="write its members, or remove it")
    for index, each in enumerate(value if several else [value]):
        read: Any = each
        for step in steps:
            read = step(read)
        if read is None or read == "":
            place = (*where, index) if several else where
            message = f"“{each}” cannot be read as “{where[-1]}”"
            cure = 'write a value; a price is text as "0.50", a stock a whole number'
            yield Fault(place, message, cure=cure)


def _twice(where: Path, operation: str, reply: grammar.Reply) -> Iterator[Fault]:
    """Rows that one before them always answers for."""
    if sum(map(size, reply.rows)) > MOST_ROWS:
        cure = (
            "name fewer values; a price that leaves “country” or “service” out is that of every one"
        )
        yield Fault(where, f"the list stands for more than {MOST_ROWS:,} rows", cure=cure)
        return
    seen: dict[tuple[str | None, ...], int] = {}
    names = _KEYS[operation]
    for index, row in enumerate(reply.rows):
        given = {output_name(operation, name): value for name, value in row.items()}
        told = {name: given[name] for name in names if name in given}
        before = {_before(operation, each, seen) for each in spread(told)}
        if before and None not in before:
            first = min(number for number in before if number is not None)
            message = f"this row is never used: row {first + 1} is the first for the same thing"
            cure = "remove it, or put it before the other"
            yield Fault((*where, index), message, cure=cure)
        for each in spread(told):
            seen.setdefault(_key(operation, each), index)


def _key(operation: str, row: dict[str, Any]) -> tuple[str | None, ...]:
    return tuple(str(row[name]) if name in row else None for name in _KEYS[operation])


def _before(
    operation: str, row: dict[str, Any], seen: dict[tuple[str | None, ...], int]
) -> int | None:
    """The row that holds wherever this one does."""
    wild = [name for name in _EVERY if name in row] if operation == "prices" else []
    for count in range(len(wild) + 1):
        for left_out in combinations(wild, count):
            wider = {name: value for name, value in row.items() if name not in left_out}
            if _key(operation, wider) in seen:
                return seen[_key(operation, wider)]
    return None
