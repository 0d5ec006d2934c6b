"""Lists of an answer: where they are, and what the depths of a dictionary mean."""

from __future__ import annotations

import re
from typing import Any, Final

from nexnum_console.providers.importing import lexicon
from nexnum_console.providers.importing.naming import (
    Shape,
    Steps,
    fields_of,
    flat,
    path_of,
    told,
    usual,
)
from nexnum_console.providers.transforms import decimal

LISTS: Final = frozenset({"countries", "services", "operators", "prices", "active"})
_KEYS: Final = {"countries": "id", "services": "code", "active": "activation_id"}
_MAX_LEVELS = 4
_MONEY = re.compile(r"-?\d+(?:\.\d+)?\Z")


def list_shape(operation: str, value: Any, asked: set[str]) -> Shape | None:
    """The reply that reads an answer as a list; None where no rows are recognised."""
    steps, inner = _root(value, ())
    if inner in ([], {}):
        shape: Shape | None = Shape(usual(operation), ["the list was empty: its rows are guessed"])
    else:
        shape = _rows(operation, inner, asked)
    if shape is not None and steps:
        shape.reply["rootPath"] = path_of(steps)
    return shape


def _root(value: Any, steps: Steps) -> tuple[Steps, Any]:
    """What the answer wraps: the list or dictionary of the rows."""
    if not isinstance(value, dict) or len(steps) > 2:
        return steps, value
    for name in lexicon.WRAPPERS:
        for key, member in value.items():
            data = len(value) == 1 or not all(isinstance(each, dict) for each in value.values())
            if lexicon.plain(str(key)) == name and isinstance(member, dict | list) and data:
                return _root(member, (*steps, str(key)))
    scalars = any(not isinstance(each, dict | list) for each in value.values())
    lists = [key for key, each in value.items() if isinstance(each, list)]
    if scalars and len(lists) == 1:
        return (*steps, str(lists[0])), value[lists[0]]
    return steps, value


def _rows(operation: str, value: Any, asked: set[str]) -> Shape | None:
    if isinstance(value, list):
        return _array(operation, value)
    if not isinstance(value, dict) or not value:
        return None
    if operation == "operators":
        return _operators(value)
    top = fields_of(operation, [each for each in flat(value, ()) if len(each.steps) == 1])
    if operation == "prices" and {"price", "stock"} & set(top):
        return Shape({"type": "json_object", "fields": top})
    return _prices(value, asked) if operation == "prices" else _keyed(operation, value)


def _keyed(operation: str, value: dict[str, Any]) -> Shape | None:
    """A dictionary whose keys are ids or codes."""
    key, first = _KEYS[operation], next(iter(value.values()))
    if isinstance(first, dict):
        fields = fields_of(operation, list(flat(first, ())))
        level = "-" if key in fields and operation == "active" else key
        if level == key:
            fields.pop(key, None)  # the keys are what other calls take
    elif isinstance(first, str) and operation != "active":
        fields, level = {"name": "$value"}, key
    else:
        return None
    return Shape({"type": "json_dictionary", "levels": [level], "fields": fields})


def _array(operation: str, rows: list[Any]) -> Shape | None:
    first = next((each for each in rows if isinstance(each, dict)), None)
    if first is None:
        if not rows or isinstance(rows[0], list):
            return None
        key = {"countries": "id", "services": "code", "operators": "operator"}.get(operation)
        return Shape({"type": "json_array", "fields": {key: "$value"}}) if key else None
    values = list(flat(first, ()))
    fields = fields_of(operation, values)
    needed = {
        "countries": "id",
        "services": "code",
        "operators": "operator",
        "active": "activation_id",
        "prices": "price" if "price" in fields else "stock",
    }[operation]
    if needed not in fields:
        return None
    shape = Shape({"type": "json_array", "fields": fields})
    shape.states += [told(each) for each in values if path_of(each.steps) == fields.get("state")]
    return shape


def _operators(value: dict[str, Any]) -> Shape | None:
    first = next(iter(value.values()))
    if isinstance(first, list):
        reply = {"levels": ["country", "-"], "fields": {"operator": "$value"}}
    elif isinstance(first, dict):
        reply = {"levels": ["country", "-"], "fields": {"operator": "$key"}}
    else:
        reply = {"levels": ["operator"], "fields": {}}
    return Shape({"type": "json_dictionary"} | reply)


def _prices(value: dict[str, Any], asked: set[str]) -> Shape | None:
    """Keys as data: how deep they go, and what each depth is."""
    node, keys = value, list[list[str]]()
    while len(keys) < _MAX_LEVELS:
        keys.append([str(key) for key in node])
        member = next(iter(node.values()), None)
        if not isinstance(member, dict) or not member:
            break
        fields = fields_of("prices", [each for each in flat(member, ()) if len(each.steps) == 1])
        if "price" in fields or "stock" in fields:
            levels, doubts = _levels(keys, fields, asked)
            reply = {"type": "json_dictionary", "levels": levels, "fields": fields}
            return Shape(reply, doubts)
        node = member
    else:
        return None
    if keys and all(_MONEY.match(key) for key in keys[-1]) and len(keys) > 1:
        levels, doubts = _levels(keys[:-1], {}, asked)
        fields = {"stock": "$value"}
        levels.append("price")
    elif decimal(member) is not None:
        levels, doubts = _levels(keys, {}, asked)
        whole = isinstance(member, int)
        fields = {"stock" if whole else "price": "$value"}
        doubts.append(f"the numbers were taken as {'stock' if whole else 'prices'}")
    else:
        return None
    return Shape({"type": "json_dictionary", "levels": levels, "fields": fields}, doubts)


def _levels(
    keys: list[list[str]], fields: dict[str, str], asked: set[str]
) -> tuple[list[str], list[str]]:
    free = [name for name in ("country", "service", "operator") if name not in fields]
    if len(keys) == 1:
        names = [name for name in free if name not in asked] or free
        looks = _looks(keys[0])
        name = looks if looks in names else names[0] if names else "-"
        return [name], [f"the keys were taken as {name}"]
    levels = list[str]()
    for each in keys:
        rest = [name for name in free if name not in levels]
        looks = _looks(each)
        levels.append(looks if looks in rest else rest[0] if rest else "-")
    if len(keys) > 2 and _looks(keys[0]) == _looks(keys[1]) == "":
        levels[:3] = ["country", "service", "operator"]
    return levels, [f"the keys were taken as {', '.join(levels)}, from the outside in"]


def _looks(keys: list[str]) -> str:
    plain = [lexicon.plain(key) for key in keys if key]
    if plain and all(key in lexicon.SERVICES for key in plain):
        return "service"
    if plain and all(key in lexicon.COUNTRIES for key in plain):
        return "country"
    if plain and all(key.isdigit() for key in plain):
        return ""
    return ""
