"""Bodies of requests, compiled: form, JSON with types, multipart, raw text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from nexnum_console.providers import grammar, transforms
from nexnum_console.providers.parts import Param
from nexnum_console.providers.templates import LISTS, Encode, Template, Variables

Pairs = list[tuple[str, str]]
Node = Callable[[Variables], Any]

LITERAL: Final = "$literal"
_LEFT_OUT: Final = object()
_TYPED: Final[dict[str, Callable[[str], Any]]] = {
    "integer": transforms.integer,
    "decimal": lambda text: Decimal(found) if (found := transforms.decimal(text)) else None,
    "number": lambda text: Decimal(found) if (found := transforms.decimal(text)) else None,
    "boolean": lambda text: {"true": True, "false": False}.get(transforms.boolean(text) or ""),
    "json": transforms.decoded,
    "list": lambda text: [part for part in text.split(",") if part],
    "integers": lambda text: [
        found for part in text.split(",") if (found := transforms.integer(part)) is not None
    ],
}


class Parameter(Template):
    """A template whose value is mapped, transformed, and has a default."""

    __slots__ = ("_back_again", "_changes", "_default", "_map", "kind")

    def __init__(self, param: Param) -> None:
        super().__init__(literal(param.value))
        self._map = param.map or {}
        self._back_again = {theirs: ours for ours, theirs in reversed(self._map.items())}
        self._default = param.default
        names = transforms.steps(param.as_)
        self.kind = names[-1] if names else ""
        self._changes = tuple(map(transforms.named, names))

    def render(self, variables: Variables, encode: Encode = str) -> str | None:
        """The value as it is sent, or None when it is left out."""
        value = super().render(variables, encode)
        if value is not None:
            value = self._map.get(value, value)
            found: Any = value
            for change in self._changes:
                found = change(found)
            value = transforms.text(found)
        return value or self._default

    def read(self, text: str) -> dict[str, str] | None:
        """The way back through the map."""
        return super().read(self._back_again.get(text, text))

    def typed(self, variables: Variables) -> Any:
        """The value with the type that JSON has for it."""
        value = self.render(variables)
        if value is None:
            return _LEFT_OUT
        found = _TYPED[self.kind](value) if self.kind in _TYPED else value
        return _LEFT_OUT if found is None else found


@dataclass(frozen=True, slots=True)
class CompiledBody:
    """``pairs``: every value by its dotted name, as a form sends it and a recording shows it."""

    type: str
    pairs: tuple[tuple[str, Template], ...]
    tree: Node | None
    raw: Template | None
    content_type: str | None


def template(value: str | int | bool | Param) -> Template:
    """A value of ``queryParams`` or of a form, compiled."""
    return Parameter(value) if isinstance(value, Param) else Template(literal(value))


def literal(value: str | int | bool) -> str:
    """A config's scalar as it travels."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def compile_body(body: grammar.Body | None) -> CompiledBody | None:
    """Compile a body; raises UnknownVariable, ValueError or KeyError (an unknown transform)."""
    if body is None:
        return None
    pairs: list[tuple[str, Template]] = []
    node = _node("", body.fields, pairs)
    return CompiledBody(
        body.type,
        tuple(pairs),
        node if body.type == "json" else None,
        Template(body.text or "") if body.type == "raw" else None,
        body.content_type,
    )


def encode_body(
    body: CompiledBody | None, extra: Pairs, variables: Variables
) -> tuple[bytes, str] | None:
    """(content, its type), None without a body. ``extra``: what auth puts in front."""
    if body is None or body.type == "form":
        return _form(body, extra, variables)
    if body.raw is not None:
        written = body.raw.render(variables)
        return (written or "").encode(), body.content_type or "text/plain; charset=utf-8"
    if body.tree is not None:
        tree = body.tree(variables)
        content = json_text({**dict(extra), **tree} if isinstance(tree, dict) else tree)
        return content.encode(), body.content_type or "application/json"
    return _multipart([*extra, *filled(body.pairs, variables)])


def filled(templates: tuple[tuple[str, Template], ...], variables: Variables) -> Pairs:
    """Values to send; one whose variable is not given is left out, a list comes once for each."""
    rendered = [(name, each.render(variables), each) for name, each in templates]
    return [
        (name, part)
        for name, value, each in rendered
        if value is not None
        for part in (value.split(",") if is_list(each) else (value,))
    ]


def is_list(each: Template) -> bool:
    """Whether a parameter is sent once for each of its values."""
    return isinstance(each, Parameter) and each.kind in LISTS


def json_text(value: Any) -> str:
    """JSON in which decimals keep their digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        members = (f"{json.dumps(k, ensure_ascii=False)}: {json_text(v)}" for k, v in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _form(
    body: CompiledBody | None, extra: Pairs, variables: Variables
) -> tuple[bytes, str] | None:
    if body is None and not extra:
        return None
    pairs = [*extra, *(filled(body.pairs, variables) if body else [])]
    written = body.content_type if body else None
    return urlencode(pairs).encode(), written or "application/x-www-form-urlencoded"


def _multipart(pairs: Pairs) -> tuple[bytes, str]:
    """The boundary comes from the content, so that the same request has the same bytes."""
    digest = hashlib.sha256(repr(pairs).encode()).hexdigest()[:32]
    boundary = f"part-{digest}"
    lines = []
    for name, value in pairs:
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        lines.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{quoted}"\r\n\r\n{value}\r\n'
        )
    content = "".join(lines) + f"--{boundary}--\r\n"
    return content.encode(), f"multipart/form-data; boundary={boundary}"


def _node(name: str, value: Any, pairs: list[tuple[str, Template]]) -> Node:
    """Compile one member of a body; what has no value is left out where it stands."""
    if isinstance(value, Mapping) and LITERAL in value:
        fixed = value[LITERAL]
        return lambda variables: fixed
    if isinstance(value, Mapping) and "$value" in value:
        parameter = Parameter(Param.model_validate(dict(value)))
        pairs.append((name, parameter))
        return parameter.typed
    if isinstance(value, Mapping):
        members = {key: _node(_dotted(name, key), each, pairs) for key, each in value.items()}
        return lambda variables: _present({k: get(variables) for k, get in members.items()})
    if isinstance(value, list):
        listed = [_node(_dotted(name, str(i)), each, pairs) for i, each in enumerate(value)]
        return lambda variables: [
            found for get in listed if (found := get(variables)) is not _LEFT_OUT
        ]
    if isinstance(value, str):
        compiled = Template(value)
        pairs.append((name, compiled))
        return lambda variables: _given(compiled.render(variables))
    if value is not None:
        pairs.append((name, Template(literal(value))))
    return lambda variables: value


def _dotted(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _given(value: str | None) -> Any:
    return _LEFT_OUT if value is None else value


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not _LEFT_OUT}
