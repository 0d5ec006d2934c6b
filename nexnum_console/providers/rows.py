"""Readers of reply structures: each finds rows in an answer and hands them to a builder.

Built once per config; nothing here is compiled, formatted or looked up per row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.filters import chooser, filtered
from nexnum_console.providers.fixed import FIXED, meant, spread
from nexnum_console.providers.patterns import Groups
from nexnum_console.providers.roots import root_reader
from nexnum_console.providers.sources import (
    GRAND_PARENT,
    Keys,
    Lineage,
    PathReader,
    alternatives,
    first_name,
    path,
    plain_name,
)

_QUOTED = re.compile(r'(?:^|[^\w\s])\s*"[^"]*"')
Variables = Mapping[str, str]
Build = Callable[[Any, Keys, Any, Variables], dict[str, Any] | None]


@dataclass(slots=True)
class Found:
    """Rows read, how many could not be read, and the JSON value they were under.

    ``passed`` counts nodes that ``rowNeeds`` says are no rows.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    skipped: int = 0
    root: Any = None
    passed: int = 0

    def take(self, row: dict[str, Any] | None) -> None:
        """Keep a row, or count it as unreadable."""
        if row is None:
            self.skipped += 1
        else:
            self.rows.append(row)


# A reader gives None where the answer has not its structure at all.
Reader = Callable[[Reply, Variables], Found | None]
Walk = Callable[[Any, Keys, Any, Variables, Found], None]


def reader(reply: grammar.Reply, build: Build) -> Reader:
    """The reader of a reply's type."""
    if reply.type in _JSON:
        walk = _JSON[reply.type](reply, build)
        chosen = reply.where and not (reply.type == "json_nested_array" and reply.header_row)
        return _json_reader(reply, filtered(reply, walk) if chosen else walk)
    return _TEXT[reply.type](reply, build)


def _json_reader(reply: grammar.Reply, walk: Walk) -> Reader:
    root_of = root_reader(reply)
    accepts = _ROOTS[reply.type]

    def read(answer: Reply, variables: Variables) -> Found | None:
        root = root_of(answer)
        if not isinstance(root, accepts):
            return None
        found = Found(root=root)
        walk(root, (), None, variables, found)
        return found

    return read


def _object(_: grammar.Reply, build: Build) -> Walk:
    return lambda root, keys, parent, variables, found: found.take(
        build(root, keys, parent, variables)
    )


def _array(reply: grammar.Reply, build: Build) -> Walk:
    of_objects = _reads_members(reply)

    def walk(root: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        for index, node in enumerate(root):
            row = not of_objects or isinstance(node, dict)
            found.take(build(node, (str(index),), root, variables) if row else None)

    return walk


def _positional(_: grammar.Reply, build: Build) -> Walk:
    def walk(root: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        nested = all(isinstance(row, list) for row in root)
        for index, node in enumerate(root if nested else [root]):
            found.take(build(node, (str(index),), root, variables))

    return walk


def _table(reply: grammar.Reply, build: Build) -> Walk:
    if not reply.header_row:
        return _positional(reply, build)

    choose = chooser(reply)

    def walk(root: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        names = [str(name) for name in root[0]] if root and isinstance(root[0], list) else []
        meant = choose(variables)
        for index, node in enumerate(root[1:]):
            row = dict(zip(names, node, strict=False)) if isinstance(node, list) else None
            if meant(str(index), row):
                found.take(build(row, (str(index),), root, variables) if row else None)

    return walk


def _dictionary(reply: grammar.Reply, build: Build) -> Walk:
    levels = reply.levels or (["-"] if reply.type == "json_keyed_value" else [])
    if not levels:
        return _undeclared(reply, build)

    of_objects = _reads_members(reply)

    def leaf(node: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        row = not of_objects or isinstance(node, dict)
        found.take(build(node, keys, parent, variables) if row else None)

    walk: Walk = _needing([path(each) for each in reply.row_needs], leaf)
    written = [s if isinstance(s, str) else s.source for s in reply.fields.values()]
    lineage = any(GRAND_PARENT in each for each in written)
    for level in reversed(levels):
        walk = _descend(level[1:], walk, lineage) if level.startswith(".") else _each(level, walk)
    return walk


def _reads_members(reply: grammar.Reply) -> bool:
    """Whether rows are objects: then a single value is none, as in an envelope of a refusal."""
    written = [s if isinstance(s, str) else s.source for s in reply.fields.values()]
    parts = [part.strip() for each in written for part in alternatives(each)]
    named = [part for part in parts if part[:1] not in {"$", "=", "["} and not part.isdigit()]
    return bool(named) and not any(part.startswith("$value") for part in parts)


def _needing(needs: list[PathReader], leaf: Walk) -> Walk:
    if not needs:
        return leaf

    def walk(node: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        if all(need(node) is not None for need in needs):
            leaf(node, keys, parent, variables, found)
        else:
            found.passed += 1

    return walk


def _each(level: str, inner: Walk) -> Walk:
    named = level != "-"

    def walk(node: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        if isinstance(node, dict):
            for key, member in node.items():
                if named and not key:
                    found.skipped += 1
                else:
                    inner(member, (*keys, key), parent, variables, found)
        elif isinstance(node, list) and not (named and node):  # PHP writes an empty map as a list
            for index, member in enumerate(node):
                inner(member, (*keys, str(index)), parent, variables, found)
        else:
            found.skipped += 1

    return walk


def _descend(name: str, inner: Walk, lineage: bool) -> Walk:
    """Step into a member; ``lineage``: the rows ask for more than what was stepped out of."""
    member_of = _own_member(name) if plain_name(name) else path(name)

    def walk(node: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        member = member_of(node)
        if member is None:
            found.skipped += 1
        else:
            inner(member, keys, Lineage(node, parent) if lineage else node, variables, found)

    return walk


def _own_member(name: str) -> PathReader:
    return lambda node: node.get(name) if isinstance(node, dict) else None


def _undeclared(reply: grammar.Reply, build: Build) -> Walk:
    """Depth unknown: a leaf is whatever holds one of the fields' own names."""
    written = [s if isinstance(s, str) else s.source for s in reply.fields.values()]
    names = {name for name in map(first_name, written) if name}
    scalars = any("$value" in each for each in written)

    def walk(node: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        if isinstance(node, dict):
            if keys and any(not isinstance(node.get(n), dict | None) for n in names):
                found.take(build(node, keys, parent, variables))
                return
            for key, member in node.items():
                walk(member, (*keys, key), parent, variables, found)
        elif scalars and not isinstance(node, list):
            found.take(build(node, keys, parent, variables))
        elif node != []:
            found.skipped += 1

    return walk


def _regex(reply: grammar.Reply, build: Build) -> Reader:
    groups = Groups(reply.regex or "")
    choose = chooser(reply) if reply.where else None

    def read(answer: Reply, variables: Variables) -> Found | None:
        if answer.is_json:
            return None
        found = Found()
        matches = groups.all(answer.text)
        if choose is not None and matches:
            meant = choose(variables)
            matches = [named for named in matches if meant("", named)]
            if not matches:
                return found
        for named in matches:
            found.take(build(named, (), None, variables))
        return found if found.rows else None

    return read


def _lines(reply: grammar.Reply, build: Build) -> Reader:
    choose = chooser(reply)

    def read(answer: Reply, variables: Variables) -> Found | None:
        if answer.is_json or not answer.text:
            return None
        if reply.header_row and reply.separator not in answer.text.partition("\n")[0]:
            return None  # a word where a table is due
        found = Found()
        meant = choose(variables)
        for number, row in enumerate(line_rows(reply, answer.text)):
            if meant(str(number), row):
                found.take(build(row, (str(number),), None, variables))
        return found

    return read


def line_rows(reply: grammar.Reply, written: str) -> Iterator[Any]:
    """The lines of a text as lists of their parts, by the names of its first line where
    ``headerRow`` says so; what stands in quotes is one part."""
    lines = (parts(line, reply.separator) for line in written.splitlines() if line.strip())
    if not reply.header_row:
        yield from lines
        return
    names = next(lines, [])
    yield from (dict(zip(names, line, strict=False)) for line in lines)


def parts(line: str, separator: str) -> list[str]:
    """The parts of a line without the blanks around them."""
    if '"' in line and len(separator) == 1 and _QUOTED.search(line):
        (found,) = csv.reader([line], delimiter=separator, skipinitialspace=True)
        return [part.strip() for part in found]
    return [part.strip() for part in line.split(separator)]


def _words(reply: grammar.Reply, build: Build) -> Reader:
    words = {word.casefold(): outputs for word, outputs in reply.words.items()}
    paths = [path(each) for each in reply.word_paths]

    def read(answer: Reply, variables: Variables) -> Found | None:
        outputs = words.get(answer.text.casefold())
        if outputs is None and answer.is_json:
            said = (str(each(answer.document)).casefold() for each in paths)
            outputs = next((words[word] for word in said if word in words), None)
        if outputs is None:
            return None
        if not outputs:
            return Found()
        row = build(outputs, (), None, variables) or {}
        return Found(rows=[row | outputs])

    return read


def _empty(_: grammar.Reply, build: Build) -> Reader:
    def read(answer: Reply, variables: Variables) -> Found | None:
        if answer.text:
            return None
        found = Found()
        found.take(build({}, (), None, variables))
        return found

    return read


def _fixed(reply: grammar.Reply, build: Build) -> Reader:
    """The config's own rows, whatever was answered."""

    def read(answer: Reply, variables: Variables) -> Found | None:
        found = Found()
        for row in (each for written in reply.rows for each in spread(written)):
            if meant(row, variables):
                found.take(build(row, (), None, variables))
        return found

    return read


_JSON: dict[str, Callable[[grammar.Reply, Build], Walk]] = {
    "json_object": _object,
    "json_array": _array,
    "json_dictionary": _dictionary,
    "json_value": _object,
    "json_keyed_value": _dictionary,
    "json_array_positional": _positional,
    "json_nested_array": _table,
}
_TEXT: dict[str, Callable[[grammar.Reply, Build], Reader]] = {
    "text_regex": _regex,
    "text_lines": _lines,
    "text_words": _words,
    "empty": _empty,
    FIXED: _fixed,
}
_ROOTS: dict[str, type | tuple[type, ...]] = {
    "json_object": dict,
    "json_array": list,
    "json_dictionary": (dict, list),
    "json_value": (str, int),
    "json_keyed_value": dict,
    "json_array_positional": list,
    "json_nested_array": list,
}
