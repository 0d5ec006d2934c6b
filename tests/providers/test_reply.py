"""Answers beyond the recordings: dialect tokens, junk, and what must never be misread."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.reply import read

ORDER = {
    "id": 7,
    "phone": "+447350690992",
    "operator": "vodafone",
    "product": "facebook",
    "price": 0.1,
    "status": "RECEIVED",
    "expires": "2018-10-13T08:28:38.809469028Z",
    "sms": None,
    "created_at": "2018-10-13T08:13:38.809469028Z",
    "country": "england",
}
PAGE = "<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>"


def said(
    compiled: CompiledProvider, operation: str, body: Any, status: int = 200, **variables: str
) -> dict:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    try:
        return read(compiled, operation, Reply(status, {}, text), variables)
    except ProviderError as error:
        return {"error": str(error.code), "declined": error.declined, "min": error.min_price}


@pytest.mark.parametrize(
    ("body", "status", "code", "declined"),
    [
        ("no free phones", 200, "no_numbers", True),
        ("No free phones\n", 400, "no_numbers", True),
        ("", 401, "bad_key", True),
        ("no product", 400, "bad_service", True),
        ("internal error", 400, "provider_error", False),
        (PAGE, 200, "provider_unavailable", False),
        (PAGE, 404, "provider_unavailable", False),
        (PAGE, 302, "provider_unavailable", False),
        ("", 302, "bad_request", True),
        ("", 200, "parse_error", False),
        ("what is this", 200, "parse_error", False),
        ('{"id":1,"phone":', 200, "parse_error", False),
        ('{"id":1}', 200, "parse_error", False),
        ("oops", 500, "provider_error", False),
        ("oops", 502, "provider_unavailable", False),
        ("oops", 522, "provider_unavailable", False),
        ("oops", 402, "no_balance", True),
        ("oops", 403, "access_denied", True),
        ("oops", 422, "bad_request", True),
        ("oops", 429, "rate_limited", True),
        # Their limit by address or by purchases, and perhaps any gateway's word: not a sure no.
        ("Service Unavailable", 503, "rate_limited", False),
        ("<html><h1>503 Service Unavailable</h1></html>", 503, "provider_unavailable", False),
        ("upstream connect error", 503, "provider_unavailable", False),
        ("", 503, "provider_unavailable", False),
    ],
)
def test_fivesim_refuses_to_sell(
    fivesim: CompiledProvider, body: str, status: int, code: str, declined: bool
) -> None:
    found = said(fivesim, "buy", body, status)
    assert (found["error"], found["declined"]) == (code, declined)


def sms(code: str, text: str) -> dict:
    return {"sender": "X", "text": text, "code": code, "created_at": "2018-10-13T08:20:38Z"}


@pytest.mark.parametrize(
    ("messages", "state", "code"),
    [
        ([], "waiting", None),
        (None, "waiting", None),
        ([sms("0123", "code 0123")], "received", "0123"),
        ([sms("", "Your code is 004821")], "received", "004821"),
        ([sms("", "Hello!")], "received", None),
        ([sms("111111", "a"), sms("", "thanks")], "received", "111111"),
        ([sms("111111", "a"), sms("222222", "b")], "received", "222222"),
    ],
)
def test_fivesim_received_needs_an_sms(
    fivesim: CompiledProvider, messages: list | None, state: str, code: str | None
) -> None:
    found = said(fivesim, "status", ORDER | {"sms": messages})
    assert (found["state"], found.get("code")) == (state, code)


def test_an_unknown_status_word_is_not_guessed(fivesim: CompiledProvider) -> None:
    assert said(fivesim, "status", ORDER | {"status": "DANCING"})["error"] == "parse_error"


def test_fivesim_lists(fivesim: CompiledProvider) -> None:
    countries = {
        "afghanistan": {
            "iso": {"af": 1},
            "prefix": {"+93": 1},
            "text_en": "Afghanistan",
            "text_ru": "Афганистан",
            "virtual18": {"activation": 1},
        }
    }
    assert said(fivesim, "countries", countries)["countries"] == [
        {"id": "afghanistan", "name": "Afghanistan", "iso": "af", "dial_code": "93"}
    ]
    assert said(fivesim, "operators", countries)["operators"] == {"afghanistan": ["virtual18"]}
    products = {"facebook": {"Category": "activation", "Qty": 133, "Price": 21}}
    assert said(fivesim, "services", products)["services"] == [
        {"code": "facebook", "name": "facebook"}
    ]
    assert said(fivesim, "active", {"Data": [], "Total": 0})["activations"] == []


def test_unreadable_rows_are_counted_not_fatal(fivesim: CompiledProvider) -> None:
    rows = {
        "england": {"tg": {"a": {"cost": 1, "count": 2}, "": {"cost": 1, "count": 2}}},
        "": {"tg": {"a": {"cost": 1, "count": 2}}},
        "russia": {"tg": {"b": {"cost": "free", "count": 2}, "c": None}, "wa": []},
    }
    found = said(fivesim, "prices", rows)
    assert found["offers"] == [
        {"country": "england", "service": "tg", "operator": "a", "price": "1", "stock": 2}
    ]
    assert found["skipped"] == 4


def test_money_keeps_its_digits(fivesim: CompiledProvider) -> None:
    body = '{"england":{"tg":{"a":{"cost":0.10000000000000000001,"count":1}}}}'
    (offer,) = said(fivesim, "prices", body)["offers"]
    assert offer["price"] == "0.10000000000000000001"


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        ("balance", "ACCESS_BALANCE:-3.20", {"balance": "-3.20", "currency": "USD"}),
        ("balance", "\ufeffACCESS_BALANCE:1\r\n", {"balance": "1"}),
        ("buy", "ACCESS_NUMBER:1:79584123456\n", {"activation_id": "1", "phone": "+79584123456"}),
        ("status", "STATUS_OK:'12345'", {"state": "received", "code": "12345"}),
        ("status", "STATUS_OK:00123", {"state": "received", "code": "00123"}),
        ("status", "STATUS_WAIT_RESEND", {"state": "retry"}),
        ("status", "ACCESS_CANCEL", {"state": "cancelled"}),
        ("status", "FULL_SMS:Your code is 4821", {"state": "received", "code": "4821"}),
        ("cancel", "ACCESS_CANCEL_ALREADY", {"state": "cancelled"}),
        ("resend", "ACCESS_READY", {"state": "waiting"}),
        ("operators", {"status": "success", "countryOperators": []}, {"operators": {}}),
        ("operators", {"countryOperators": {"187": []}}, {"operators": {"187": []}}),
    ],
)
def test_handler_api_tokens(
    handler_api: CompiledProvider, operation: str, body: Any, expected: dict
) -> None:
    found = said(handler_api, operation, body)
    assert {key: found.get(key) for key in expected} == expected


def test_a_retry_never_repeats_the_old_code(handler_api: CompiledProvider) -> None:
    assert said(handler_api, "status", "STATUS_WAIT_RETRY:54321") == {"state": "retry"}


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        ("cancel", "EARLY_CANCEL_DENIED", "cancel_too_early"),
        ("cancel", "BAD_STATUS", "invalid_transition"),
        ("cancel", "NO_ACTIVATION", "activation_not_found"),
        ("finish", "ACCESS_CANCEL", "parse_error"),
        ("buy", "BAD_SERVICE", "bad_service"),
        ("buy", "WRONG_SERVICE", "bad_service"),
        ("buy", "WRONG_EXCEPTION_PHONE", "bad_request"),
        ("buy", "CHANNELS_LIMIT", "limit_channels"),
        ("buy", "BANNED:'2023-12-31 10-00-00'", "account_blocked"),
        ("buy", '"ORDER_ALREADY_EXISTS"', "duplicate_order"),
        ("buy", "no_numbers", "no_numbers"),
        ("buy", {"status": "error", "message": "NO_NUMBERS"}, "no_numbers"),
        ("buy", "ACCESS_NUMBER::", "parse_error"),
        ("buy", "ACCESS_NUMBER:1", "parse_error"),
        ("buy", "RENEW_ACTIVATION_NOT_AVAILABLE", "reuse_unavailable"),
        ("operators", "BAD_KEY", "bad_key"),
        ("active", "BAD_KEY", "bad_key"),
        ("active", {"status": "error", "error": "BAD_KEY"}, "bad_key"),
        ("prices", {"status": "error", "message": "BAD_SERVICE"}, "bad_service"),
        ("prices", "<html><body>nginx</body></html>", "provider_unavailable"),
    ],
)
def test_handler_api_errors(
    handler_api: CompiledProvider, operation: str, body: Any, code: str
) -> None:
    assert said(handler_api, operation, body)["error"] == code


def test_the_minimum_price_is_captured(handler_api: CompiledProvider) -> None:
    for body in ("WRONG_MAX_PRICE:0.25", "WRONG_MAX_PRICE:'0.25'"):
        assert said(handler_api, "buy", body)["min"] == "0.25"
    answer = {"title": "WRONG_MAX_PRICE", "info": {"min": 0.1234}}
    assert said(handler_api, "buy", answer, 400)["min"] == "0.1234"


@pytest.mark.parametrize(
    ("body", "asked", "offers"),
    [
        (
            {"tg": {"0": {"count": 90, "price": 15.5}}},
            {"service": "tg"},
            [{"country": "0", "service": "tg", "price": "15.5", "stock": 90}],
        ),
        (
            {
                "0": {
                    "country": 2,
                    "count": 5,
                    "price": 15.0,
                    "freePriceMap": {"15.00": 3, "18.00": 2},
                }
            },
            {"service": "tg"},
            [
                {"country": "2", "service": "tg", "price": "15.00", "stock": 3},
                {"country": "2", "service": "tg", "price": "18.00", "stock": 2},
            ],
        ),
        (
            {"0": {"country": 2, "count": 5, "price": 15.0, "retail_price": 30.0}},
            {"service": "tg"},
            [{"country": "2", "service": "tg", "price": "15.0", "stock": 5}],
        ),
        ("{}", {"country": "1"}, []),
        (
            {"vk_0": 76, "tg_1": "5"},
            {"country": "1"},
            [
                {"country": "1", "service": "vk", "stock": 76},
                {"country": "1", "service": "tg", "stock": 5},
            ],
        ),
    ],
)
def test_handler_api_price_shapes(
    handler_api: CompiledProvider, body: Any, asked: dict, offers: list
) -> None:
    assert said(handler_api, "prices", body, **asked)["offers"] == offers


def test_a_v2_sale_is_read_too(handler_api: CompiledProvider) -> None:
    found = said(
        handler_api,
        "buy",
        {
            "activationId": 635468024,
            "phoneNumber": 79584123456,
            "activationCost": "12.50",
            "currency": 840,
        },
        country="2",
        service="tg",
    )
    assert found == {
        "activation_id": "635468024",
        "phone": "+79584123456",
        "cost": "12.50",
        "currency": "USD",
        "country": "2",
        "service": "tg",
    }


def test_a_sale_is_a_sale_whatever_words_stand_beside_it(fivesim: CompiledProvider) -> None:
    found = said(fivesim, "buy", ORDER | {"message": "no free phones", "error": "order not found"})
    assert found["activation_id"] == "7"


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 5_000,
        "9" * 5_000,
        "[" + "9" * 5_000 + "]",
        b"\xff\xfe\x00",
        "[null]",
        '{"Data":[null,1,"x",[]]}',
        '{"sms":{"a":1},"status":{"b":2}}',
        "null",
        '{"status":NaN}',
    ],
)
@pytest.mark.parametrize("operation", ["buy", "status", "active", "prices", "balance", "countries"])
def test_junk_ends_in_a_typed_error_or_an_empty_list(
    fivesim: CompiledProvider, handler_api: CompiledProvider, operation: str, body: Any
) -> None:
    for compiled in (fivesim, handler_api):
        found = said(compiled, operation, body)
        assert "error" in found or found["skipped"] >= 0
