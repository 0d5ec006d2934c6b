"""From an answer that was seen to the reply that reads it: structure first, then names."""

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

_DONE: Final = {"cancel": "cancelled", "finish": "finished", "resend": "retry", "ban": "cancelled"}
_TABLE: Final = {  # what an operation's outputs are called in the lexicon
    "countries": {"id": "id", "name": "name"},
    "services": {"code": "service_code", "name": "name"},
    "operators": {"operator": "operator_name", "country": "country"},
}
_LISTS: Final = frozenset({"countries", "services", "operators", "prices", "active"})
_SMS: Final = frozenset({"code", "text", "sender"})
_KEYS: Final = {"countries": "id", "services": "code", "active": "activation_id"}
_MAX_DEPTH = 4
_DIGITS = 5
_PLAIN = re.compile(r"[A-Za-z_][\w-]*\Z")
_TOKEN = re.compile(r"[A-Z][A-Z_]{2,}\Z")
_MONEY = re.compile(r"-?\d+(?:\.\d+)?\Z")
_MAX_LEVELS = 4


@dataclass
class Shape:
    """A reply of the grammar and what is not certain about it."""

    reply: dict[str, Any]
    doubts: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)


class _Value(NamedTuple):
    steps: Steps
    key: str
    value: Any


def infer(operation: str, body: str, asked: set[str]) -> Shape | None:
    """The reply that reads a body as an operation's answer; None where nothing fits.

    ``asked`` are the variables that the request sends: a price list asked for one country has
    services as its keys.
    """
    try:
        value = json.loads(body, parse_float=str) if body.strip()[:1] in {"{", "[", '"'} else body
    except ValueError:
        value = body
    if isinstance(value, str):
        return _text(operation, value.strip())
    if operation in _LISTS:
        return _list(operation, value, asked)
    return _single(operation, value)


def usual(operation: str) -> dict[str, Any]:
    """The reply that reads what nobody has seen, by the names that are most used."""
    kind, outputs = lexicon.USUAL[operation]
    names = lexicon.USUAL_NAMES
    names = names | {"code": "code|id|short_name"} if operation == "services" else names
    return {"type": kind, "fields": {name: names[name] for name in outputs}}


def path_of(steps: Steps) -> str:
    """A path of the grammar; keys that are no plain names are quoted."""
    return ".".join(step if _PLAIN.match(step) else json.dumps(step) for step in steps)


def _text(operation: str, body: str) -> Shape | None:
    if not body:
        state = _DONE.get(operation)
        return Shape({"type": "empty", "constants": {"state": state}}) if state else None
    if operation in _DONE and len(body) < 80:
        words = {body: {"state": _DONE[operation]}}
        return Shape({"type": "text_words", "words": words})
    word, _, rest = body.partition(":")
    if operation == "balance":
        lead = f"{re.escape(word)}:" if rest else ""
        if not _MONEY.match((rest or body).strip()):
            return None
        regex = f"^{lead}\\s*(?<balance>-?[0-9.]+)$"
        return Shape({"type": "text_regex", "regex": regex, "fields": {"balance": "balance"}})
    if operation == "buy" and _TOKEN.match(word) and rest.count(":") >= 1:
        regex = f"^{word}:(?<id>[^:]+):(?<phone>\\+?\\d+)(?::.*)?$"
        fields = {"activation_id": "id", "phone": "phone"}
        return Shape({"type": "text_regex", "regex": regex, "fields": fields})
    return _status_text(word, rest) if operation == "status" else None


def _status_text(word: str, rest: str) -> Shape | None:
    if not _TOKEN.match(word):
        return None
    if rest:
        reply = {
            "type": "text_regex",
            "regex": f"(?s)^{word}:\\s*(?<code>.+)$",
            "fields": {"code": "code"},
            "constants": {"state": "received"},
        }
        return Shape(reply)
    state = lexicon.state_of(word)
    if state is None:
        return None
    return Shape({"type": "text_words", "words": {word: {"state": state}}})


def _single(operation: str, value: Any) -> Shape | None:
    if isinstance(value, list):
        value = value[0] if value and isinstance(value[0], dict) else None
        inner = _single(operation, value) if value is not None else None
        if inner is not None and inner.reply["type"] == "json_object":
            inner.reply["type"] = "json_array"
        return inner
    if not isinstance(value, dict):
        return None
    values = list(_flat(value, ()))
    fields, messages = _fields(operation, values), None
    shape = Shape({"type": "json_object"})
    if operation in {"status", "webhook"}:
        messages = _messages(value, ())
        if messages:
            shape.reply["messages"] = messages
            fields = {
                name: p for name, p in fields.items() if name not in {"code", "text", "sender"}
            }
    if operation in _DONE:
        return _settled(operation, shape, fields, values)
    if operation == "status" and "state" not in fields and (messages or "code" in fields):
        flag = _flag(values)
        empty = any(path_of(v.steps) == fields.get("code") and not v.value for v in values)
        if empty and flag is not None:
            match = {path_of(flag.steps): flag.value}
            waiting = {"type": "json_object", "match": match, "constants": {"state": "waiting"}}
            return Shape(waiting, [f"{path_of(flag.steps)} {flag.value!r} was taken as waiting"])
        shape.reply["constants"] = {"state": "received"}
    shape.reply["fields"] = fields
    shape.states += [_told(each) for each in values if path_of(each.steps) == fields.get("state")]
    needed = {"balance": {"balance"}, "buy": {"activation_id", "phone"}}.get(operation, set())
    missing = sorted(needed - set(fields))
    if missing or not (fields or messages):
        return None
    return shape


def _settled(
    operation: str, shape: Shape, fields: dict[str, str], values: list[_Value]
) -> Shape | None:
    """After cancel and its like: the state that is told, else a sign that it went well."""
    kept = {name: p for name, p in fields.items() if name in {"activation_id", "state"}}
    state = next((each for each in values if path_of(each.steps) == kept.get("state")), None)
    if state is not None and lexicon.state_of(_told(state)) not in {None, "received"}:
        word = _told(state)
        if lexicon.state_of(word) == _DONE[operation] or operation in {"resend", "ban"}:
            shape.states.append(word)
            shape.reply["fields"] = kept
            return shape
    kept.pop("state", None)
    flag = _flag(values)
    shape.reply["constants"] = {"state": _DONE[operation]}
    if kept:
        shape.reply["fields"] = kept
    if flag is None:
        shape.doubts.append("nothing in the answer says that it went well, so any object counts")
    else:
        shape.reply["match"] = {path_of(flag.steps): flag.value}
    return shape


def _flag(values: list[_Value]) -> _Value | None:
    for name in lexicon.FLAGS:
        for each in values:
            if lexicon.plain(each.key) == name and len(each.steps) <= 2 and each.value is not None:
                return each
    return None


def _flat(value: Any, steps: Steps) -> Iterator[_Value]:
    """Scalars of nested objects, outer ones first."""
    inner: list[tuple[Steps, Any]] = []
    for key, member in value.items():
        place = (*steps, str(key))
        if isinstance(member, dict) and len(place) < _MAX_DEPTH:
            inner.append((place, member))
        elif not isinstance(member, dict | list):
            yield _Value(place, str(key), member)
    for place, member in inner:
        yield from _flat(member, place)


def _fields(operation: str, values: list[_Value]) -> dict[str, str]:
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


def _without_doubt(operation: str, found: dict[str, str], values: list[_Value]) -> dict[str, str]:
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


def _told(each: _Value) -> str:
    return text(each.value) or ""


def _messages(value: Any, steps: Steps) -> dict[str, str] | None:
    """A list of SMS somewhere in the answer."""
    if not isinstance(value, dict) or len(steps) > 2:
        return None
    for key, member in value.items():
        place = (*steps, str(key))
        if isinstance(member, list) and lexicon.plain(str(key)) in lexicon.MESSAGES:
            first = member[0] if member and isinstance(member[0], dict) else {}
            fields = _fields("webhook", list(_flat(first, ())))
            kept = {name: p for name, p in fields.items() if name in {"code", "text", "sender"}}
            return {"path": path_of(place)} | (kept or {"code": "code", "text": "text"})
        found = _messages(member, place)
        if found:
            return found
    return None


def _list(operation: str, value: Any, asked: set[str]) -> Shape | None:
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
    top = _fields(operation, [each for each in _flat(value, ()) if len(each.steps) == 1])
    if operation == "prices" and {"price", "stock"} & set(top):
        return Shape({"type": "json_object", "fields": top})
    return _prices(value, asked) if operation == "prices" else _keyed(operation, value)


def _keyed(operation: str, value: dict[str, Any]) -> Shape | None:
    """A dictionary whose keys are ids or codes."""
    key, first = _KEYS[operation], next(iter(value.values()))
    if isinstance(first, dict):
        fields = _fields(operation, list(_flat(first, ())))
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
    values = list(_flat(first, ()))
    fields = _fields(operation, values)
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
    shape.states += [_told(each) for each in values if path_of(each.steps) == fields.get("state")]
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
        fields = _fields("prices", [each for each in _flat(member, ()) if len(each.steps) == 1])
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
