"""Taking what is wrong out of a config, so that the rest of it can still be checked."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

from pydantic_core import ErrorDetails

from nexnum_console.providers.positions import Path

# What stands in for a part that could not be read.
_STAND_INS: Final[dict[str, Any]] = {
    "name": "unnamed",
    "baseUrl": "https://unnamed.invalid",
    "apiBaseUrl": "https://unnamed.invalid",
    "base_url": "https://unnamed.invalid",
    "endpoints": {},
    "mappings": {},
    "rules": {"code": "parse_error", "text": "\0"},
    "replies": {"type": "text_words", "words": {"\0": {}}},
    "routes": {"path": "/"},
    "auth": {"type": "none"},
}
_WHOLE: Final = frozenset({"missing", "extra_forbidden"})


def by_place(value: Any, errors: Iterable[ErrorDetails]) -> list[tuple[Path, list[ErrorDetails]]]:
    """Errors by the place they are about: the branches of a union are one fault."""

    def place(error: ErrorDetails) -> tuple[Path, str]:
        missing = str(error["loc"][-1]) if error["type"] == "missing" else ""
        return resolve(value, error["loc"]), missing

    ordered = sorted(errors, key=lambda error: str(place(error)))
    found = [(key[0], list(group)) for key, group in groupby(ordered, key=place)]
    deeper = {path[:depth] for path, _ in found for depth in range(len(path))}
    return [
        (path, group) for path, group in found if group[0]["type"] in _WHOLE or path not in deeper
    ]


def remove(value: Any, path: Path, errors: list[ErrorDetails]) -> Path:
    """Take out what is wrong, or put a stand-in where something must be; tells what it touched."""
    if not path:
        if errors[0]["type"] != "missing" or not isinstance(value, dict):
            return ()
        key = str(errors[0]["loc"][-1])
        value[key] = _STAND_INS.get(key)
        return (key,)
    if isinstance(path[-1], int) and path[-2] not in _STAND_INS:
        path = path[:-1]  # a member of a plain list: without it the others would move
    parent = value
    for step in path[:-1]:
        if not _has(parent, step):
            return path  # gone with a part removed before
        parent = parent[step]
    owner = path[-2] if isinstance(path[-1], int) else path[-1] if len(path) == 1 else None
    if owner in _STAND_INS and _has(parent, path[-1]):
        parent[path[-1]] = _STAND_INS[str(owner)]
    elif isinstance(parent, dict):
        parent.pop(path[-1], None)
    return path


def _has(parent: Any, step: str | int) -> bool:
    if isinstance(parent, dict):
        return step in parent
    return isinstance(parent, list) and isinstance(step, int) and step < len(parent)


def hides(removed: Iterable[Path], path: Path, *, lacks: bool) -> bool:
    """Whether a fault at ``path`` may only be there because something was removed."""
    for gone in removed:
        if path[: len(gone)] == gone:
            return True
        beside = gone[: len(path)] == path or gone[:-1] == path[:-1]
        if lacks and (beside or _same_operation(gone, path)):
            return True
    return False


def _same_operation(one: Path, other: Path) -> bool:
    places = {"endpoints", "mappings"}
    both = len(one) > 1 and len(other) > 1 and {one[0], other[0]} <= places
    return both and one[1] == other[1]


def resolve(value: Any, location: Iterable[str | int]) -> Path:
    """The part of a location that is in the document: tags of unions are stepped over, and a key
    is found in either spelling."""
    path: list[str | int] = []
    for step in location:
        if isinstance(value, dict):
            key = step if step in value else next((k for k in value if _same(k, step)), None)
            if key is not None:
                path.append(key)
                value = value[key]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            path.append(step)
            value = value[step]
    return tuple(path)


def _same(key: str, step: str | int) -> bool:
    return isinstance(step, str) and _plain(key) == _plain(step)


def _plain(key: str) -> str:
    """A key without its spelling: base_url, baseUrl and apiBaseUrl are one."""
    return key.replace("_", "").lower().removeprefix("api")
