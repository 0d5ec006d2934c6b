"""Drafts from curl commands alone: requests are certain, answers are open points."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers.importing.lexicon import refusal_of, state_of
from nexnum_console.providers.importing.reading import KINDS, import_source
from nexnum_console.providers.importing.sample import ImportFault

COMMANDS = """
curl 'https://api.tel.example/v3/user/balance' -H 'Authorization: Bearer eyJ0b2tlbjEyMzQ1Njc4OTA'
curl 'https://api.tel.example/v3/orders' -H 'Authorization: Bearer eyJ0b2tlbjEyMzQ1Njc4OTA' \\
  --json '{"country": "de", "service": "telegram", "maxPrice": 0.5, "channel": "sms"}'
curl 'https://api.tel.example/v3/orders/8213/status' -H 'Authorization: Bearer eyJ0b2tlbjEyMzQ1'
curl -X POST https://api.tel.example/v3/orders/8213/cancel
curl https://api.tel.example/v3/weather
"""


def test_curl_commands_become_requests() -> None:
    draft = import_source("curl", COMMANDS, {})
    assert draft.problems == []
    assert draft.config["auth"] == {"type": "bearer"}
    assert draft.config["endpoints"] == {
        "balance": {"path": "/v3/user/balance"},
        "buy": {
            "method": "POST",
            "path": "/v3/orders",
            "body": {
                "type": "json",
                "fields": {
                    "country": "$country",
                    "service": "$service",
                    "maxPrice": "$max_price",
                    "channel": "sms",
                },
            },
        },
        "status": {"path": "/v3/orders/{id}/status"},
        "cancel": {
            "method": "POST",
            "path": "/v3/orders/{id}/cancel",
            "authenticated": False,
        },
    }
    told = "\n".join(map(str, draft.unknowns))
    assert "/mappings/buy: no answer was seen" in told
    assert "GET /v3/weather was not taken for any operation" in told
    assert "eyJ0b2tlbj" not in draft.text + told + str(draft.secrets)
    assert len(draft.secrets) == 2


@pytest.mark.parametrize(
    ("options", "auth", "secrets"),
    [
        ("-H 'X-Api-Key: 9f8e7d'", {"type": "header", "name": "X-Api-Key"}, 1),
        ("-H 'Authorization: Token 9f8e7d'",
         {"type": "header", "name": "Authorization", "prefix": "Token "}, 1),
        ("-u shop:9f8e7d", {"type": "basic", "username": "shop"}, 1),
        ("-u 9f8e7d:", {"type": "basic"}, 1),
        ("-H 'Authorization: Basic c2hvcDo5ZjhlN2Q='", {"type": "basic", "username": "shop"}, 1),
        ("-d api_key=9f8e7d", {"type": "form_param", "name": "api_key"}, 1),
        ("-H 'X-Api-Key: YOUR_API_KEY'", {"type": "header", "name": "X-Api-Key"}, 0),
        ("-H 'Authorization: Bearer {{token}}'", {"type": "bearer"}, 0),
        ("-b 'session=9f8e7d'", {"type": "none"}, 1),
        ("", {"type": "none"}, 0),
    ],
)  # fmt: skip
def test_how_the_key_travels(options: str, auth: dict, secrets: int) -> None:
    draft = import_source("curl", f"curl https://a.example/balance {options}", {})
    assert draft.config["auth"] == auth
    assert len(draft.secrets) == secrets
    assert "9f8e7d" not in draft.text + str(draft.unknowns) + str(draft.secrets)


@pytest.mark.parametrize(
    ("path", "templated"),
    [
        ("/v1/user/buy/activation/england/any/facebook", "{country}/{operator|any}/{service}"),
        ("/buy/telegram/england", "/buy/{service}/{country}"),
        ("/buy/RU/opt20", "/buy/{country}/{service}"),
        ("/buy/{country_code}/{productId}", "/buy/{country}/{service}"),
        ("/buy.php", "/buy.php"),
    ],
)
def test_what_varies_in_a_path(path: str, templated: str) -> None:
    draft = import_source("curl", f"curl -X POST https://a.example{path}", {})
    assert draft.config["endpoints"]["buy"]["path"].endswith(templated)


@pytest.mark.parametrize(
    ("words", "code"),
    [("NO_NUMBERS", "no_numbers"), ("Not enough funds", "no_balance"), ("BAD_KEY", "bad_key"),
     ("Invalid API token", "bad_key"), ("wrong service", "bad_service"),
     ("Order not found", "activation_not_found"), ("EARLY_CANCEL_DENIED", "cancel_too_early"),
     ("Too many requests", "rate_limited"), ("You are banned", "account_blocked"),
     ("ERROR_SQL", "provider_error"), ("lovely weather", None)],
)  # fmt: skip
def test_refusals_in_words(words: str, code: str | None) -> None:
    assert refusal_of(words) == code


@pytest.mark.parametrize(
    ("word", "state"),
    [("PENDING", "waiting"), ("STATUS_WAIT_CODE", "waiting"), ("Timed-Out", "expired"),
     ("REFUNDED", "cancelled"), ("sms_received", "received"), ("purple", None)],
)  # fmt: skip
def test_states_in_words(word: str, state: str | None) -> None:
    assert state_of(word) == state


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["log", "entries", "request", "response", "url", "method", "status", "content", "text",
             "item", "openapi", "paths", "get", "responses", "200", "data", "price", "id", "phone"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(KINDS), junk=JSON | st.text(max_size=60))
def test_junk_is_refused_in_words_and_nothing_else_escapes(kind: str, junk: object) -> None:
    text = junk if isinstance(junk, str) else json.dumps(junk)
    try:
        draft = import_source(kind, text, {})
    except ImportFault:
        return
    assert draft.evidence


@settings(max_examples=150, deadline=None)
@given(
    action=st.sampled_from(["balance", "countries", "services", "prices", "buy", "status", "orders",
                            "cancel/71", "operators", "check/71", "finish/71"]),
    body=JSON,
    status=st.sampled_from([200, 201, 400, 404, 500]),
)  # fmt: skip
def test_whatever_was_answered_the_draft_is_valid(action: str, body: object, status: int) -> None:
    text = json.dumps(
        {"log": {"entries": [{
            "request": {"method": "GET", "url": f"https://a.example/{action}?country=1&service=tg"},
            "response": {"status": status, "content": {"text": json.dumps(body)}},
        }]}}
    )  # fmt: skip
    try:
        draft = import_source("har", text, {})
    except ImportFault:
        return
    assert draft.problems == []
