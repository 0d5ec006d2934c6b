"""The reference page of the grammar, ``docs/provider-reference.md``: generated from the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nexnum_console.providers.errors import Code
from nexnum_console.providers.schema import schema
from nexnum_console.providers.sources import ACCESSORS
from nexnum_console.providers.transforms import MARKED, NAMED
from nexnum_console.providers.vocabulary import (
    EFFECTS,
    OPERATION_ALIASES,
    OUTPUTS,
    REQUIRED,
    STATES,
    VARIABLE_ALIASES,
    VARIABLES,
)

_HEAD: Final = """# Reference of the provider grammar

Generated from the model that validates configs; [providers.md](providers.md) teaches it by example.
"""


def reference_text() -> str:
    """The page as its file holds it."""
    described = schema()
    parts = [_HEAD, *_vocabulary(), "\n## The config\n", *_table(described, described)]
    for name, definition in sorted(described["$defs"].items()):
        if "properties" in definition:
            parts += [f"\n## {name}\n", *_table(definition, described)]
    return "\n".join(parts) + "\n"


def _vocabulary() -> Iterator[str]:
    yield "\n## Operations\n"
    yield "| operation | effect | outputs (needed ones in bold) | also written |"
    yield "|---|---|---|---|"
    for operation, effect in EFFECTS.items():
        needed = REQUIRED[operation]
        outputs = ", ".join(f"**{n}**" if n in needed else n for n in OUTPUTS[operation])
        aliases = [alias for alias, name in OPERATION_ALIASES.items() if name == operation]
        yield f"| `{operation}` | {effect} | {outputs} | {', '.join(aliases)} |"
    yield "\n## Variables\n"
    aliases_of = {
        name: [alias for alias, meant in VARIABLE_ALIASES.items() if meant == name]
        for name in VARIABLES
    }
    for name, aliases in aliases_of.items():
        also = f" (also {', '.join(f'`${alias}`' for alias in aliases)})" if aliases else ""
        yield f"- `${name}`{also}"
    yield "\n## States\n"
    yield ", ".join(f"`{state}`" for state in STATES)
    yield "\n## Errors\n"
    yield ", ".join(f"`{code.value}`" for code in Code)
    yield "\n## Transforms\n"
    yield ", ".join(f"`{name}`" for name in NAMED)
    yield "\nWith a mark: " + ", ".join(f"`{name}:…`" for name in MARKED)
    yield "\n## Accessors of a value\n"
    yield ", ".join(f"`{name}`" for name in ACCESSORS)


def _table(definition: dict[str, Any], described: dict[str, Any]) -> Iterator[str]:
    text = " ".join(str(definition.get("description", "")).replace("``", "`").split())
    if text:
        yield text + "\n"
    yield "| key | value | default | |"
    yield "|---|---|---|---|"
    required = set(definition.get("required", ()))
    for name, spec in definition["properties"].items():
        if name == "$schema":
            continue
        default = "needed" if name in required else _default(spec)
        meaning = " ".join(str(spec.get("description", "")).split())
        yield f"| `{name}` | {_kind(spec, described)} | {default} | {_cell(meaning)} |"


def _default(spec: dict[str, Any]) -> str:
    default = spec.get("default")
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "" if default in (None, "", [], {}) else f"`{default}`"


def _kind(spec: dict[str, Any], described: dict[str, Any]) -> str:
    if "$ref" in spec:
        name = spec["$ref"].rsplit("/", 1)[1]
        target = described["$defs"].get(name, {})
        if "properties" in target:
            return f"[{name}](#{name.lower()})"
        return _kind(target, described) if "enum" not in target else f"{name} (above)"
    for union in ("anyOf", "oneOf"):
        if union in spec:
            kinds = [_kind(each, described) for each in spec[union] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    return _plain_kind(spec, described)


def _plain_kind(spec: dict[str, Any], described: dict[str, Any]) -> str:
    if "const" in spec:
        return f"`{spec['const']}`"
    if "enum" in spec:
        return ", ".join(f"`{each}`" for each in spec["enum"])
    if spec.get("type") == "array":
        return f"list of {_kind(spec.get('items', {}), described)}"
    if spec.get("type") == "object":
        inner = spec.get("additionalProperties")
        return f"object of {_kind(inner, described)}" if isinstance(inner, dict) else "object"
    return {"string": "text", "boolean": "true or false"}.get(
        str(spec.get("type", "any value")), str(spec.get("type", "any value"))
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
