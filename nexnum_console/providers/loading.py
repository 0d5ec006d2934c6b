"""Reading a config: every fault at once, each with pointer, line, column and a cure."""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nexnum_console.providers.check import Fault, faults
from nexnum_console.providers.check_parts import part_faults
from nexnum_console.providers.grammar import ProviderConfig
from nexnum_console.providers.positions import (
    Document,
    Path,
    Position,
    SyntaxProblem,
    parse,
    pointer,
)

_NEAR = 0.55


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a config file. ``pointer`` is an RFC 6901 pointer into it."""

    source: str
    pointer: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        where = f"{self.source}:{self.line}:{self.column}"
        return f"{where}: {self.message} (at {self.pointer or '/'})"


class ConfigError(ValueError):
    """A config cannot be used; ``problems`` says all that is wrong, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load_config(text: str, source_name: str) -> ProviderConfig:
    """Parse and check a config; raises ConfigError."""
    try:
        document = parse(text)
    except SyntaxProblem as problem:
        raise ConfigError(
            [_problem(source_name, (), problem.position, problem.message)]
        ) from problem
    try:
        config = ProviderConfig.model_validate(document.value)
    except ValidationError as error:
        found = [_from_pydantic(document, source_name, each) for each in error.errors()]
        raise ConfigError(_in_order(found)) from error
    found = [
        _from_fault(document, source_name, fault)
        for fault in (*faults(config), *part_faults(config))
    ]
    if found:
        raise ConfigError(_in_order(found))
    return config


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean “…”?`` or nothing."""
    best = process.extractOne(
        word, list(known), scorer=OSA.normalized_similarity, score_cutoff=_NEAR
    )
    return f"; did you mean “{best[0]}”?" if best else ""


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _problem(source: str, path: Path, position: Position, message: str) -> Problem:
    return Problem(source, pointer(path), position.line, position.column, message)


def _from_fault(document: Document, source: str, fault: Fault) -> Problem:
    path = _resolve(document.value, fault.path)
    line, column = document.position(path, key=fault.at_key)
    message = fault.message + (suggestion(fault.word, fault.known) if fault.word else "")
    return Problem(source, pointer(path), line, column, message)


def _from_pydantic(document: Document, source: str, error: ErrorDetails) -> Problem:
    location = error["loc"]
    path = _resolve(document.value, location)
    at_key = error["type"] == "extra_forbidden"
    return _problem(
        source, path, document.position(path, key=at_key), _message(document.value, error)
    )


def _message(value: Any, error: ErrorDetails) -> str:
    location = error["loc"]
    if error["type"] == "extra_forbidden":
        key = str(location[-1])
        return f"unknown key “{key}”{suggestion(key, _known_keys(value, location[:-1]))}"
    if error["type"] == "missing":
        return f"“{location[-1]}” is missing"
    text = error["msg"].removeprefix("Value error, ")
    given = error["input"]
    if isinstance(given, str):
        expected = error.get("ctx", {}).get("expected", "")
        near = suggestion(given, str(expected).replace("'", "").replace(" or ", ", ").split(", "))
        return f"{text[:1].lower()}{text[1:]}, not “{given}”{near}"
    return text[:1].lower() + text[1:]


def _resolve(value: Any, location: Iterable[str | int]) -> Path:
    """The part of a location that is in the document: tags of unions are stepped over, and a key
    is found in either spelling."""
    path: list[str | int] = []
    for step in location:
        if isinstance(value, dict):
            key = next((key for key in value if key == step or _same(key, step)), None)
            if key is not None:
                path.append(key)
                value = value[key]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            path.append(step)
            value = value[step]
    return tuple(path)


def _same(key: str, step: str | int) -> bool:
    return isinstance(step, str) and _plain(key) == _plain(step)


def _plain(key: str) -> str:
    """A key without its spelling: base_url, baseUrl and apiBaseUrl are one."""
    return key.replace("_", "").lower().removeprefix("api")


def _known_keys(value: Any, location: Iterable[str | int]) -> list[str]:
    """Keys allowed where a location ends: walk the model beside the document."""
    kinds: list[Any] = [ProviderConfig]
    for step in location:
        if isinstance(value, dict) and step in value:
            value, here = value[step], True
        else:
            here = isinstance(value, list) and isinstance(step, int)
            value = value[step] if here and isinstance(step, int) else value
        if here:
            kinds = [inner for kind in kinds for inner in _inside(kind, step)]
    models = [kind for each in kinds for kind in _unwrap(each) if _is_model(kind)]
    return [name for model in models for name in _keys(model)]


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
