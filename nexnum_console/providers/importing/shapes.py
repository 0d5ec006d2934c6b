"""From an answer that was seen to the reply that reads it: structure first, then names."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from nexnum_console.providers.importing import lexicon
from nexnum_console.providers.importing.lists import LISTS, list_shape
from nexnum_console.providers.importing.naming import (
    Shape,
    Steps,
    Value,
    fields_of,
    flat,
    path_of,
    told,
)

_DONE: Final = {"cancel": "cancelled", "finish": "finished", "resend": "retry", "ban": "cancelled"}
_SMS: Final = frozenset({"code", "text", "sender"})
_TOKEN = re.compile(r"[A-Z][A-Z_]{2,}\Z")
_MONEY = re.compile(r"-?\d+(?:\.\d+)?\Z")


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
    if operation in LISTS:
        return list_shape(operation, value, asked)
    return _single(operation, value)


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
    values = list(flat(value, ()))
    fields, messages = fields_of(operation, values), None
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
    shape.states += [told(each) for each in values if path_of(each.steps) == fields.get("state")]
    needed = {"balance": {"balance"}, "buy": {"activation_id", "phone"}}.get(operation, set())
    missing = sorted(needed - set(fields))
    if missing or not (fields or messages):
        return None
    return shape


def _settled(
    operation: str, shape: Shape, fields: dict[str, str], values: list[Value]
) -> Shape | None:
    """After cancel and its like: the state that is told, else a sign that it went well."""
    kept = {name: p for name, p in fields.items() if name in {"activation_id", "state"}}
    state = next((each for each in values if path_of(each.steps) == kept.get("state")), None)
    if state is not None and lexicon.state_of(told(state)) not in {None, "received"}:
        word = told(state)
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


def _flag(values: list[Value]) -> Value | None:
    for name in lexicon.FLAGS:
        for each in values:
            if lexicon.plain(each.key) == name and len(each.steps) <= 2 and each.value is not None:
                return each
    return None


def _messages(value: Any, steps: Steps) -> dict[str, str] | None:
    """A list of SMS somewhere in the answer."""
    if not isinstance(value, dict) or len(steps) > 2:
        return None
    for key, member in value.items():
        place = (*steps, str(key))
        if isinstance(member, list) and lexicon.plain(str(key)) in lexicon.MESSAGES:
            first = member[0] if member and isinstance(member[0], dict) else {}
            fields = fields_of("webhook", list(flat(first, ())))
            kept = {name: p for name, p in fields.items() if name in {"code", "text", "sender"}}
            return {"path": path_of(place)} | (kept or {"code": "code", "text": "text"})
        found = _messages(member, place)
        if found:
            return found
    return None
