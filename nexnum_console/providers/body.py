"""An answer as it came, and what its bytes turn out to be: sniffed, never trusted by its label."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

_HTML = re.compile(r"<(!doctype\s+html|html|head|body|center|h1)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_HTML_WINDOW = 2_048
_FORM = "application/x-www-form-urlencoded"


class NotJson:
    """Marks a body that holds no JSON document."""


NOT_JSON = NotJson()


@dataclass(frozen=True)
class Reply:
    """What a provider answered. Header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str = b""

    @cached_property
    def text(self) -> str:
        """The body without BOM and surrounding blanks; a JSON string literal without quotes."""
        return self.document if isinstance(self.document, str) else self._written

    @cached_property
    def document(self) -> Any:
        """The JSON value, or NOT_JSON. Fractions keep their digits as text."""
        written = self._written
        if written[:1] == "<":
            written = _TAG.sub("", written).strip()
            if written[:1] not in "{[":
                return NOT_JSON
        elif self.headers.get("content-type", "").startswith(_FORM):
            return dict(parse_qsl(written, keep_blank_values=True))
        if written[:1] not in '{["' or not written:
            return NOT_JSON
        try:
            found = json.loads(written, parse_float=str, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return NOT_JSON
        return _once_more(found) if isinstance(found, str) else found

    @property
    def is_json(self) -> bool:
        """Whether the body is an object or a list."""
        return isinstance(self.document, dict | list)

    @property
    def is_html(self) -> bool:
        """Whether a web page came instead of an answer."""
        return not self.is_json and bool(_HTML.search(self._written[:_HTML_WINDOW]))

    @cached_property
    def _written(self) -> str:
        raw = self.body
        decoded = raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else raw
        return decoded.removeprefix("\ufeff").strip()


def _once_more(written: str) -> Any:
    """JSON that was put into a JSON string, as some providers do; else the string itself."""
    if written.lstrip()[:1] not in {"{", "["}:
        return written
    try:
        return json.loads(written, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return written


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
