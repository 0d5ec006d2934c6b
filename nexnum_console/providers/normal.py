"""From rows to the normal form of an operation: typed fields, states, messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nexnum_console.providers import grammar, otp, transforms
from nexnum_console.providers.rows import Build, Found, Variables
from nexnum_console.providers.sources import Getter, Keys, path, source
from nexnum_console.providers.transforms import Transform
from nexnum_console.providers.vocabulary import (
    ANY,
    LIST_KEYS,
    OUTPUT_ALIASES,
    OUTPUTS,
    REQUIRED,
    STATE_ALIASES,
    STATES,
)

NormalForm = dict[str, Any]
Finish = Callable[[Found, Variables], NormalForm | None]
Field = tuple[str, Getter]

_NUMBERS = frozenset({"price"})


class UnknownOutput(ValueError):
    """A field names nothing that its operation gives."""

    def __init__(self, name: str, operation: str) -> None:
        super().__init__(f"“{name}” is not an output of {operation}")
        self.name = name
        self.known = tuple(OUTPUTS[operation]) + tuple(OUTPUT_ALIASES[operation])


def output_name(operation: str, written: str) -> str:
    """Our name of an output however the config writes it; raises UnknownOutput."""
    if written in OUTPUTS[operation]:
        return written
    found = OUTPUT_ALIASES[operation].get(written)
    if found is None:
        raise UnknownOutput(written, operation)
    return found


def bound_levels(reply: grammar.Reply) -> list[tuple[str, int]]:
    """(name, index of its key) for every level of a dictionary that names an output."""
    keyed = [level for level in reply.levels if not level.startswith(".")]
    return [(name, index) for index, name in enumerate(keyed) if name != "-"]


def declared(reply: grammar.Reply, operation: str) -> dict[str, grammar.Source | str]:
    """Every field of a reply by output name, whichever key of the grammar declares it."""
    found: dict[str, grammar.Source | str] = {}
    for written, value in reply.constants.items():
        found[output_name(operation, written)] = f"={value}"
    if reply.value_field:
        found[output_name(operation, reply.value_field)] = "$value"
    if reply.type == "json_keyed_value":
        found[output_name(operation, reply.key_field)] = "$key"
    for position, written in reply.position_fields.items():
        found[output_name(operation, written)] = position
    for written, origin in reply.fields.items():
        found[output_name(operation, written)] = origin
    return found


def row_builder(config: grammar.ProviderConfig, reply: grammar.Reply, operation: str) -> Build:
    """Compile a reply's fields into one function from a node to a row, None if unreadable."""
    origins = declared(reply, operation)
    fields = [
        (target, _field(config, reply, operation, target, origin))
        for target, origin in origins.items()
    ]
    bound = [(output_name(operation, name), index) for name, index in bound_levels(reply)]
    levels = [(target, index) for target, index in bound if target not in _NUMBERS]
    fields += [(target, _number_key(index)) for target, index in bound if target in _NUMBERS]
    required = _required(reply, operation, {*origins, *dict(bound)})
    has_phone = "phone" in origins

    def build(node: Any, keys: Keys, parent: Any, variables: Variables) -> dict[str, Any] | None:
        row: dict[str, Any] = {target: keys[index] for target, index in levels}
        for target, get in fields:
            value = get(node, keys, parent, variables)
            if value is not None:
                row[target] = value
        if has_phone:
            _complete_phone(row)
        for target in required:
            if target not in row:
                return None
        return row

    return build


def _number_key(index: int) -> Getter:
    """A level whose keys are numbers: prices as keys."""
    return lambda node, keys, parent, variables: transforms.decimal(keys[index])


def _required(reply: grammar.Reply, operation: str, targets: set[str]) -> tuple[str, ...]:
    if reply.type == "text_words":
        return ()
    if operation == "prices":
        return ("price",) if "price" in targets else ("stock",)
    return REQUIRED[operation]


def _field(
    config: grammar.ProviderConfig,
    reply: grammar.Reply,
    operation: str,
    target: str,
    origin: grammar.Source | str,
) -> Getter:
    written = origin if isinstance(origin, str) else origin.source
    steps = [transforms.named(name) for name in _transforms(reply, operation, target, origin)]
    if isinstance(origin, grammar.Source):
        if origin.map is not None:
            steps.append(_mapper(origin.map))
        if origin.default is not None:
            steps.append(_defaulter(origin.default))
    if target != "phone":
        steps.append(transforms.for_target(target, config.timezone))
    return _converted(source(written), steps)


def _transforms(
    reply: grammar.Reply, operation: str, target: str, origin: grammar.Source | str
) -> list[str]:
    names = [
        name
        for written, name in reply.transform.items()
        if output_name(operation, written) == target
    ]
    if isinstance(origin, grammar.Source) and origin.as_ is not None:
        names.insert(0, origin.as_)
    return names


def _converted(get: Getter, steps: list[Transform]) -> Getter:
    if len(steps) == 1:
        step = steps[0]
        return lambda node, keys, parent, variables: step(get(node, keys, parent, variables))

    def read(node: Any, keys: Keys, parent: Any, variables: Variables) -> Any:
        value = get(node, keys, parent, variables)
        for step in steps:
            value = step(value)
        return value

    return read


def _mapper(table: dict[str, str]) -> Transform:
    def translate(value: Any) -> str | None:
        written = transforms.text(value)
        return None if written is None else table.get(written, written) or None

    return translate


def _defaulter(default: str) -> Transform:
    return lambda value: default if value is None or value == "" else value


def _complete_phone(row: dict[str, Any]) -> None:
    written = transforms.text(row.pop("phone", None))
    dial = row.pop("dial_code", None)
    number = transforms.phone(f"{dial}{written}" if dial and written else written)
    if number is not None:
        row["phone"] = number


def finisher(config: grammar.ProviderConfig, reply: grammar.Reply, operation: str) -> Finish:
    """Compile what happens after the rows are read: one normal form, None if it does not fit."""
    if operation == "operators":
        return _operators
    if operation in LIST_KEYS:
        return _list(operation, _state_words(config, reply))
    if operation == "status":
        return _status(_state_words(config, reply), reply.messages)
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


def _list(operation: str, words: dict[str, str]) -> Finish:
    key = LIST_KEYS[operation]
    fill = ("country", "service") if operation == "prices" else ()

    def finish(found: Found, variables: Variables) -> NormalForm | None:
        if found.skipped and not found.rows:
            return None
        asked = {name: given for name in fill if (given := _specific(variables, name))}
        if asked:
            found.rows = [asked | row for row in found.rows]
        if operation == "active":
            for row in found.rows:
                _translate_state(row, words)
        if operation == "countries":
            for row in found.rows:
                row.setdefault("name", row["id"])
        if operation == "services":
            for row in found.rows:
                row.setdefault("name", row["code"])
        return {key: found.rows, "skipped": found.skipped}

    return finish


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
    if found.skipped and not found.rows and not isinstance(found.root, dict):
        return None
    grouped: dict[str, list[str]] = {}
    if isinstance(found.root, dict):
        grouped = {country: [] for country, members in found.root.items() if members == []}
    for row in found.rows:
        country = row.get("country") or _specific(variables, "country") or ""
        grouped.setdefault(country, []).append(row["operator"])
    return {"operators": grouped, "skipped": found.skipped}


def _single(config: grammar.ProviderConfig, operation: str, words: dict[str, str]) -> Finish:
    fill = ("country", "service", "operator") if operation == "buy" else ()
    priced = operation in {"buy", "balance"}

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


def _status(words: dict[str, str], messages: grammar.Messages | None) -> Finish:
    read_messages = _message_reader(messages) if messages else None

    def finish(found: Found, variables: Variables) -> NormalForm | None:
        if not found.rows:
            return None
        row = found.rows[0]
        if not _translate_state(row, words):
            return None
        if read_messages:
            row["messages"] = read_messages(found.root)
            row |= _newest(row["messages"])
        if row.get("text") and not row.get("code"):
            code = otp.extract(row["text"])
            if code:
                row["code"] = code
        return _settled(row)

    return finish


def _settled(row: NormalForm) -> NormalForm | None:
    """State and code must agree: without an SMS nothing was received, a retry awaits a new one."""
    spoken = bool(row.get("code") or row.get("text"))
    state = row.get("state")
    if state is None and not spoken:
        return None
    if spoken and state in {None, "waiting"}:
        row["state"] = "received"
    elif state == "received" and not spoken:
        row["state"] = "waiting"
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
            if isinstance(member, dict)
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
    if row.get("text") and not row.get("code"):
        code = otp.extract(row["text"])
        if code:
            row["code"] = code
    if "event" not in row and (row.get("code") or row.get("text")):
        row["event"] = "sms"
    return row if "event" in row else None
