"""JSON Schema of a provider config, for editors: generated, never written by hand."""

from __future__ import annotations

import json
from typing import Any

from nexnum_console.providers.grammar import ProviderConfig
from nexnum_console.providers.vocabulary import EFFECTS, OPERATION_ALIASES, OUTPUTS, STATES


def schema() -> dict[str, Any]:
    """The schema of camelCase configs, with both names of the base URL, needed where one asks."""
    generated = ProviderConfig.model_json_schema(by_alias=True)
    generated["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    generated["title"] = "NexNum Console provider config"
    properties = generated["properties"]
    properties["apiBaseUrl"] = properties["baseUrl"]
    named = [{"required": ["baseUrl"]}, {"required": ["apiBaseUrl"]}]
    asks = {"required": ["endpoints"], "properties": {"endpoints": {"minProperties": 1}}}
    generated |= {"if": asks, "then": {"oneOf": named}, "else": {"not": {"allOf": named}}}
    names = {"enum": [*EFFECTS, *OPERATION_ALIASES]}
    properties["endpoints"]["propertyNames"] = names
    properties["mappings"]["propertyNames"] = names
    return generated


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def hints() -> dict[str, Any]:
    """The schema as an editor in a page needs it: what may stand where, and what it is for."""
    found: dict[str, Any] = _bare(schema())
    return found


def _bare(part: Any) -> Any:
    if isinstance(part, list):
        return [_bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    left_out = {"title", "default", "minLength", "exclusiveMinimum", "minimum", "maximum"}
    return {
        name: {key: _bare(one) for key, one in inner.items()}
        if name in {"properties", "$defs"}
        else _bare(inner)
        for name, inner in part.items()
        if name not in left_out
    }


def words() -> tuple[list[str], list[str]]:
    """(keys, values) that a config may hold, for an editor to offer."""
    keys: set[str] = set()
    values: set[str] = set()
    parts = [schema()]
    while parts:
        part = parts.pop()
        for name, inner in part.items():
            if name == "properties":
                keys |= set(inner)
            if name == "enum":
                values |= {str(one) for one in inner if one is not None}
            every = inner if isinstance(inner, list) else [inner]
            parts += [one for one in every if isinstance(one, dict)]
    outputs = {name for names in OUTPUTS.values() for name in names}
    operations = {*EFFECTS, *OPERATION_ALIASES}
    return sorted(keys | outputs | operations), sorted((values - operations) | set(STATES))
