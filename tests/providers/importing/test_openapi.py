"""OpenAPI documents: the operations, their fields, and documents that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from nexnum_console.providers.importing.openapi import document, samples
from nexnum_console.providers.importing.reading import import_source
from nexnum_console.providers.importing.sample import ImportFault

ACME = (Path(__file__).parent / "sources" / "acme.yaml").read_text("utf-8")


@pytest.mark.parametrize("text", [ACME, json.dumps(yaml.safe_load(ACME))])
def test_a_documented_provider_becomes_a_draft(text: str) -> None:
    draft = import_source("openapi", text, {})
    config = draft.config
    assert draft.problems == []
    assert (config["name"], config["baseUrl"]) == ("acme-sms", "https://eu.acme-sms.example")
    assert config["auth"] == {"type": "header", "name": "X-Api-Key"}
    assert set(draft.evidence) == {
        "balance", "countries", "prices", "buy", "status", "active", "cancel", "finish",
    }  # fmt: skip
    assert config["endpoints"]["buy"] == {
        "method": "POST",
        "path": "/api/v2/orders",
        "body": {
            "type": "json",
            "fields": {"country": "$country", "product": "$service", "max_price": "$max_price"},
        },
    }
    assert config["endpoints"]["cancel"] == {"method": "DELETE", "path": "/api/v2/orders/{id}"}
    assert config["mappings"]["buy"]["fields"] == {
        "activation_id": "order_id",
        "phone": "phone",
        "cost": "cost",
        "expires_at": "expires_at",
    }
    assert config["mappings"]["status"]["messages"] == {
        "path": "messages", "code": "code", "text": "body", "sender": "from",
    }  # fmt: skip
    assert config["mappings"]["prices"]["levels"] == ["country", "service"]
    assert config["mappings"]["countries"]["rootPath"] == "data"
    assert config["statuses"]["canceled"] == "cancelled"
    assert config["errors"]["words"]["out_of_stock"] == "no_numbers"


def test_what_the_document_cannot_tell_is_listed() -> None:
    told = "\n".join(map(str, import_source("openapi", ACME, {}).unknowns))
    for words in (
        "POST /api/v2/auth/login was not taken for any operation",
        "the refusal “E_17” means",
        "the status “on_hold” means",
        "no call was seen for “services”",
        "the currency was taken as USD",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no OpenAPI document"),
        ("[1]", "no OpenAPI document"),
        ("swagger: '2.0'", "Swagger 2"),
        ("openapi: 2.5.0", "OpenAPI 2.5.0 is not read"),
        ("openapi: 3.0.0\n  bad: [", "line 2"),
        ("a: &a [x]\n" + "".join(f"b{i}: *a\n" for i in range(2500)), "at most 2000 are read"),
        ("openapi: !!python/object/apply:os.system [id]", "neither JSON nor YAML"),
        ("openapi: 3.1.0\npaths: {}", "no call is one"),
        ("openapi: 3.1.0\npaths:\n  /pets:\n    get: {}", "no call is one"),
    ],
)
def test_what_is_no_document_is_told(text: str, words: str) -> None:
    with pytest.raises(ImportFault) as caught:
        import_source("openapi", text, {})
    assert words in str(caught.value)


def test_references_that_turn_in_circles_come_to_an_end() -> None:
    spec = {
        "openapi": "3.1.0",
        "paths": {"/balance": {"get": {"responses": {"200": {"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/A"}}}}}}}},
        "components": {"schemas": {
            "A": {"type": "object", "properties": {
                "balance": {"type": "number"}, "next": {"$ref": "#/components/schemas/A"}}},
            "B": {"$ref": "#/components/schemas/B"},
        }},
    }  # fmt: skip
    (found,) = samples(json.dumps(spec))
    assert '"balance": "0.5"' in found.answers[0].body


def test_dates_and_keys_of_yaml_are_texts() -> None:
    assert document("a: 2026-01-01\n") == {"a": "2026-01-01"}
