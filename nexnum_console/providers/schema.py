"""JSON Schema of a provider config, for editors: generated, never written by hand."""

from __future__ import annotations

import json
from typing import Any

from nexnum_console.providers.grammar import ProviderConfig
from nexnum_console.providers.vocabulary import EFFECTS, OPERATION_ALIASES


def schema() -> dict[str, Any]:
    """The schema of camelCase configs, with both names of the base URL."""
    generated = ProviderConfig.model_json_schema(by_alias=True)
    generated["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    generated["title"] = "NexNum Console provider config"
    properties = generated["properties"]
    properties["apiBaseUrl"] = properties["baseUrl"]
    generated["required"].remove("baseUrl")
    generated["oneOf"] = [{"required": ["baseUrl"]}, {"required": ["apiBaseUrl"]}]
    names = {"enum": [*EFFECTS, *OPERATION_ALIASES]}
    properties["endpoints"]["propertyNames"] = names
    properties["mappings"]["propertyNames"] = names
    return generated


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
