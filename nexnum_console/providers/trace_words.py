"""The sentences of a trace: why a reply does not fit, and what the end of the reading changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.rows import Found, Variables
from nexnum_console.providers.sources import path
from nexnum_console.providers.trace_model import RowTrace
from nexnum_console.providers.transforms import text

_SHOWN: Final = 80
_KINDS: Final = {"dict": "an object", "list": "a list", "str": "a text", "int": "a number"}


def no_structure(said: grammar.Reply, answer: Reply, seen: str) -> str:
    """Why a reader saw nothing of its kind; ``seen`` is what the bytes were taken for."""
    if said.type.startswith("json_"):
        return _no_json(said, answer, seen)
    if said.type == "empty":
        return "the answer is not empty"
    if said.type == "text_words":
        return f"{quoted(answer.text)} is none of its words"
    if answer.is_json:
        return "it reads text, the answer is JSON"
    if said.type == "text_regex":
        return f"the regex does not match {quoted(answer.text)}"
    return "the answer is empty"


def _no_json(said: grammar.Reply, answer: Reply, seen: str) -> str:
    if not answer.is_json:
        return f"it reads JSON, the answer is {seen}"
    root = path(said.root_path or "")(answer.document)
    if root is None:
        return f"rootPath {said.root_path} leads to nothing"
    return f"{said.root_path or 'the answer'} is {kind_of(root)}, not what {said.type} reads"


def no_result(found: Found, rows: list[RowTrace], raw: list[dict[str, Any]]) -> str:
    """Why rows made no result; ``raw`` holds them as they were read."""
    if not found.rows:
        unread = next((row.why for row in rows if not row.kept), "")
        return f"no row could be read: {unread}" if unread else "it holds no row"
    word = raw[0].get("state") if raw else None
    if word is not None:
        return f"the word {quoted(word)} is in no statusMapping and not among the statuses"
    return "it tells neither a state nor an SMS"


def reason(
    name: str,
    raw: Mapping[str, Any],
    end: Mapping[str, Any],
    said: grammar.Reply,
    variables: Variables,
) -> str:
    """Why an output is not what its row was read as."""
    if name == "state":
        return _state_reason(raw, said)
    if name in {"code", "text"}:
        return f"{name}: {_sms_reason(name in raw, said)}"
    if name == "currency":
        return "currency: the config's"
    return f"{name}: as asked" if variables.get(name) == end.get(name) else name


def _state_reason(raw: Mapping[str, Any], said: grammar.Reply) -> str:
    word = raw.get("state")
    if word is None:
        return "state: an SMS is there"
    own = {key.casefold() for key in said.status_mapping}
    return "state: statusMapping" if str(word).casefold() in own else "state: statuses"


def _sms_reason(was_read: bool, said: grammar.Reply) -> str:
    if was_read:
        return "an older SMS, a new one is awaited"
    return "the newest message" if said.messages is not None else "found in the text of the SMS"


def kind_of(value: Any) -> str:
    """What kind of JSON a value is."""
    return _KINDS.get(type(value).__name__, "true, false or null")


def listed(written: Any) -> str:
    """One or several wanted values."""
    return " or ".join(map(str, written)) if isinstance(written, list) else str(written)


def quoted(value: Any) -> str:
    """A value in quotation marks, not longer than a line."""
    written = " ".join((text(value) or kind_of(value)).split())
    return f"“{written[:_SHOWN]}{'…' if len(written) > _SHOWN else ''}”"
