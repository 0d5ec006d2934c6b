"""One call as a source shows it, whatever the source is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Pairs = tuple[tuple[str, str], ...]


class ImportFault(ValueError):
    """A source cannot be used; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a call. ``real`` ones were seen on the wire, others come from a description."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    real: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a description says of one parameter; ``place`` is path, query, header or body."""

    name: str
    place: str
    required: bool = False
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One call. ``origin`` is scheme and host; ``path`` may hold ``{name}`` for what varies.

    ``fields`` are those of a form or of a flat JSON body (``body_type`` form or json), None when
    nothing is sent. ``basic`` is ``user:password``. ``title`` is what the source calls it.
    ``states`` are words that a description lists for the state of an order.
    """

    method: str
    origin: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    fields: Pairs | None = None
    body_type: str = "form"
    basic: str = ""
    title: str = ""
    parameters: tuple[Parameter, ...] = ()
    answers: tuple[Answer, ...] = ()
    states: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The call as a person would name it."""
        return f"{self.method} {self.path or '/'}"


def split_url(url: str) -> tuple[str, str, Pairs]:
    """Origin, path and query of a URL; raises ImportFault."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise ImportFault(f"“{url[:100]}” is not a web address") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise ImportFault(f"“{url[:100]}” is not a web address; write https://host/path")
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.scheme}://{host}{port}", parts.path, query


def flat(value: Any) -> Pairs | None:
    """The fields of a flat JSON object as text; None where a body is anything else."""
    if not isinstance(value, dict):
        return None
    return tuple(
        (str(name), str(each).lower() if isinstance(each, bool) else str(each))
        for name, each in value.items()
        if not isinstance(each, dict | list) and each is not None
    )
