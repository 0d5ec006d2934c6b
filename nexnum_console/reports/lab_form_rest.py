"""What a config holds beside the common parts: shown all the same, so that a form hides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from nexnum_console.providers import editing
from nexnum_console.providers.compile import operation_name
from nexnum_console.providers.positions import pointer
from nexnum_console.reports.lab_form_items import Group, Item, select_item, text_item

_ALIKE: Final = 40
_NAMES: Final = {
    "auth": "Authentication",
    "errors": "Errors",
    "valueMaps": "Value maps: what is sent in the place of ours",
    "webhooks": "Inbound webhooks",
    "statusFrom": "State from another operation",
    "endpoints": "Request, the rest",
    "mappings": "Reply, the rest",
}


def rest(
    document: Mapping[str, Any], parts: Iterable[str], told: Iterable[Group]
) -> Iterator[Group]:
    """All that a config holds and the groups before do not show: what a line of text can hold is
    edited as one, the rest is told with the way to its place in the JSON."""
    known = {item.pointer for group in told for item in group.items}
    for name, value in document.items():
        if name not in {"endpoints", "mappings"} or not (isinstance(value, dict) and value):
            yield from _rest(name, pointer((name,)), value, known)
            continue
        for key, part in value.items():
            if not _is_operation(key):
                yield from _rest(name, pointer((name, key)), part, known)
    for where in parts:
        value = editing.look(document, where)
        if value is not None:
            yield from _rest(where.split("/")[1], where, value, known)


def _is_operation(name: str) -> bool:
    try:
        return bool(operation_name(name))
    except KeyError:
        return False


def _rest(name: str, where: str, value: Any, known: set[str]) -> Iterator[Group]:
    items = list(_leaves(where, "", value, known))
    if items:
        yield Group(_NAMES.get(name) or _words(name), items)


def _leaves(where: str, label: str, value: Any, known: set[str]) -> Iterator[Item]:
    key = editing.steps_of(where)[-1]
    inside: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list) and not editing.editable(key, value):
        inside = list(enumerate(value))
    if where in known:
        # A field of an object: its source and transform are shown, what else it says is not.
        inside = [pair for pair in inside if pair[0] not in {"from", "as"}]
        if not isinstance(value, dict):
            return
    elif not inside or sum(not isinstance(one, dict | list) for _, one in inside) > _ALIKE:
        yield _leaf(where, label or _words(key), key, value)
        return
    for step, one in inside:
        below = f"{label} {int(step) + 1}" if isinstance(step, int) else _words(str(step))
        joined = below if isinstance(step, int) else f"{label} · {below}".lstrip(" ·")
        yield from _leaves(f"{where}{pointer((step,))}", joined, one, known)


def _leaf(where: str, label: str, key: str, value: Any) -> Item:
    if isinstance(value, dict | list) and not (value and editing.editable(key, value)):
        return Item("json", where, label, f"{len(value)} entries" if value else "empty")
    if value in (None, "") or not editing.editable(key, value):
        return Item("json", where, label, "null" if value is None else "text")
    if isinstance(value, bool):
        return select_item(where, label, value, "yes")
    if key in {"code", "method"}:
        return select_item(where, label, value, key)
    return text_item(where, label, value)


def _words(key: str) -> str:
    """A key as people say it: ``maxPages`` is “Max pages”; what is no such key stays."""
    if not key.isidentifier() or key.isupper():
        return key
    spaced = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: " " + found[1].lower(), key)
    return (spaced[:1].upper() + spaced[1:]).replace("_", " ")
