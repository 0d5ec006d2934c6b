"""JSON whose values know where they stand in the answer, for the trace.

Strings, numbers, objects and lists of a marked document are the plain types with one more
attribute, so the same readers walk it; true, false and null carry no mark.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

_TOKEN: Final = re.compile(
    r'[ \t\r\n]*(?:("[^"\\]*(?:\\.[^"\\]*)*")|([{}\[\]:,])'
    r"|(-?\d+)(\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)?|(true|false|null))",
    re.DOTALL,
)
_STRING, _SIGN, _DIGITS, _FRACTION, _WORD = range(1, 6)  # groups of _TOKEN
_WORDS: Final = {"true": True, "false": False, "null": None}
_TAG: Final = re.compile(r"<[^>]*>")
_WIDE: Final = re.compile(r"[^\x00-\x7f]")


class Span(NamedTuple):
    """Bytes of the answer as it is shown: from ``start`` up to, not with, ``end``."""

    start: int
    end: int


class Placed:
    """Where something stands: characters of the text, the container it is in, its key there."""

    __slots__ = ()
    start: int
    end: int
    holder: Any
    key: Any

    @property
    def pointer(self) -> str:
        """RFC 6901 pointer of the value in its document."""
        steps: list[str] = []
        here: Any = self
        while isinstance(here, Placed) and here.holder is not None:
            steps.append(str(here.key).replace("~", "~0").replace("/", "~1"))
            here = here.holder
        return "".join(f"/{step}" for step in reversed(steps))


_SLOTS: Final = ("end", "holder", "key", "start")


class Mark(Placed):
    """A place alone, of something that is no value of a document."""

    __slots__ = _SLOTS

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end, self.holder, self.key = start, end, None, None


class _Text(str, Placed):
    __slots__ = _SLOTS


class _Whole(int, Placed):
    pass


class _Object(dict[str, Any], Placed):
    __slots__ = _SLOTS


class _List(list[Any], Placed):
    __slots__ = _SLOTS


# JMESPath tells the types of its functions' arguments by the name of their class.
for _kind in (_Text, _Whole, _Object, _List):
    _kind.__name__ = _kind.__bases__[0].__name__


def mark_of(value: Any) -> Placed | None:
    """The place a value knows, if it knows one."""
    return value if isinstance(value, Placed) else None


def marked(text: str, start: int, end: int) -> str:
    """A piece of the answer that knows where it was found."""
    found = _Text(text)
    found.start, found.end, found.holder, found.key = start, end, None, None
    return found


class Body:
    """The text of an answer and the way from its characters to its bytes."""

    def __init__(self, raw: bytes | str) -> None:
        self.text = raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else raw

    @cached_property
    def data(self) -> bytes:
        """The text as UTF-8; of an answer in UTF-8 its very bytes."""
        return self.text.encode("utf-8", "replace")

    @cached_property
    def _wide(self) -> tuple[list[int], list[int]]:
        places, extra, total = [], [0], 0
        for found in _WIDE.finditer(self.text):
            places.append(found.start())
            total += len(found.group().encode("utf-8", "replace")) - 1
            extra.append(total)
        return places, extra

    def byte(self, character: int) -> int:
        """The byte at which a character begins."""
        places, extra = self._wide
        return character + extra[bisect_left(places, character)]

    def span(self, mark: Placed | None) -> Span | None:
        """The bytes of a marked value."""
        return None if mark is None else Span(self.byte(mark.start), self.byte(mark.end))

    def place(self, text: str) -> int:
        """Where the text that was read begins in the answer; -1 where it was rewritten."""
        return self.text.find(text) if text else -1


def marked_document(body: Body, plain: Any) -> Any:
    """``plain``, the JSON value already read from the answer, with marks; None without them.

    Knows JSON, JSON inside of a web page's tags, and form fields.
    """
    if not isinstance(plain, dict | list | str):
        return None
    start = len(body.text) - len(body.text.lstrip("\ufeff \t\r\n"))
    for attempt in (_json, _tagged, _form):
        found = attempt(body.text, start)
        if found is not None and found == plain:
            return found
    return None


def leaves(document: Any) -> Iterator[Any]:
    """Every marked scalar below a marked document, in the order of the text."""
    members: Iterable[Any]
    if isinstance(document, dict):
        members = document.values()
    elif isinstance(document, list):
        members = document
    else:
        if mark_of(document) is not None:
            yield document
        return
    for member in members:
        yield from leaves(member)


def _tagged(text: str, start: int) -> Any:
    """JSON between tags: their characters are left out, and offsets are moved back over them."""
    if text[start : start + 1] != "<":
        return None
    edges = [(start, start), *(found.span() for found in _TAG.finditer(text, start))]
    edges.append((len(text), len(text)))
    kept = [(before[1], after[0]) for before, after in pairwise(edges)]
    clean = "".join(text[a:b] for a, b in kept)
    document = _json(clean, 0)
    starts, total = [], 0
    for a, b in kept:
        starts.append((total, a - total))
        total += b - a
    if document is not None:
        _moved(document, [at for at, _ in starts], [shift for _, shift in starts])
    return document


def _moved(value: Any, places: list[int], shifts: list[int]) -> None:
    mark: Any = mark_of(value)
    if mark is not None:
        mark.start += shifts[max(bisect_left(places, mark.start + 1) - 1, 0)]
        mark.end += shifts[max(bisect_left(places, mark.end) - 1, 0)]
    if isinstance(value, dict):
        for key, member in value.items():
            _moved(key, places, shifts)
            _moved(member, places, shifts)
    elif isinstance(value, list):
        for member in value:
            _moved(member, places, shifts)


def _form(text: str, start: int) -> Any:
    found = _Object()
    found.start, found.end, found.holder, found.key = start, len(text.rstrip()), None, None
    at = start
    for pair in text[start:].strip().split("&"):
        name, sign, value = pair.partition("=")
        if sign:
            begin = at + len(name) + 1
            member = _Text(unquote_plus(value))
            member.start, member.end = begin, begin + len(value)
            member.holder, member.key = found, unquote_plus(name)
            found[unquote_plus(name)] = member
        at += len(pair) + 1
    return found


def _json(text: str, start: int) -> Any:
    """The marked document at ``start``; None where it is none. The caller knows it is valid."""
    building = _Building()
    for token in _TOKEN.finditer(text, start):
        sign = token[2]
        if sign is not None and sign not in "{[":
            if sign in "}]" and building.close(token.end()):
                return building.holder
        elif building.add(token, _token_value(token)):
            return building.holder
    return None


class _Building:
    """A document under construction: the open containers, and the key that awaits its value."""

    __slots__ = ("holder", "key", "stack")

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.holder: Any = None
        self.key: Any = None

    def close(self, end: int) -> bool:
        """End a container; True when it was the outermost one."""
        if self.holder is not None:
            self.holder.end = end
        if not self.stack:
            return True
        self.holder = self.stack.pop()
        return False

    def add(self, token: re.Match[str], value: Any) -> bool:
        """Put a value or a key where it belongs; True when it is all there is."""
        holder, key, kind = self.holder, self.key, token.lastindex
        within = isinstance(holder, dict)
        if within and key is None:
            value.start, value.end = token.span(_STRING)
            value.holder, value.key = holder, value
            self.key = value
            return False
        if kind != _WORD:
            value.start = token.start(_DIGITS if kind == _FRACTION else kind or 0)
            value.end = token.end()
            value.holder = holder
            value.key = key if within else None if holder is None else len(holder)
        if within:
            holder[key] = value
            self.key = None
        elif holder is not None:
            holder.append(value)
        if kind == _SIGN:
            if holder is not None:
                self.stack.append(holder)
            self.holder = value
        elif holder is None:
            self.holder = value
            return True
        return False


def _token_value(token: re.Match[str]) -> Any:
    kind = token.lastindex
    if kind == _STRING:
        return _Text(_unquoted(token[_STRING]))
    if kind == _DIGITS:
        return _Whole(token[_DIGITS])
    if kind == _FRACTION:
        return _Text(token[_DIGITS] + token[_FRACTION])
    if kind == _WORD:
        return _WORDS[token[_WORD]]
    return _Object() if token[2] == "{" else _List()


def _unquoted(literal: str) -> str:
    """The text of a JSON string; without an escape it is what stands between the quotes."""
    if "\\" in literal:
        return str(json.loads(literal, strict=False))
    return literal[1:-1]
