"""JSON that remembers where every value stands, so that an error can point at it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_DEPTH = 60

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_STRINGS = json.JSONDecoder()
_WORDS = {"true": True, "false": False, "null": None}


class Position(NamedTuple):
    """Line and column, both counted from 1."""

    line: int
    column: int


class SyntaxProblem(ValueError):
    """The text is not JSON at ``position``."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(slots=True)
class Document:
    """A parsed text. ``keys`` holds where each object key stands, ``values`` where each value."""

    text: str
    value: Any = None
    keys: dict[Path, int] = field(default_factory=dict)
    values: dict[Path, int] = field(default_factory=dict)

    def position(self, path: Path, *, key: bool = False) -> Position:
        """Where the value (or its key) stands; of a missing path, where its parent stands."""
        while path and path not in self.values:
            path = path[:-1]
        offset = self.keys.get(path, 0) if key and path in self.keys else self.values.get(path, 0)
        return self.at(offset)

    def at(self, offset: int) -> Position:
        """Line and column of an offset."""
        line = self.text.count("\n", 0, offset) + 1
        return Position(line, offset - self.text.rfind("\n", 0, offset))


def parse(text: str) -> Document:
    """Parse JSON text; raises SyntaxProblem, also for a key given twice and for deep nesting."""
    document = Document(text)
    start = _skip(text, 1 if text.startswith("\ufeff") else 0)
    value, end = _value(document, start, ())
    end = _skip(text, end)
    if end != len(text):
        raise SyntaxProblem("the document ends here, but more text follows", document.at(end))
    document.value = value
    return document


def pointer(path: Path) -> str:
    """RFC 6901 pointer of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _skip(text: str, index: int) -> int:
    found = _BLANK.match(text, index)
    return found.end() if found else index


def _value(document: Document, index: int, path: Path) -> tuple[Any, int]:
    text = document.text
    document.values[path] = index
    if len(path) > MAX_DEPTH:
        raise SyntaxProblem("nested too deeply", document.at(index))
    opening = text[index : index + 1]
    if opening == "{":
        return _object(document, index + 1, path)
    if opening == "[":
        return _array(document, index + 1, path)
    if opening == '"':
        return _string(document, index)
    number = _NUMBER.match(text, index)
    if number:
        return json.loads(number.group()), number.end()
    for word, value in _WORDS.items():
        if text.startswith(word, index):
            return value, index + len(word)
    raise SyntaxProblem("expected a value", document.at(index))


def _string(document: Document, index: int) -> tuple[str, int]:
    try:
        value, end = _STRINGS.raw_decode(document.text, index)
    except json.JSONDecodeError as error:
        raise SyntaxProblem(error.msg, document.at(error.pos)) from error
    return str(value), end


def _object(document: Document, index: int, path: Path) -> tuple[dict[str, Any], int]:
    text, found = document.text, dict[str, Any]()
    index = _skip(text, index)
    if text[index : index + 1] == "}":
        return found, index + 1
    while True:
        if text[index : index + 1] != '"':
            raise SyntaxProblem("expected a key in double quotes", document.at(index))
        at = index
        key, index = _string(document, index)
        if key in found:
            raise SyntaxProblem(f"the key “{key}” is given twice", document.at(at))
        document.keys[(*path, key)] = at
        index = _expect(document, index, ":")
        found[key], index = _value(document, index, (*path, key))
        index, more = _separator(document, index, "}")
        if not more:
            return found, index


def _array(document: Document, index: int, path: Path) -> tuple[list[Any], int]:
    text, found = document.text, list[Any]()
    index = _skip(text, index)
    if text[index : index + 1] == "]":
        return found, index + 1
    while True:
        value, index = _value(document, index, (*path, len(found)))
        found.append(value)
        index, more = _separator(document, index, "]")
        if not more:
            return found, index


def _expect(document: Document, index: int, sign: str) -> int:
    index = _skip(document.text, index)
    if document.text[index : index + 1] != sign:
        raise SyntaxProblem(f"expected “{sign}”", document.at(index))
    return _skip(document.text, index + 1)


def _separator(document: Document, index: int, closing: str) -> tuple[int, bool]:
    text = document.text
    index = _skip(text, index)
    sign = text[index : index + 1]
    if sign == closing:
        return index + 1, False
    if sign != ",":
        raise SyntaxProblem(f"expected “,” or “{closing}”", document.at(index))
    index = _skip(text, index + 1)
    if text[index : index + 1] == closing:
        raise SyntaxProblem("a comma stands before the closing bracket", document.at(index))
    return index, True
