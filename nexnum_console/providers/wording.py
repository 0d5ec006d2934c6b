"""What pydantic says about a config, in words: what was expected, what stands there, the cure."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel
from pydantic_core import ErrorDetails

from nexnum_console.providers.grammar import ProviderConfig
from nexnum_console.providers.positions import Path
from nexnum_console.providers.problems import choice, nearest, suggestion

SECRET_KEY: Final = re.compile(
    r"(?i)(?:api|access|auth|secret|private)[_-]?(?:key|token)|secret|password|passwd|token|bearer"
)
_SHOWN = 60
_KINDS: Final = {
    "string_type": "text in double quotes",
    "int_type": "a whole number without quotes",
    "int_from_float": "a whole number",
    "float_type": "a number without quotes",
    "bool_type": "true or false",
    "list_type": "a list [ … ]",
    "dict_type": "an object { … }",
    "model_type": "an object { … }",
    "model_attributes_type": "an object { … }",
    "none_required": "null",
    "too_short": "at least one entry",
    "is_instance_of": "another kind of value",
}
_PATTERNS: Final = {
    "name": "lower-case letters, digits, _ and -, a letter or digit first, as my-provider",
    "currency": "three capital letters, as USD",
}
_LIMITS: Final = {
    "greater_than": ("gt", "a number above"),
    "greater_than_equal": ("ge", "a number of at least"),
    "less_than": ("lt", "a number below"),
    "less_than_equal": ("le", "a number of at most"),
}


def worded(value: Any, path: Path, errors: Sequence[ErrorDetails]) -> tuple[str, str]:
    """Message and cure for the errors of one place; several are the branches of one choice."""
    first = errors[0]
    if first["type"] == "extra_forbidden":
        return _unknown_key(value, first["loc"])
    if first["type"] == "missing":
        name = str(first["loc"][-1])
        words = _choice_of(value, (*path, name))
        return f"“{name}” is missing", f'add "{name}": …' + (f"; {words}" if words else "")
    given = first["input"]
    expected = list(dict.fromkeys(_expected(path, each) for each in errors))
    literal = [word for each in errors for word in _literals(each)]
    message = f"expected {' or '.join(expected)}, not {_shown(path, given)}"
    near = nearest(given, literal) if isinstance(given, str) and literal else None
    if near:
        return f"{message}; did you mean “{near}”?", f'write "{near}"'
    return message, choice(literal) or f"write {' or '.join(expected)}"


def _expected(path: Path, error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"{words} {context.get(name, 0):g}"
    if kind in {"literal_error", "enum"}:
        return "one of the known words"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(path[-1]) if path else "", f"text like {context.get('pattern')}")
    text = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return text[:1].lower() + text[1:]


def _literals(error: ErrorDetails) -> list[str]:
    if error["type"] not in {"literal_error", "enum"}:
        return []
    return re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))


def _shown(path: Path, given: Any) -> str:
    if isinstance(given, str):
        secret = any(SECRET_KEY.search(str(step)) for step in path[-1:])
        return "this text" if secret else f"“{given[:_SHOWN]}{'…' if len(given) > _SHOWN else ''}”"
    if isinstance(given, dict | list):
        return "an object" if isinstance(given, dict) else "a list"
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    return f"the number {given}"


def _unknown_key(value: Any, location: tuple[str | int, ...]) -> tuple[str, str]:
    key = str(location[-1])
    known = known_keys(value, location[:-1])
    message = f"unknown key “{key}”{suggestion(key, known)}"
    near = nearest(key, known)
    if near:
        return message, f'write "{near}" or remove it'
    if SECRET_KEY.search(key):
        return message, "remove it: a key is never part of a config, it is entered with the account"
    return message, f"remove it; {choice(known).replace('write one of', 'known here:')}"


def known_keys(value: Any, location: Iterable[str | int]) -> list[str]:
    """Keys allowed where a location ends."""
    models = [kind for kind in _kinds(value, location) if _is_model(kind)]
    return list(dict.fromkeys(name for model in models for name in _keys(model)))


def _choice_of(value: Any, path: Path) -> str:
    """The words that a key may have, when they are counted."""
    inner = [
        kind
        for model in _kinds(value, path[:-1])
        for each in _inside(model, path[-1])
        for kind in _unwrap(each)
    ]
    literals = [kind for kind in inner if get_origin(kind) is Literal]
    return choice(word for kind in literals for word in get_args(kind))


def _kinds(value: Any, location: Iterable[str | int]) -> list[Any]:
    """What may stand where a location ends: walk the model beside the document."""
    kinds: list[Any] = [ProviderConfig]
    for step in location:
        if isinstance(value, dict) and step in value:
            value, here = value[step], True
        else:
            here = isinstance(value, list) and isinstance(step, int)
            value = value[step] if here and isinstance(step, int) else value
        if here:
            kinds = [inner for kind in kinds for inner in _inside(kind, step)]
    return [kind for each in kinds for kind in _unwrap(each)]


def _inside(kind: Any, step: str | int) -> list[Any]:
    found: list[Any] = []
    for plain in _unwrap(kind):
        if _is_model(plain):
            found += [
                info.rebuild_annotation()
                for name, info in plain.model_fields.items()
                if step in {name, info.alias, *_choices(info.validation_alias)}
            ]
        elif get_origin(plain) in {dict, list}:
            found.append(get_args(plain)[-1])
    return found


def _unwrap(kind: Any) -> list[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        return _unwrap(get_args(kind)[0])
    if origin in {Union, types.UnionType}:
        return [plain for each in get_args(kind) for plain in _unwrap(each)]
    return [kind]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _keys(model: type[BaseModel]) -> list[str]:
    return [
        name
        for field, info in model.model_fields.items()
        for name in (_choices(info.validation_alias) or [info.alias or field])
    ]


def _choices(alias: Any) -> list[str]:
    if isinstance(alias, AliasChoices):
        return [choice for choice in alias.choices if isinstance(choice, str)]
    return [alias] if isinstance(alias, str) else []
