"""Which value of an answer is which of our outputs, by the names of the trade."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from nexnum_console.providers.importing import lexicon
from nexnum_console.providers.transforms import decimal, phone, text
from nexnum_console.providers.vocabulary import OUTPUTS

Steps = tuple[str, ...]

_TABLE: Final = {  # what an operation's outputs are called in the lexicon
    "countries": {"id": "id", "name": "name"},
    "services": {"code": "service_code", "name": "name"},
    "operators": {"operator": "operator_name", "country": "country"},
}
_MAX_DEPTH = 4
_DIGITS = 5
_PLAIN = re.compile(r"[A-Za-z_][\w-]*\Z")


@dataclass
class Shape:
    """A reply of the grammar and what is not certain about it."""

    reply: dict[str, Any]
    doubts: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)


class Value(NamedTuple):
    """A scalar of an answer and the keys that lead to it."""

    steps: Steps
    key: str
    value: Any


def usual(operation: str) -> dict[str, Any]:
    """The reply that reads what nobody has seen, by the names that are most used."""
    kind, outputs = lexicon.USUAL[operation]
    names = lexicon.USUAL_NAMES
    names = names | {"code": "code|id|short_name"} if operation == "services" else names
    return {"type": kind, "fields": {name: names[name] for name in outputs}}


def path_of(steps: Steps) -> str:
    """A path of the grammar; keys that are no plain names are quoted."""
    return ".".join(step if _PLAIN.match(step) else json.dumps(step) for step in steps)


def flat(value: Any, steps: Steps) -> Iterator[Value]:
    """Scalars of nested objects, outer ones first."""
    inner: list[tuple[Steps, Any]] = []
    for key, member in value.items():
        place = (*steps, str(key))
        if isinstance(member, dict) and len(place) < _MAX_DEPTH:
            inner.append((place, member))
        elif not isinstance(member, dict | list):
            yield Value(place, str(key), member)
    for place, member in inner:
        yield from flat(member, place)


def fields_of(operation: str, values: list[Value]) -> dict[str, str]:
    """The best value for each output: by name, then by depth; one value serves one output."""
    found: dict[str, str] = {}
    taken = set[Steps]()
    table = _TABLE.get(operation, {name: name for name in OUTPUTS[operation]})
    if operation == "webhook":
        table = table | {"text": "sms_text"}
    for output, entry in table.items():
        names = lexicon.FIELDS.get(entry, ())
        best: tuple[int, int, Steps] | None = None
        for each in values:
            name = lexicon.plain(each.key)
            if name in names and each.steps not in taken and _fits(output, each.value):
                rank = (names.index(name), len(each.steps), each.steps)
                best = rank if best is None or rank < best else best
        if best is not None:
            taken.add(best[2])
            found[output] = path_of(best[2])
    return _without_doubt(operation, found, values)


def _without_doubt(operation: str, found: dict[str, str], values: list[Value]) -> dict[str, str]:
    """A dial code only where the phone lacks it; a currency only where it is one."""
    by_path = {path_of(each.steps): each.value for each in values}
    if "dial_code" in found:
        dial = re.sub(r"\D", "", str(by_path[found["dial_code"]] or ""))
        number = re.sub(r"\D", "", str(by_path.get(found.get("phone", ""), "")))
        written = str(by_path[found["dial_code"]])
        if not dial or number.startswith(dial) or (len(dial) > 3 and not written.startswith("+")):
            found.pop("dial_code")
    return found


def _fits(output: str, value: Any) -> bool:
    if value is None or isinstance(value, dict | list):
        return output in {"code", "text"} and value is None
    written = text(value) or ""
    if output == "phone":
        return phone(value) is not None and len(re.sub(r"\D", "", written)) >= _DIGITS
    if output in {"cost", "price", "balance", "stock"}:
        return decimal(written.removeprefix("-")) is not None and not isinstance(value, bool)
    if output == "currency":
        return len(written) == 3
    if output in {"state"}:
        return not isinstance(value, bool)
    return not isinstance(value, bool)


def told(each: Value) -> str:
    """A value as the provider wrote it; nothing for what is no scalar."""
    return text(each.value) or ""
