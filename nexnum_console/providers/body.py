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
        labelled = self.headers.get("content-type", "").startswith(_FORM)
        if written[:1] in _OPENING:
            return False
        return labelled or _PAIRS.fullmatch(written[:_FORM_WINDOW]) is not None

    @_Once
    def document(self) -> Any:
        """The JSON value, or NOT_JSON. Fractions keep their digits as text."""
        written = self._written
        if written[:1] == "<":
            written = _TAG.sub("", written).strip()
            if written[:1] not in "{[":
                return NOT_JSON
        elif self._is_form(written):
            return dict(parse_qsl(written, keep_blank_values=True))
        if written[:1] not in '{["' or not written:
            return NOT_JSON
        try:
            found = json_value(written)
        except (ValueError, RecursionError):
            return NOT_JSON
        return _once_more(found) if isinstance(found, str) else found

    @property
    def plain_json(self) -> bytes | str | None:
        """The body as it came, where it can be nothing but a JSON object or list, else None."""
        if self.headers.get("content-type", "").startswith(_FORM):
            return None
        start = self.body[:_BLANKS].lstrip()[:1]
        return self.body if start in {b"{", b"[", "{", "["} else None

    @property
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
        decoded = raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else raw
        written = decoded.removeprefix("\ufeff").strip()
        if written[:1] == "<" and len(written) <= _HTML_WINDOW:
            word = _TAG.sub("", written).strip()
            return word if _WORD.match(word) else written
        return written


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
