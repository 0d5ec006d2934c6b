"""An answer as it came, and what its bytes turn out to be: sniffed, never trusted by its label."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl

import msgspec

_HTML = re.compile(r"<(!doctype\s+html|html|head|body|center|h1)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"[A-Z]+(?:_[A-Z]+)+(?::[^\n]*)?\Z")  # NO_NUMBERS, ACCESS_NUMBER:1:2
_PAIRS: Final = re.compile(r"[A-Za-z_][\w.\[\]-]*=[^&\s]*(?:&[A-Za-z_][\w.\[\]-]*=[^&\s]*)+")
_HTML_WINDOW = 2_048
_FORM_WINDOW = 65_536
_BLANKS = 64
_OPENING: Final = frozenset("{[")  # JSON under a form's label: what curl says of any body
_STRUCTURES: Final = (dict, list)
T = TypeVar("T")
# Any function that gives a text back as it is; of those in C this is the quickest.
_QUICK: Final = msgspec.json.Decoder(float_hook=str.strip)
_CHARSET: Final = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_LAST: Final = frozenset(");}]")
_CALL: Final = re.compile(
    r"(?:/\*.{0,64}?\*/\s*)?[A-Za-z_$][\w$.]{0,64}\s*\(\s*([{\[].*[}\]])\s*\)\s*;?\Z", re.DOTALL
)
_GUARD: Final = re.compile(r"(?:\)\]\}',?|while\s*\(1\);|for\s*\(;;\);)\s*([{\[].*)\Z", re.DOTALL)
_BEGINS: Final = re.compile(r"^[ \t]*[{\[]", re.MULTILINE)
_FORM = "application/x-www-form-urlencoded"


class NotJson:
    """Marks a body that holds no JSON document."""


NOT_JSON = NotJson()


class _Once(Generic[T]):
    """A property computed once; unlike ``cached_property`` of Python 3.11 it takes no lock."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        value = instance.__dict__[self._name] = self._compute(instance)
        return value


@dataclass(frozen=True)
class Reply:
    """What a provider answered. Header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str = b""

    @_Once
    def text(self) -> str:
        """The body without BOM and surrounding blanks; a JSON string literal without quotes."""
        written = self._written
        if written[:1] != '"':
            return written
        return self.document if isinstance(self.document, str) else written

    def _is_form(self, written: str) -> bool:
        """Some send a form and call it nothing, or text: pairs are pairs."""
        if "=" not in written or written[:1] in _OPENING:
            return False
        labelled = self.headers.get("content-type", "").startswith(_FORM)
        return labelled or _PAIRS.fullmatch(written[:_FORM_WINDOW]) is not None

    @_Once
    def document(self) -> Any:
        """The JSON value, or NOT_JSON. Fractions keep their digits as text."""
        written = self._written
        if written[:1] == "<":
            written = _TAG.sub("", written).strip()
            if written[:1] not in "{[":
                written = _after_notices(written)
        elif self._is_form(written):
            return dict(parse_qsl(written, keep_blank_values=True))
        if written[:1] not in '{["' or not written:
            written = _unwrapped(written) if written[-1:] in _LAST else ""
            if not written:
                return NOT_JSON
        try:
            found = json_value(written)
        except (ValueError, RecursionError):
            return json_lines(written)
        return _once_more(found) if isinstance(found, str) else found

    @property
    def plain_json(self) -> bytes | str | None:
        """The body as it came, where it can be nothing but a JSON object or list, else None."""
        if self.headers.get("content-type", "").startswith(_FORM):
            return None
        start = self.body[:_BLANKS].lstrip()[:1]
        return self.body if start in {b"{", b"[", "{", "["} else None

    @_Once
    def is_json(self) -> bool:
        """Whether the body is an object or a list."""
        return isinstance(self.document, _STRUCTURES)

    @property
    def is_html(self) -> bool:
        """Whether a web page came instead of an answer."""
        return not self.is_json and bool(_HTML.search(self._written[:_HTML_WINDOW]))

    @_Once
    def _written(self) -> str:
        raw = self.body
        decoded = characters(raw, self.headers) if isinstance(raw, bytes) else raw
        written = decoded.removeprefix("\ufeff").strip()
        if written[:1] == "<" and len(written) <= _HTML_WINDOW:
            word = _TAG.sub("", written).strip()
            return word if _WORD.match(word) else written
        return written


def characters(raw: bytes, headers: Mapping[str, str]) -> str:
    """The text of a body: UTF-8 where it is that, else by its BOM or its label's charset."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        named = _CHARSET.search(headers.get("content-type", ""))
        name = "utf-16" if raw[:2] in _UTF16 else named[1] if named else "utf-8"
    try:
        return raw.decode(name, errors="replace")
    except LookupError:
        return raw.decode(errors="replace")


def json_lines(written: str) -> Any:
    """The values of an answer that is one JSON document a line, as a list; else NOT_JSON."""
    lines = [line for line in written.splitlines() if line.strip()]
    if len(lines) < 2 or any(line.lstrip()[:1] not in "{[" for line in lines):
        return NOT_JSON
    try:
        return [json_value(line) for line in lines]
    except (ValueError, RecursionError):
        return NOT_JSON


def _unwrapped(written: str) -> str:
    """JSON that stands in a call, as ``callback({…});``, or behind a guard; "" without any."""
    found = _CALL.match(written) or _GUARD.match(written)
    return found[1] if found else ""


def _after_notices(written: str) -> str:
    """JSON in the last lines, behind what a broken page wrote before it; "" without any."""
    found = _BEGINS.search(written)
    return written[found.start() :].strip() if found else ""


def json_value(written: str) -> Any:
    """A JSON value whose fractions keep their digits as text; ValueError or RecursionError.

    The quick decoder refuses a little that the standard one takes (half surrogates, say), and
    takes nothing that the other refuses.
    """
    try:
        return _QUICK.decode(written)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return json.loads(written, parse_float=str, parse_constant=_refuse)


def _once_more(written: str) -> Any:
    """JSON that was put into a JSON string, as some providers do; else the string itself."""
    if written.lstrip()[:1] not in {"{", "["}:
        return written
    try:
        return json_value(written)
    except (ValueError, RecursionError):
        return written


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
