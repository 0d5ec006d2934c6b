"""Value maps on the way back: the provider's words for countries and services become ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.vocabulary import LIST_KEYS

Localise = Callable[[NormalForm], NormalForm]

_MAPPED: Final = ("country", "service", "operator")
_OWN_NAME: Final = {"countries": ("id", "country"), "services": ("code", "service")}


def localiser(operation: str, value_maps: Mapping[str, Mapping[str, str]]) -> Localise | None:
    """What turns a result's words back, or None where the config maps none.

    Where two of our words are one of theirs, the first written is the one that comes back.
    """
    tables = {name: _inverse(value_maps[name]) for name in _MAPPED if name in value_maps}
    if not tables:
        return None
    if operation == "operators":
        return lambda result: _operators(result, tables)
    fields = dict(tables)
    if operation in _OWN_NAME:
        field, variable = _OWN_NAME[operation]
        fields = {field: tables[variable]} if variable in tables else {}
    key = LIST_KEYS.get(operation)

    def translate(result: NormalForm) -> NormalForm:
        for row in result[key] if key else [result]:
            for field, table in fields.items():
                if field in row:
                    row[field] = table.get(row[field], row[field])
        return result

    return translate


def _inverse(table: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for ours, theirs in table.items():
        found.setdefault(theirs, ours)
    return found


def _operators(result: NormalForm, tables: Mapping[str, Mapping[str, str]]) -> NormalForm:
    country, operator = tables.get("country", {}), tables.get("operator", {})
    grouped: dict[str, Any] = {
        country.get(place, place): [operator.get(name, name) for name in names]
        for place, names in result["operators"].items()
    }
    return result | {"operators": grouped}
