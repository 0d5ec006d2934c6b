"""Fields of a reply, compiled: from one node of an answer to one typed row."""

from __future__ import annotations

from typing import Any

from nexnum_console.providers import grammar, transforms
from nexnum_console.providers.rows import Build, Variables
from nexnum_console.providers.sources import Getter, Keys, alternatives, plain_name, source
from nexnum_console.providers.transforms import Transform
from nexnum_console.providers.vocabulary import OUTPUT_ALIASES, OUTPUTS, REQUIRED, SALES

Field = tuple[str, Getter]

NUMBERS = frozenset({"price"})  # outputs that are numbers even where they are keys


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
    for target, names in _row_names(reply, operation).items():
        found[target] = "|".join(names)
    for position, written in reply.position_fields.items():
        found[output_name(operation, written)] = position
    for written, origin in reply.fields.items():
        found[output_name(operation, written)] = origin
    return found


def _row_names(reply: grammar.Reply, operation: str) -> dict[str, list[str]]:
    """The outputs of a fixed list's rows, with every name they have there."""
    written = dict.fromkeys(name for row in reply.rows for name in row)
    found: dict[str, list[str]] = {}
    for name in written:
        found.setdefault(output_name(operation, name), []).append(name)
    return found


def row_builder(config: grammar.ProviderConfig, reply: grammar.Reply, operation: str) -> Build:
    """Compile a reply's fields into one function from a node to a row, None if unreadable."""
    origins = declared(reply, operation)
    fields = [
        (target, _field(config, reply, operation, target, origin))
        for target, origin in origins.items()
    ]
    bound = [(output_name(operation, name), index) for name, index in bound_levels(reply)]
    levels = [(target, index) for target, index in bound if target not in NUMBERS]
    fields += [(target, _number_key(index)) for target, index in bound if target in NUMBERS]
    required = required_outputs(reply, operation, {*origins, *dict(bound)})
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


def required_outputs(reply: grammar.Reply, operation: str, targets: set[str]) -> tuple[str, ...]:
    """The outputs without which a row cannot be read; ``targets`` are those that it declares."""
    if reply.type == "text_words":
        return ()
    if operation == "prices":
        return ("price",) if "price" in targets else ("stock",)
    if operation == "search":
        return ("offer",) if "offer" in targets else ("phone",)
    if operation in SALES and "phone" in targets:
        return (*REQUIRED[operation], "phone")
    return REQUIRED[operation]


def _field(
    config: grammar.ProviderConfig,
    reply: grammar.Reply,
    operation: str,
    target: str,
    origin: grammar.Source | str,
) -> Getter:
    written = origin if isinstance(origin, str) else origin.source
    steps = [step for _, step in named_steps(config, reply, operation, target, origin)]
    parts = [part.strip() for part in alternatives(written)]
    if len(parts) == 1 and written.startswith("="):
        return _fixed(written[1:], steps)
    if len(steps) == 1 and all(map(plain_name, parts)):
        return _member(written, steps[0]) if len(parts) == 1 else _members(parts, steps[0])
    return _converted(source(written), steps)


def named_steps(
    config: grammar.ProviderConfig,
    reply: grammar.Reply,
    operation: str,
    target: str,
    origin: grammar.Source | str,
) -> list[tuple[str, Transform]]:
    """What a found value goes through on its way to an output, each step with its name."""
    names = _transforms(reply, operation, target, origin)
    steps: list[tuple[str, Transform]] = [(name, transforms.named(name)) for name in names]
    if isinstance(origin, grammar.Source):
        if origin.map is not None:
            steps.append(("map", _mapper(origin.map)))
        if origin.default is not None:
            steps.append((f"default {origin.default}", _defaulter(origin.default)))
    if target != "phone":
        kind = transforms.for_target(target, config.timezone)
        name = "timestamp" if target in {"created_at", "expires_at"} else kind.__name__
        steps.append((name.replace("_", " "), kind))
    return steps


def _member(name: str, step: Transform) -> Getter:
    """The usual field, one key of an object, without the calls that fallbacks need."""

    def read(node: Any, keys: Keys, parent: Any, variables: Variables) -> Any:
        return step(node.get(name)) if isinstance(node, dict) else None

    return read


def _members(names: list[str], step: Transform) -> Getter:
    """The usual fallbacks: of several keys the first that has a value."""

    def read(node: Any, keys: Keys, parent: Any, variables: Variables) -> Any:
        if isinstance(node, dict):
            for name in names:
                value = node.get(name)
                if value is not None and value != "":
                    return step(value)
        return step(None)

    return read


def _fixed(literal: str, steps: list[Transform]) -> Getter:
    """A constant, converted beforehand."""
    value: Any = literal
    for step in steps:
        value = step(value)
    return lambda node, keys, parent, variables: value


def _transforms(
    reply: grammar.Reply, operation: str, target: str, origin: grammar.Source | str
) -> list[str]:
    names = [
        name
        for written, steps in reply.transform.items()
        if output_name(operation, written) == target
        for name in transforms.steps(steps)
    ]
    own = transforms.steps(origin.as_) if isinstance(origin, grammar.Source) else []
    return own + names


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
    number = transforms.dialled(dial, written) if dial and written else transforms.phone(written)
    if number is not None:
        row["phone"] = number
