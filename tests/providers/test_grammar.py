"""Words of the grammar that no other test needs: each does what the page says of it."""

from __future__ import annotations

import json

import pytest

from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.redaction import redacted
from nexnum_console.providers.reply import read
from nexnum_console.providers.request import build
from tests.providers.making import answer, provider, reading, result


def test_an_object_of_single_values() -> None:
    countries = {"type": "json_keyed_value", "keyField": "id", "valueField": "name"}
    found = result(reading("countries", countries), "countries", answer({"187": "USA", "16": ""}))
    assert found["countries"] == [{"id": "187", "name": "USA"}, {"id": "16", "name": "16"}]
    prices = {"type": "json_keyed_value", "levels": ["country"], "valueField": "price"}
    compiled = reading("prices", prices | {"keyField": "country"})
    found = result(compiled, "prices", answer({"us": 0.50, "de": "free"}), service="tg")
    assert found["offers"] == [{"service": "tg", "country": "us", "price": "0.5"}]
    assert found["skipped"] == 1


def test_words_inside_json() -> None:
    words = {"WAIT": {"state": "waiting"}, "NO": {"state": "cancelled"}}
    mapping = {"type": "text_words", "words": words, "wordPaths": ["data.said", "status"]}
    compiled = reading("status", mapping)
    assert result(compiled, "status", answer({"status": "wait"}))["state"] == "waiting"
    assert result(compiled, "status", answer({"data": {"said": "NO"}}))["state"] == "cancelled"
    assert result(compiled, "status", answer("WAIT"))["state"] == "waiting"
    assert result(compiled, "status", answer({"status": "?"})) == {"error": "parse_error"}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (True, "finished"),
        ("Yes", "finished"),
        (1, "finished"),
        ("0", "waiting"),
        (False, "waiting"),
    ],
)
def test_a_yes_or_no_becomes_a_state(said: object, state: str) -> None:
    origin = {"from": "done", "as": "boolean", "map": {"true": "finished", "false": "waiting"}}
    compiled = reading("status", {"type": "json_object", "fields": {"state": origin}})
    assert result(compiled, "status", answer({"done": said}))["state"] == state


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<html><body>STATUS_OK:4821</body></html>", {"state": "received", "code": "4821"}),
        ("\ufeff<pre>STATUS_OK:Code 12</pre>\n", {"state": "received", "code": "Code 12"}),
        ("<html><h1>503 Service Unavailable</h1></html>", {"error": "provider_unavailable"}),
        ("<h1>FORBIDDEN</h1>", {"error": "provider_unavailable"}),
        ("<p>NO_ACTIVATION</p>", {"error": "activation_not_found"}),
    ],
)
def test_a_word_in_a_web_page(body: str, found: dict) -> None:
    mapping = {
        "type": "text_regex",
        "regex": "^STATUS_OK:(?<code>.+)$",
        "fields": {"code": "code"},
        "constants": {"state": "received"},
        "errors": {"words": {"NO_ACTIVATION": "activation_not_found"}},
    }
    assert result(reading("status", mapping), "status", answer(body)) == found


def test_the_flat_keys_of_auth() -> None:
    for kind, name in (("header", "authHeader"), ("query_param", "authQueryParam")):
        config = {
            "name": "flat",
            "baseUrl": "https://x.example",
            "authType": kind,
            name: "X-Api-Key",
            "endpoints": {"getBalance": {"path": "/b"}},
            "mappings": {"getBalance": {"type": "json_value", "valueField": "balance"}},
        }
        request = build(compile_config(load_config(json.dumps(config), "c")), "balance", {}, "K")
        sent = dict(request.headers).get("X-Api-Key") or request.url.partition("X-Api-Key=")[2]
        assert sent == "K"


def test_a_resend_that_costs_money_is_sent_once() -> None:
    endpoints = {
        "resend": {"path": "/again/{id}", "effect": "spend"},
        "finish": {"path": "/done/{id}"},
    }
    done = {"type": "json_object", "constants": {"state": "retry"}}
    compiled = provider(endpoints, {"resend": done, "finish": done})
    effects = [build(compiled, name, {"id": "7"}, "K").effect for name in ("resend", "finish")]
    assert effects == ["spend", "release"]


def test_a_phone_travels_in_the_form_that_is_asked_for() -> None:
    forms = {"as": ["phone", "digits", "national"], "sent": ["+12025550100", "12025550100"]}
    query = {each: {"$value": "$phone", "as": each} for each in forms["as"]}
    done = {"type": "json_object", "constants": {"state": "cancelled"}}
    compiled = provider({"cancel": {"path": "/c", "queryParams": query}}, {"cancel": done})
    url = build(compiled, "cancel", {"phone": "+12025550100"}, "K").url
    assert url.endswith("?phone=%2B12025550100&digits=12025550100&national=2025550100")


def test_a_refusal_that_is_no_certain_one() -> None:
    rules = [{"status": 503, "text": "busy", "code": "rate_limited", "unsure": True}]
    sale = {"type": "json_object", "fields": {"activation_id": "id", "phone": "p"}}
    compiled = reading("buy", sale, errors={"rules": rules})
    with pytest.raises(ProviderError) as caught:
        read(compiled, "buy", answer("Busy", 503), {})
    assert (caught.value.code, caught.value.declined) == ("rate_limited", False)
    assert redacted(caught.value, "S").declined is False
    with pytest.raises(ProviderError) as caught:
        read(compiled, "buy", answer("", 429), {})
    assert caught.value.declined
