"""Postman collections: folders, variables, inherited authorisation, saved answers."""

from __future__ import annotations

import json

import pytest

from nexnum_console.providers.importing.reading import import_source
from nexnum_console.providers.importing.sample import ImportFault

SECRET = "pm-4f9a8b7c6d5e4f3a2b1c0d9e"


def request(name: str, method: str, url: dict | str, body: object = None, **more: object) -> dict:
    sent: dict = {"method": method, "url": url}
    if body is not None:
        sent["body"] = {"mode": "urlencoded", "urlencoded": body}
    return {"name": name, "request": sent} | more


def answer(code: int, body: object) -> list[dict]:
    return [{"code": code, "body": json.dumps(body), "header": []}]


COLLECTION = {
    "info": {"name": "Numbers"},
    "auth": {"type": "apikey", "apikey": [
        {"key": "key", "value": "token"}, {"key": "value", "value": SECRET},
        {"key": "in", "value": "query"}]},
    "variable": [{"key": "base", "value": "https://api.numbers.example/v1"}],
    "item": [
        {"name": "Wallet", "item": [
            request("Get balance", "GET", "{{base}}/balance",
                    response=answer(200, {"ok": True, "balance": 7.5})),
        ]},
        request("Buy number", "POST", {"raw": "{{base}}/purchase"},
                [{"key": "country", "value": "{{country}}"}, {"key": "service", "value": "tg"},
                 {"key": "old", "value": "1", "disabled": True}],
                response=answer(200, {"ok": True, "id": 5, "number": "79001112233"})
                + answer(200, {"ok": False, "error": "No free numbers"})),
        request("Check sms", "GET", {"raw": "{{base}}/purchase/:purchaseId/sms"},
                response=answer(200, {"ok": True, "status": "RECEIVED", "code": "0042"})),
        request("Cancel", "POST", {"raw": "{{base}}/purchase/{{id}}/cancel"},
                response=answer(200, {"ok": True})),
    ],
}  # fmt: skip


def test_a_collection_becomes_a_draft() -> None:
    draft = import_source("postman", json.dumps(COLLECTION), {})
    config = draft.config
    assert draft.problems == []
    assert config["baseUrl"] == "https://api.numbers.example"
    assert config["auth"] == {"type": "query_param", "name": "token"}
    assert set(draft.evidence) == {"balance", "buy", "status", "cancel"}
    assert config["endpoints"]["buy"]["body"] == {
        "type": "form",
        "fields": {"country": "$country", "service": "$service"},
    }
    assert config["endpoints"]["status"] == {"path": "/v1/purchase/{id}/sms"}
    assert config["endpoints"]["cancel"] == {"method": "POST", "path": "/v1/purchase/{id}/cancel"}
    assert config["mappings"]["cancel"]["match"] == {"ok": True}
    assert config["errors"] == {"words": {"No free numbers": "no_numbers"}, "paths": ["error"]}
    expected = {each["id"]: each["expected"] for each in draft.recordings}
    assert expected["buy-001"] == {
        "ok": {"activation_id": "5", "phone": "+79001112233", "service": "tg", "currency": "USD",
               "country": "{country}"}
    }  # fmt: skip
    assert expected["buy-002"] == {"error": "no_numbers"}
    assert expected["status-001"]["ok"]["code"] == "0042"


def test_a_key_in_the_collection_is_told_and_kept_nowhere() -> None:
    draft = import_source("postman", json.dumps(COLLECTION), {})
    assert [each.place for each in draft.secrets] == [
        "the query parameter token of GET /v1/balance"
    ]
    everything = (
        draft.text + json.dumps(draft.recordings) + str(draft.unknowns) + str(draft.secrets)
    )
    assert SECRET not in everything


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("{}", "no Postman collection"),
        ('{"item": 1}', "no Postman collection"),
        ('{"item": []}', "no call is one"),
        ('{"item": [7, {"name": "x"}]}', "no call is one"),
    ],
)
def test_what_is_no_collection_is_told(text: str, words: str) -> None:
    with pytest.raises(ImportFault) as caught:
        import_source("postman", text, {})
    assert words in str(caught.value)
