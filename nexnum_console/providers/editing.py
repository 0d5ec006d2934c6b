"""Small changes to a config as a document: the form's edits. Order and the rest stay as written."""

from __future__ import annotations

import re
from typing import Any, Final

from nexnum_console.core.errors import InvalidInput

_WHOLE: Final = re.compile(r"-?[1-9]\d{0,15}|0")
_LISTS: Final = frozenset({"requires", "unless", "levels", "rowNeeds", "paths", "wordPaths"})
_NUMBERS: Final = frozenset(
    {
        "activationSeconds", "cancelLockSeconds", "settleSeconds", "pollSeconds", "readSeconds",
        "spendSeconds", "releaseSeconds", "requests", "perSeconds", "concurrency", "size",
        "maxPages", "horizonSeconds", "deadlineSeconds", "maxBytes",
    }
)  # fmt: skip
# Keys of maps belong to the provider and may stay empty; these are ours and go when emptied.
_MAPS: Final = frozenset(
    {
        "queryParams", "headers", "statusMapping", "statuses", "words", "patterns", "constants",
        "match", "map", "transform", "positionFields",
    }
)  # fmt: skip


def steps_of(pointer: str) -> list[str]:
    """The steps of an RFC 6901 pointer."""
    if not pointer:
        return []
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.lstrip("/").split("/")]


def escaped(step: str) -> str:
    """A key as a step of a pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def look(document: Any, pointer: str) -> Any:
    """The value at a pointer, None where there is none."""
    for step in steps_of(pointer):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def shown(value: Any) -> str:
    """A value as a line of text: a list with commas, an object and null as nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return "" if value is None or isinstance(value, dict) else str(value)


def editable(key: str, value: Any) -> bool:
    """Whether a value comes back from its line of text as it is, so that a form may hold it."""
    text = shown(value)
    return text.isprintable() and text == text.strip() and _same(typed(key, value, text), value)


def _same(one: Any, other: Any) -> bool:
    """Equal, and of the same kinds: 1 is neither 1.0 nor true."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


def put(document: dict[str, Any], pointer: str, text: str) -> None:
    """Write a value where the form shows it; emptied, an optional key goes. InvalidInput."""
    *above, last = steps_of(pointer)
    if text == shown(look(document, pointer)):
        return  # not even an empty map is made for it
    holder = _holder(document, above)
    own = bool(above) and (above[-1] in _MAPS or above[-2:-1] == ["body"])
    if isinstance(holder, list):
        index = _index(holder, last)
        holder[index] = typed(last, holder[index], text)
    elif text == "" and not own:
        holder.pop(last, None)
    else:
        holder[last] = typed(last, holder.get(last), text)


def rename(document: dict[str, Any], pointer: str, key: str) -> None:
    """Give a key another name in its place; an empty one takes the pair away. InvalidInput."""
    *above, last = steps_of(pointer)
    holder = _holder(document, above)
    if not isinstance(holder, dict) or last not in holder:
        raise InvalidInput("What was renamed is not there any more; nothing was changed.")
    if key != last and key in holder:
        raise InvalidInput(f"“{key}” is there already; nothing was renamed.")
    pairs = [(key if name == last else name, value) for name, value in holder.items()]
    holder.clear()
    holder.update((name, value) for name, value in pairs if name)


def add(document: dict[str, Any], pointer: str, key: str, value: Any) -> str:
    """Add a pair to a map, made where it is missing; the pointer of its value."""
    holder = _holder(document, steps_of(pointer))
    if not isinstance(holder, dict):
        raise InvalidInput("Pairs belong into an object; nothing was added.")
    name, number = key, 2
    while name in holder:
        name, number = f"{key}{number}", number + 1
    holder[name] = value
    return f"{pointer}/{name}"


def _holder(document: dict[str, Any], steps: list[str]) -> Any:
    here: Any = document
    for step in steps:
        if isinstance(here, list):
            here = here[_index(here, step)]
        elif isinstance(here, dict):
            here = here.setdefault(step, {})
        else:
            raise InvalidInput("The form shows an older config; reload the page.")
    return here


def _index(holder: list[Any], step: str) -> int:
    if not step.isdigit() or int(step) >= len(holder):
        raise InvalidInput("The form shows an older config; reload the page.")
    return int(step)


def typed(key: str, before: Any, text: str) -> Any:
    """Text as the kind of value that belongs there: what was ``before`` says it, else the key."""
    if isinstance(before, list) or (before is None and key in _LISTS):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        whole = any(type(one) is int for one in before or [])
        return [int(one) if whole and _WHOLE.fullmatch(one) else one for one in parts]
    if isinstance(before, bool) and text in {"true", "false"}:
        return text == "true"
    counted = isinstance(before, int | float) and not isinstance(before, bool)
    if counted or (before is None and key in _NUMBERS):
        return _number(text)
    if isinstance(before, dict) and "from" in before:
        return before | {"from": text}
    return text


def _number(text: str) -> Any:
    return int(text) if _WHOLE.fullmatch(text.strip()) else _fraction(text)


def _fraction(text: str) -> Any:
    whole, dot, part = text.strip().partition(".")
    if dot and whole.isdigit() and part.isdigit():
        return float(text)  # seconds, never money
    return text  # the check of the config says what is wrong with it
