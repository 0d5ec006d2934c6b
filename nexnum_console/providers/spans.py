"""JSON whose values know where they stand in the answer, for the trace.

Strings, numbers, objects and lists of a marked document are the plain types with one more
attribute, so the same readers walk it; true, false and null carry no mark. An object or a list
looks for its members when it is first asked for anything: of a long list few are.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

_LITERAL: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# One match for each bracket: whatever stands before it, strings with all they hold, is passed over.
_BRACKET: Final = re.compile(rf'[^"{{}}\[\]]*+(?:{_LITERAL}[^"{{}}\[\]]*+)*+[{{}}\[\]]', re.DOTALL)
_NEXT: Final = rf"({_LITERAL}|[{{\[]|[^\s,:{{}}\[\]\"]+)"
_ITEM: Final = re.compile(rf"[\s,]*+{_NEXT}", re.DOTALL)
_MEMBER: Final = re.compile(rf"[\s,]*+({_LITERAL})\s*+:\s*+{_NEXT}", re.DOTALL)
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
        if self.holder is None:
            return ""
        step = str(self.key)
        if "~" in step or "/" in step:
            step = step.replace("~", "~0").replace("/", "~1")
        above: str = self.holder.pointer
        return f"{above}/{step}"


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


def _kept_pointer(container: Any) -> str:
    """The pointers of all members begin with that of their container, so it is made once."""
    try:
        known: str = container.known
    except AttributeError:
        known = container.known = Placed.pointer.__get__(container)
    return known


class _Object(dict[str, Any], Placed):
    __slots__ = (*_SLOTS, "known", "unread")
    pointer = property(_kept_pointer)


class _List(list[Any], Placed):
    __slots__ = (*_SLOTS, "known", "unread")
    pointer = property(_kept_pointer)


def _unread(kind: type[Any], plain: type[Any]) -> type[Any]:
    """A class whose containers fill themselves, and become ``kind``, when any method is called."""
    kept = {"__new__", "__init__", "__getattribute__", "__class_getitem__", "__sizeof__"}
    asked = [name for name, each in vars(plain).items() if callable(each) and name not in kept]
    return type(plain.__name__, (kind,), {"__slots__": ()} | {n: _reading(n) for n in asked})


def _reading(name: str) -> Callable[..., Any]:
    def method(self: Any, *given: Any, **more: Any) -> Any:
        _fill(self)
        return getattr(self, name)(*given, **more)

    return method


_UnreadObject: Final = _unread(_Object, dict)
_UnreadList: Final = _unread(_List, list)
_UNREAD: Final = (_UnreadObject, _UnreadList)
# JMESPath tells the types of its functions' arguments by the name of their class.
for _kind in (_Text, _Whole, _Object, _List):
    _kind.__name__ = _kind.__bases__[0].__name__


def plain_of(value: Any) -> Any:
    """The value without marks, where it was not looked into yet; else the value itself."""
    return value.unread[2] if isinstance(value, _UNREAD) else value


def mark_of(value: Any) -> Placed | None:
    """The place a value knows, if it knows one."""
    return value if isinstance(value, Placed) else None


def marked(text: str, start: int, end: int) -> str:
    """A piece of the answer that knows where it was found."""
    found = _Text(text)
    found.start, found.end, found.holder, found.key = start, end, None, None
    return found


class Body:
    """The text of an answer and the way from its characters to its bytes.

    While ``marking`` is off, what is looked into for the first time gets no marks.
    """

    def __init__(self, raw: bytes | str) -> None:
        self.marking = True
        self.text = raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else raw
        self._narrow = self.text.isascii()

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
        if self._narrow:
            return character
        places, extra = self._wide
        return character + extra[bisect_left(places, character)]

    def span(self, mark: Placed | None) -> Span | None:
        """The bytes of a marked value."""
        if mark is None:
            return None
        if self._narrow:
            return Span(mark.start, mark.end)
        return Span(self.byte(mark.start), self.byte(mark.end))

    def place(self, text: str) -> int:
        """Where the text that was read begins in the answer; -1 where it was rewritten."""
        return self.text.find(text) if text else -1


def marked_document(body: Body, plain: Any) -> Any:
    """``plain``, the JSON value already read from the answer, with marks; None without them.

    Knows JSON, JSON inside of a web page's tags, and form fields.
    """
    start = len(body.text) - len(body.text.removeprefix("\ufeff").lstrip())
    if isinstance(plain, str):
        return _said(body.text, start, plain)
    if not isinstance(plain, dict | list):
        return None
    for attempt in (_json, _tagged, _form):
        found = attempt(body, start, plain)
        if found is not None:
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


def read_through(document: Any) -> None:
    """Let every container of a marked document look for its members: the encoder of ``json``
    does not ask them, so a path that writes them out as text needs it."""
    for _ in leaves(document):
        pass


def _said(text: str, start: int, plain: str) -> Any:
    found = _ITEM.match(text, start)
    literal = found[1] if found else ""
    if found is None or literal[:1] != '"' or _unquoted(literal) != plain:
        return None
    return marked(plain, *found.span(1))


def _json(body: Body, start: int, plain: Any) -> Any:
    return _root(_Source(body, body.text), start, plain)


def _tagged(body: Body, start: int, plain: Any) -> Any:
    """JSON between tags: their characters are left out, and offsets are moved back over them."""
    text = body.text
    if text[start : start + 1] != "<":
        return None
    edges = [(start, start), *(found.span() for found in _TAG.finditer(text, start))]
    edges.append((len(text), len(text)))
    kept = [(before[1], after[0]) for before, after in pairwise(edges)]
    clean = "".join(text[a:b] for a, b in kept)
    starts, shifts, total = [], [], 0
    for a, b in kept:
        starts.append(total)
        shifts.append(a - total)
        total += b - a
    source = _Source(body, clean, starts, shifts)
    return _root(source, len(clean) - len(clean.lstrip()), plain)


def _form(body: Body, start: int, plain: Any) -> Any:
    text = body.text
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
    return found if found == plain else None


class _Source:
    """The text that a document stands in. Places in it are moved over tags that were left out."""

    def __init__(
        self, body: Body, text: str, starts: Sequence[int] = (), shifts: Sequence[int] = ()
    ) -> None:
        self.body = body
        self.text = text
        self._starts, self._shifts = starts, shifts
        self.moved = bool(starts)

    @cached_property
    def ends(self) -> dict[int, int]:
        """Where each container ends, by where it begins."""
        found: dict[int, int] = {}
        opened: list[int] = []
        at = 0
        for piece in _BRACKET.findall(self.text):
            at += len(piece)
            if piece[-1] in "{[":
                opened.append(at - 1)
            elif opened:
                found[opened.pop()] = at
        return found

    def move(self, value: Any) -> None:
        """From a place in the text without tags to the one in the answer."""
        value.start += self._shifts[max(bisect_left(self._starts, value.start + 1) - 1, 0)]
        value.end += self._shifts[max(bisect_left(self._starts, value.end) - 1, 0)]

    def value(self, start: int, end: int, plain: Any) -> Any:
        """``plain``, which stands at ``start``, with its mark; a word has none."""
        kind, sign = type(plain), self.text[start]
        found: Any
        if kind is str:
            found = _Text(plain)
        elif kind is int:
            found = _Whole(plain)
        elif (kind is dict and sign == "{") or (kind is list and sign == "["):
            found = _UnreadObject() if kind is dict else _UnreadList()
            found.unread = (self, start, plain)
        else:
            return plain
        found.start, found.end = start, end
        if self.moved:
            self.move(found)
        return found


def _root(source: _Source, start: int, plain: Any) -> Any:
    if source.text[start : start + 1] != ("{" if isinstance(plain, dict) else "["):
        return None
    found = source.value(start, source.ends.get(start, len(source.text)), plain)
    found.holder, found.key = None, None
    return found if _fill(found) else None


def _fill(container: Any) -> bool:
    """Put the members into a container; False where they are not those that were read before."""
    source, at, plain = container.unread
    if isinstance(container, dict):
        container.__class__ = _Object
        if source.body.marking:
            return _fill_object(container, source, at + 1, plain)
        container.update(plain)
    else:
        container.__class__ = _List
        if source.body.marking:
            return _fill_list(container, source, at + 1, plain)
        container.extend(plain)
    return True


def _fill_object(holder: Any, source: _Source, at: int, plain: dict[str, Any]) -> bool:
    text, ends, following = source.text, source.ends, _MEMBER.match
    while found := following(text, at):
        start, at = found.span(2)
        at = ends.get(start, at) if text[start] in "{[" else at
        literal = found[1]
        key: Any = _Text(literal[1:-1] if "\\" not in literal else _unquoted(literal))
        key.start, key.end = found.span(1)
        key.holder, key.key = holder, key
        if source.moved:
            source.move(key)
        if key not in plain:
            break
        member = holder[key] = source.value(start, at, plain[key])
        if isinstance(member, Placed):
            member.holder, member.key = holder, key
    if len(holder) == len(plain):
        return True
    holder.update(plain)  # what stands there is another document; values without marks will do
    return False


def _fill_list(holder: Any, source: _Source, at: int, plain: list[Any]) -> bool:
    text, ends, following = source.text, source.ends, _ITEM.match
    for index, each in enumerate(plain):
        found = following(text, at)
        if found is None:
            holder[:] = plain
            return False
        start, at = found.span(1)
        at = ends.get(start, at) if text[start] in "{[" else at
        member = source.value(start, at, each)
        if isinstance(member, Placed):
            member.holder, member.key = holder, index
        holder.append(member)
    return True


def _unquoted(literal: str) -> str:
    """The text of a JSON string; without an escape it is what stands between the quotes."""
    if "\\" in literal:
        return str(json.loads(literal, strict=False))
    return literal[1:-1]
