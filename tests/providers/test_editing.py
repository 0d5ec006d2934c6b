"""The form's edits change what they name and leave the rest as it was written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nexnum_console.core.errors import InvalidInput
from nexnum_console.providers import editing


def _document() -> dict[str, Any]:
    return {
        "name": "acme",
        "rateLimit": {"requests": 5},
        "endpoints": {"getNumber": {"path": "/a/b", "queryParams": {"x~y/z": "$service", "b": 1}}},
        "mappings": {
            "getNumber": {
                "replies": [{"type": "json_object", "fields": {"id": {"from": "id", "as": "trim"}}}]
            }
        },
    }


def test_a_value_is_written_where_it_stands() -> None:
    document = _document()
    editing.put(document, "/endpoints/getNumber/queryParams/x~0y~1z", "")
    editing.put(document, "/endpoints/getNumber/queryParams/b", "12")
    editing.put(document, "/mappings/getNumber/replies/0/fields/id", "order.id")
    editing.put(document, "/rateLimit/perSeconds", "0.5")
    editing.put(document, "/displayName", "Acme")
    assert document["endpoints"]["getNumber"]["queryParams"] == {"x~y/z": "", "b": 12}
    reply = document["mappings"]["getNumber"]["replies"][0]
    assert reply["fields"]["id"] == {"from": "order.id", "as": "trim"}
    assert document["rateLimit"] == {"requests": 5, "perSeconds": 0.5}
    assert list(document) == ["name", "rateLimit", "endpoints", "mappings", "displayName"]
    editing.put(document, "/displayName", "")
    assert "displayName" not in document


def test_a_renamed_key_keeps_its_place() -> None:
    document = _document()
    where = "/endpoints/getNumber/queryParams"
    editing.rename(document, f"{where}/x~0y~1z", "product")
    assert list(document["endpoints"]["getNumber"]["queryParams"]) == ["product", "b"]
    with pytest.raises(InvalidInput, match="is there already"):
        editing.rename(document, f"{where}/product", "b")
    with pytest.raises(InvalidInput):
        editing.rename(document, f"{where}/nothing", "c")
    editing.rename(document, f"{where}/product", "")
    assert document["endpoints"]["getNumber"]["queryParams"] == {"b": 1}


def test_a_pair_is_added_under_a_free_name() -> None:
    document = _document()
    assert editing.add(document, "/headers", "new", "") == "/headers/new"
    assert editing.add(document, "/headers", "new", "") == "/headers/new2"
    with pytest.raises(InvalidInput):
        editing.add(document, "/mappings/getNumber/replies", "new", "")


@pytest.mark.parametrize("pointer", ["/mappings/getNumber/replies/7/type", "/name/x/y"])
def test_a_place_that_is_gone_changes_nothing(pointer: str) -> None:
    document = _document()
    before = json.dumps(document)
    with pytest.raises(InvalidInput):
        editing.put(document, pointer, "x")
    if pointer.startswith("/mappings"):
        assert json.dumps(document) == before


def test_looking_is_safe() -> None:
    document = _document()
    assert editing.look(document, "/mappings/getNumber/replies/0/type") == "json_object"
    assert editing.look(document, "/mappings/getNumber/replies/9") is None
    assert editing.look(document, "/name/deep") is None
    assert editing.look(document, "/endpoints/getNumber/queryParams/x~0y~1z") == "$service"
