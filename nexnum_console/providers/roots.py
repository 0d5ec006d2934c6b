"""Where in an answer a reply's structure begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.sources import PathReader, path

Root = Callable[[Reply], Any]


def root_reader(reply: grammar.Reply) -> Root:
    """The value at ``rootPath``, None where the answer holds no JSON. Raises BadSource.

    A wildcard over lists gives their members in one list. ``json_value`` also takes an answer
    that is a bare number or word, and the member of an object that ``valueField`` names.
    """
    at_root = path(reply.root_path or "")
    if reply.type == "json_value":
        return _value(at_root, reply)
    if reply.type == "json_array" and "*" in (reply.root_path or ""):
        return lambda answer: _flat(at_root(answer.document)) if answer.is_json else None
    return lambda answer: at_root(answer.document) if answer.is_json else None


def _flat(found: Any) -> Any:
    if not isinstance(found, list) or not all(isinstance(each, list) for each in found):
        return found
    return [member for each in found for member in each]


def _value(at_root: PathReader, reply: grammar.Reply) -> Root:
    name = reply.value_field or ""

    def read(answer: Reply) -> Any:
        if not answer.is_json:
            return None if reply.root_path or answer.is_html else answer.text or None
        root = at_root(answer.document)
        return root.get(name) if isinstance(root, dict) else root

    return read
