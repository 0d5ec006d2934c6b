"""Where a field comes from: paths, accessors, variables, literals, with fallbacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathError

from nexnum_console.providers.templates import variable_name
from nexnum_console.providers.transforms import decimal, decoded

Keys = tuple[str, ...]
Getter = Callable[[Any, Keys, Any, Mapping[str, str]], Any]
PathReader = Callable[[Any], Any]

_SIMPLE = re.compile(r"[A-Za-z_][\w-]*\Z|\d+\Z")
_INDEXED = re.compile(r"([A-Za-z_][\w-]*)\[(-?\d+)\]\Z")
_DEPTH = re.compile(r"\$atDepth:(\d+)\Z")
_QUOTES = "\"'`"


class Lineage(NamedTuple):
    """What a level stepped out of, and what that was found in."""

    node: Any
    above: Lineage | None


class BadSource(ValueError):
    """A field's source cannot be understood; ``offset`` is where in ``written``."""

    def __init__(self, message: str, written: str = "", offset: int = 0) -> None:
        super().__init__(message)
        self.written = written
        self.offset = offset


def _numbers(values: list[Any]) -> list[Decimal]:
    return [Decimal(found) for value in values if (found := decimal(value)) is not None]


def _members(value: Any) -> list[Any]:
    """Of a list its members, of an object its values; a single value is a list of one."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]


def _figures(value: Any) -> list[str]:
    """The numbers of a list, or those that an object has as its keys."""
    members = list(value) if isinstance(value, dict) else _members(value)
    return [format(number, "f") for number in _numbers(members)]


def _side_by_side(value: dict[str, Any]) -> list[dict[str, Any]]:
    """An object of lists as one list of objects; what the shorter lists lack has no value."""
    columns = {name: column for name, column in value.items() if isinstance(column, list)}
    longest = max(map(len, columns.values()), default=0)
    return [
        {name: column[at] for name, column in columns.items() if at < len(column)}
        for at in range(longest)
    ]


def _by_key(value: dict[str, Any]) -> list[Any]:
    """Values in the order of their keys; numbers as numbers, before words."""
    number = {key: Decimal(found) if (found := decimal(key)) else None for key in value}
    order = sorted(value, key=lambda key: (number[key] is None, number[key] or Decimal(), key))
    return [value[key] for key in order]


ACCESSORS: Final[dict[str, Callable[[Any], Any]]] = {
    "$first": lambda v: next(iter(_members(v)), None),
    "$last": lambda v: next(reversed(_members(v)), None),
    "$firstKey": lambda v: next(iter(v), None) if isinstance(v, dict) else None,
    "$count": lambda v: len(v) if isinstance(v, dict | list) else None,
    "$min": lambda v: min(_figures(v), key=Decimal, default=None),
    "$max": lambda v: max(_figures(v), key=Decimal, default=None),
    "$sum": lambda v: format(sum(_numbers(_members(v)), Decimal()), "f"),
    "$lastKey": lambda v: next(reversed(v), None) if isinstance(v, dict) else None,
    "$sorted": lambda v: _by_key(v) if isinstance(v, dict) else v,
    "$keys": lambda v: list(v) if isinstance(v, dict) else None,
    "$values": _members,
    "$rows": lambda v: _side_by_side(v) if isinstance(v, dict) else None,
    "$json": decoded,
}
GRAND_PARENT: Final = "$grandParent"
KEY_ACCESSORS: Final = {"$key": -1, "$index": -1, "$parentKey": -2, "$grandParentKey": -3}


def source(written: str) -> Getter:
    """Compile a source; alternatives are divided by ``|`` and the first that gives a value wins.

    Raises BadSource or UnknownVariable.
    """
    getters = [_alternative(part.strip()) for part in alternatives(written)]
    if len(getters) == 1:
        return getters[0]

    def first(node: Any, keys: Keys, parent: Any, variables: Mapping[str, str]) -> Any:
        for getter in getters:
            value = getter(node, keys, parent, variables)
            if value is not None and value != "":
                return value
        return None

    return first


def path(written: str) -> PathReader:
    """Compile a path into a value; simple ones without JMESPath. Raises BadSource."""
    if written in {"", "$", "@"}:
        return lambda node: node
    base, steps = _split_accessors(written)
    reader = _plain_path(base) if base else (lambda node: node)
    for accessor, rest in steps:
        reader = _then(reader, ACCESSORS[accessor])
        if rest:
            reader = _then(reader, _plain_path(rest))
    return reader


def first_name(written: str) -> str | None:
    """The key that a source's first alternative reads, when it is a plain one."""
    head = re.split(r"[.|\[]", written, maxsplit=1)[0].strip()
    return head if _SIMPLE.match(head) else None


def plain_name(written: str) -> bool:
    """Whether a source is one key of the row and nothing else."""
    return bool(_SIMPLE.match(written)) and not written.isdigit()


def alternatives(written: str) -> list[str]:
    """The parts of a source between its ``|``, first choice first."""
    parts, depth, quote, start = [], 0, "", 0
    for index, sign in enumerate(written):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in _QUOTES:
            quote = sign
        elif sign in "[({":
            depth += 1
        elif sign in "])}":
            depth -= 1
        elif (
            sign == "|" and depth == 0 and "|" not in (written[index - 1], written[index + 1 :][:1])
        ):
            parts.append(written[start:index])
            start = index + 1
    return [*parts, written[start:]]


def _alternative(written: str) -> Getter:
    if written.startswith("="):
        literal = written[1:]
        return lambda node, keys, parent, variables: literal
    if not written.startswith("$") or written == "$" or written.partition(".")[0] in ACCESSORS:
        read = path(written)
        return lambda node, keys, parent, variables: read(node)
    return _accessor(written)


def _accessor(written: str) -> Getter:
    head, _, rest = written.partition(".")
    read = path(rest)
    depth = _DEPTH.match(head)
    index = int(depth[1]) if depth else KEY_ACCESSORS.get(head)
    if index is not None:
        return lambda node, keys, parent, variables: (
            keys[index] if -len(keys) <= index < len(keys) else None
        )
    if head == "$value":
        return lambda node, keys, parent, variables: read(node)
    if head in {"$parent", GRAND_PARENT}:
        return _above(read, grand=head == GRAND_PARENT)
    if head == "$depth":
        return lambda node, keys, parent, variables: str(len(keys))
    if head == "$status" or (head == "$header" and rest):
        name = written.lower()
        return lambda node, keys, parent, variables: variables.get(name)
    name = variable_name(head[1:])
    return lambda node, keys, parent, variables: variables.get(name)


def _above(read: PathReader, *, grand: bool) -> Getter:
    """What a level stepped out of, or what that was found in."""

    def found(node: Any, keys: Keys, parent: Any, variables: Mapping[str, str]) -> Any:
        if type(parent) is not Lineage:
            return None if grand else read(parent)
        if not grand:
            return read(parent.node)
        return read(parent.above.node) if parent.above else None

    return found


def _split_accessors(written: str) -> tuple[str, list[tuple[str, str]]]:
    """What stands before the first accessor, then each accessor with the path after it."""
    steps = written.split(".$")
    if steps[0].startswith("$"):
        steps[0] = steps[0][1:]
        steps.insert(0, "")
    accessors = []
    for step in steps[1:]:
        name, _, rest = step.partition(".")
        if f"${name}" not in ACCESSORS:
            known = ", ".join(ACCESSORS)
            raise BadSource(f"“${name}” is not an accessor; known: {known}", f"${name}")
        accessors.append((f"${name}", rest))
    return steps[0], accessors


def _plain_path(written: str) -> PathReader:
    steps = written.split(".")
    if all(_SIMPLE.match(step) or _INDEXED.match(step) for step in steps):
        reader = _step(steps[0])
        for step in steps[1:]:
            reader = _then(reader, _step(step))
        return reader
    try:
        return _searching(jmespath.compile(written).search)
    except JMESPathError as error:
        reason = str(error).splitlines()[0].partition(": Parse error")[0].rstrip(":")
        offset = getattr(error, "lex_position", None) or 0
        raise BadSource(f"“{written}” is not a path: {reason}", written, offset) from error


def _searching(search: PathReader) -> PathReader:
    """A function given another type than it takes finds nothing, as any path that does not fit."""

    def read(node: Any) -> Any:
        try:
            return search(node)
        except JMESPathError:
            return None

    return read


def _step(written: str) -> PathReader:
    indexed = _INDEXED.match(written)
    if indexed:
        return _then(_step(indexed[1]), _member(int(indexed[2])))
    if written.isdigit():
        member = _member(int(written))
        return lambda node: node.get(written) if isinstance(node, dict) else member(node)
    return lambda node: node.get(written) if isinstance(node, dict) else None


def _member(index: int) -> PathReader:
    return lambda node: (
        node[index] if isinstance(node, list) and -len(node) <= index < len(node) else None
    )


def _then(reader: PathReader, following: PathReader) -> PathReader:
    def read(node: Any) -> Any:
        value = reader(node)
        return None if value is None else following(value)

    return read
