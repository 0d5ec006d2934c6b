"""Values that an answer carries beside its body: its headers and its status."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.sources import path

PREFIX = "$header."
STATUS = "$status"


def answer_path(written: str) -> Callable[[Reply], Any]:
    """A path into the answer's JSON, ``$header.name`` or ``$status``. Raises BadSource."""
    if written.startswith(PREFIX):
        name = written.removeprefix(PREFIX).lower()
        return lambda answer: answer.headers.get(name)
    if written == STATUS:
        return lambda answer: str(answer.status)
    read = path(written)
    return lambda answer: read(answer.document) if answer.is_json else None


def tells_of_headers(reply: grammar.Reply) -> Callable[[Reply], dict[str, str]] | None:
    """What its fields may read as variables, None where none of them asks for a header."""
    if not any(PREFIX in each or STATUS in each for each in _sources(reply)):
        return None
    return beside


def beside(answer: Reply) -> dict[str, str]:
    """Status and headers under the names that sources give them."""
    headers = {PREFIX + name: value for name, value in answer.headers.items()}
    return {STATUS: str(answer.status)} | headers


def _sources(reply: grammar.Reply) -> Iterator[str]:
    for origin in reply.fields.values():
        yield origin if isinstance(origin, str) else origin.source
