"""Answers of one operation, sorted: what it gives, what refuses it, and the words for either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from nexnum_console.providers.importing import lexicon
from nexnum_console.providers.importing.naming import Shape, path_of, usual
from nexnum_console.providers.importing.sample import Answer
from nexnum_console.providers.importing.shapes import infer
from nexnum_console.providers.transforms import text

_ERROR_KEYS: Final = ("error", "errorcode", "errormsg", "message", "msg", "title", "description",
                      "detail", "errors", "reason")  # fmt: skip
_CODE = re.compile(r"[A-Za-z0-9_ .:'!,’-]{2,100}\Z")
_MAX_REPLIES = 6


@dataclass
class Reading:
    """How the answers of one operation are read, and what is open about it."""

    mapping: dict[str, Any]
    doubts: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)  # path ("" for text), word


def reading(operation: str, answers: Iterable[Answer], asked: set[str]) -> Reading:
    """One mapping for all answers of an operation; the usual one where none was seen."""
    found = Reading({})
    shapes: list[Shape] = []
    for answer in answers:
        refused = list(_refusals(answer))
        waiting = _waiting(refused) if operation == "status" else None
        if waiting is not None:
            shapes.append(waiting)
        elif refused:
            found.refusals += refused
        elif answer.status < 300:
            shape = infer(operation, answer.body, asked)
            if shape is not None:
                shapes.append(shape)
            elif answer.body.strip() not in {"", "[]", "{}"}:
                start = " ".join(answer.body.split())[:80]
                found.doubts.append(f"this answer fits no form that is known: “{start}”")
    found.doubts += [doubt for shape in shapes for doubt in shape.doubts]
    found.states += [word for shape in shapes for word in shape.states]
    replies = _joined([shape.reply for shape in shapes])
    if not replies:
        replies = [usual(operation)]
        found.doubts.append("no answer was seen: the usual names of fields are tried; compare them")
    found.mapping = replies[0] if len(replies) == 1 else {"replies": replies[:_MAX_REPLIES]}
    return found


def _joined(replies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replies that differ; words of one operation come together, in front."""
    words: dict[str, Any] = {}
    others: list[dict[str, Any]] = []
    for reply in replies:
        if reply["type"] == "text_words":
            words |= reply["words"]
            continue
        wider = next((each for each in others if _same_place(each, reply)), None)
        if wider is None:
            others.append(reply)
        else:
            wider["fields"] = reply.get("fields", {}) | wider.get("fields", {})
            if "messages" in reply:
                wider.setdefault("messages", reply["messages"])
    return [{"type": "text_words", "words": words}, *others] if words else others


def _same_place(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two replies read the same structure, and differ in optional fields only."""
    parts = ("type", "rootPath", "levels", "match", "regex", "constants")
    return all(one.get(part) == other.get(part) for part in parts)


def _refusals(answer: Answer) -> Iterator[tuple[str, str]]:
    """Words that refuse: the path and the word of each."""
    body = answer.body.strip()
    value = _json(body)
    if not isinstance(value, dict | list):
        word = value if isinstance(value, str) else body
        refused = answer.status >= 400 or (word and lexicon.refusal_of(word) is not None)
        if refused and _CODE.match(word) and not _is_result(word):
            yield "", word
        return
    if not isinstance(value, dict):
        return
    said = [each for each in _error_words(value, ()) if each[1]]
    if answer.status >= 400 or _failed(value) or _only_an_error(value, said):
        yield from said[:2]


def _json(body: str) -> Any:
    try:
        return json.loads(body, parse_float=str) if body[:1] in {"{", "[", '"'} else body
    except ValueError:
        return body


def _is_result(word: str) -> bool:
    return word.startswith(("ACCESS_", "STATUS_"))


def _failed(value: dict[str, Any]) -> bool:
    for key, member in value.items():
        name = lexicon.plain(str(key))
        if name in {"success", "ok"} and (member in (False, 0) or str(member).lower() in _NO):
            return True
        if name in {"error", "errors", "errorcode"} and member not in (None, False, "", [], {}, 0):
            return True
        if name in {"status", "result"} and str(member).lower() in {"error", "fail", "failed"}:
            return True
    return False


_NO: Final = frozenset({"false", "0", "no", "error"})


def _only_an_error(value: dict[str, Any], said: list[tuple[str, str]]) -> bool:
    """Nothing but a message that sounds like a refusal."""
    small = len(value) <= 3 and not any(isinstance(each, dict | list) for each in value.values())
    return small and any(lexicon.refusal_of(word) for _, word in said)


def _error_words(value: Any, steps: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict) or len(steps) > 2:
        return
    for key in sorted(value, key=lambda each: _rank(str(each))):
        member, place = value[key], (*steps, str(key))
        if _rank(str(key)) == len(_ERROR_KEYS) and not (
            steps and lexicon.plain(str(key)) == "code"
        ):
            continue
        if isinstance(member, str | int) and not isinstance(member, bool):
            word = text(member) or ""
            if _CODE.match(word) and "<" not in word:
                yield path_of(place), word
        elif isinstance(member, dict):
            yield from _error_words(member, place)
        elif isinstance(member, list) and member and isinstance(member[0], dict):
            for inner, word in _error_words(member[0], ()):
                yield f"{path_of(place)}[0].{inner}", word


def _rank(key: str) -> int:
    name = lexicon.plain(key)
    return _ERROR_KEYS.index(name) if name in _ERROR_KEYS else len(_ERROR_KEYS)


def _waiting(refused: list[tuple[str, str]]) -> Shape | None:
    """A refusal of a status call that only says: no SMS yet."""
    for place, word in refused:
        said = " ".join(lexicon.words(word))
        early = lexicon.state_of(word) == "waiting" or re.search(
            r"\b(wait|not (yet )?received|no sms|not arrived)\b", said
        )
        if early and place:
            reply = {"type": "json_object", "match": {place: word}, "httpStatus": ["2xx", "4xx"]}
            return Shape(reply | {"constants": {"state": "waiting"}})
    return None
