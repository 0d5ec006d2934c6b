"""Headers added to what an ASGI app answers, encoded once and not per answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.types import Message

Encoded = tuple[tuple[bytes, bytes], ...]


def encoded(headers: Mapping[str, str]) -> Encoded:
    """Names and values as ASGI sends them."""
    return tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    )


def add_missing(start: Message, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Add to an ``http.response.start`` what the answer has not set itself."""
    given = list(start.get("headers", ()))
    known = {name.lower() for name, _ in given}
    start["headers"] = [*given, *(header for header in headers if header[0] not in known)]
