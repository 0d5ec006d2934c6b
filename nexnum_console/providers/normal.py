"""From rows to the normal form of an operation: states, messages, lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nexnum_console.providers import grammar, otp, transforms
from nexnum_console.providers.fields import declared, output_name
from nexnum_console.providers.rows import Found, Variables
from nexnum_console.providers.sources import path
from nexnum_console.providers.vocabulary import ANY, LIST_KEYS, SALES, STATE_ALIASES, STATES

NormalForm = dict[str, Any]
Finish = Callable[[Found, Variables], NormalForm | None]

_NAMED_BY = {"countries": "id", "services": "code"}


def finisher(config: grammar.ProviderConfig, reply: grammar.Reply, operation: str) -> Finish:
    """Compile what happens after the rows are read: one normal form, None if it does not fit."""
    if operation == "operators":
        return _operators
    if operation in LIST_KEYS:
        tells_sms = not {"code", "text"}.isdisjoint(declared(reply, operation))
        return _list(operation, _state_words(config, reply), tells_sms)
    if operation in {"status", "messages"}:
        return _status(_state_words(config, reply), reply)
    if operation == "webhook":
        return _webhook
    return _single(config, operation, _state_words(config, reply))


def _state_words(config: grammar.ProviderConfig, reply: grammar.Reply) -> dict[str, str]:
    words: dict[str, str] = {state: state for state in STATES}
    words |= STATE_ALIASES
    for table in (config.statuses, reply.status_mapping):
        words |= {word.casefold(): state_name(state) for word, state in table.items()}
    return words


def state_name(written: str) -> str:
    """A state as configs may write it; raises ValueError."""
    name = STATE_ALIASES.get(written.lower(), written.lower())
    if name not in STATES:
        raise ValueError(f"“{written}” is not a state; known: {', '.join(STATES)}")
    return name


def _list(operation: str, words: dict[str, str], tells_sms: bool) -> Finish:
    key = LIST_KEYS[operation]
    fill = ("country", "service") if operation == "prices" else ()

    def finish(found: Found, variables: Variables) -> NormalForm | None:
        if not found.rows and (found.skipped or found.passed):
            return None
        asked = {name: given for name in fill if (given := _specific(variables, name))}
        if asked:
            found.rows = [asked | row for row in found.rows]
        for row in found.rows if operation in {"active", "statuses"} else ():
            _translate_state(row, words)
            if tells_sms:
                _agree(row)
        for row in found.rows if operation in _NAMED_BY else ():
            row.setdefault("name", row[_NAMED_BY[operation]])
        return {key: found.rows, "skipped": found.skipped}

    return finish


def _agree(row: NormalForm) -> None:
    """A listed activation is received when its SMS is there, whatever its word says."""
    _extract_code(row)
    spoken = bool(row.get("code") or row.get("text"))
    if row.get("state") in {"received", "waiting"}:
        row["state"] = "received" if spoken else "waiting"


def _extract_code(row: NormalForm) -> None:
    if row.get("text") and not row.get("code"):
        code = otp.extract(row["text"])
        if code:
            row["code"] = code


def _specific(variables: Variables, name: str) -> str | None:
    given = variables.get(name) or ""
    return given if given.lower() not in ANY else None


def _translate_state(row: dict[str, Any], words: dict[str, str]) -> bool:
    word = row.pop("state", None)
    state = words.get(word.casefold()) if word else None
    if state is not None:
        row["state"] = state
    return word is None or state is not None


def _operators(found: Found, variables: Variables) -> NormalForm | None:
    if found.skipped and not found.rows and not _only_lists(found.root):
        return None
    grouped: dict[str, list[str]] = {}
    if isinstance(found.root, dict):
        grouped = {country: [] for country, members in found.root.items() if members == []}
    for row in found.rows:
        country = row.get("country") or _specific(variables, "country") or ""
        grouped.setdefault(country, []).append(row["operator"])
    return {"operators": grouped, "skipped": found.skipped}


def _only_lists(root: Any) -> bool:
    """A country without operators has an empty list; a refusal has words."""
    return isinstance(root, dict) and all(isinstance(m, list | dict) for m in root.values())


def _single(config: grammar.ProviderConfig, operation: str, words: dict[str, str]) -> Finish:
    fill = ("country", "service", "operator") if operation in SALES else ()
    priced = operation in SALES or operation == "balance"

    def finish(found: Found, variables: Variables) -> NormalForm | None:
        if not found.rows:
            return None
        row = found.rows[0]
        if not _translate_state(row, words):
            return None
        for name in fill:
            given = _specific(variables, name)
            if given and name not in row:
                row[name] = given
        if priced:
            row.setdefault("currency", config.currency)
        return row

    return finish


def _status(words: dict[str, str], reply: grammar.Reply) -> Finish:
    read_messages = _message_reader(reply.messages) if reply.messages else None
    told = "state" not in {output_name("status", name) for name in reply.constants}

    def finish(found: Found, variables: Variables) -> NormalForm | None:
        if not found.rows:
            return None
        row = found.rows[0]
        if not _translate_state(row, words):
            return None
        if read_messages:
            row["messages"] = read_messages(found.root)
            row |= _newest(row["messages"])
        if "text" in row:
            _extract_code(row)
        return _settled(row, told)

    return finish


def _settled(row: NormalForm, told: bool) -> NormalForm | None:
    """State and code must agree: without an SMS nothing was received, a retry awaits a new one.

    A state that the answer itself told stands; one that the config supposed needs its SMS.
    """
    spoken = bool(row.get("code") or row.get("text"))
    state = row.get("state")
    if state is None and not spoken:
        return None
    if spoken and state in {None, "waiting"}:
        row["state"] = "received"
    elif state == "received" and not spoken:
        if not told:
            return None
        row |= {"state": "waiting", "unread": True}
    elif state == "retry":
        row.pop("code", None)
        row.pop("text", None)
    return row


def _message_reader(spec: grammar.Messages) -> Callable[[Any], list[dict[str, str]]]:
    members = path(spec.path)
    readers = {
        name: path(written)
        for name, written in (("code", spec.code), ("text", spec.text), ("sender", spec.sender))
        if written is not None
    }

    def read(root: Any) -> list[dict[str, str]]:
        listed = members(root)
        return [
            {n: v for n, get in readers.items() if (v := transforms.text(get(member)))}
            for member in (listed if isinstance(listed, list) else [])
            if isinstance(member, dict | str)
        ]

    return read


def _newest(messages: list[dict[str, str]]) -> dict[str, str]:
    """The last message with a code, else the last one."""
    coded = [message for message in messages if message.get("code")]
    return (coded or messages or [{}])[-1]


def _webhook(found: Found, variables: Variables) -> NormalForm | None:
    if not found.rows:
        return None
    row = found.rows[0]
    _extract_code(row)
    if "event" not in row and (row.get("code") or row.get("text")):
        row["event"] = "sms"
    return row if "event" in row else None
