"""Shapes that answers have on the market, each by a mapping of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nexnum_console.providers.body import NOT_JSON, Reply
from nexnum_console.providers.request import build
from tests.providers.making import answer, provider, reading, result


def offers(mapping: dict[str, Any], body: Any, **asked: str) -> Any:
    found = result(reading("prices", mapping), "prices", answer(body), **asked)
    return [tuple(row.values()) for row in found["offers"]] if "offers" in found else found


def shape(*levels: str, **fields: Any) -> dict[str, Any]:
    return {"type": "json_dictionary", "levels": list(levels), "fields": fields}


@pytest.mark.parametrize(
    ("mapping", "body", "rows"),
    [
        (
            shape("country", "service", "price", stock="$value"),
            {"187": {"tg": {"0.683": 22, "0.697": 157}}},
            [("187", "tg", 22, "0.683"), ("187", "tg", 157, "0.697")],
        ),
        (
            shape("country", "service", ".prices", "price", stock="$value"),
            {"1": {"tg": {"prices": {"0.2": "5"}, "has_multi": True}}},
            [("1", "tg", 5, "0.2")],
        ),
        (
            shape(
                "country",
                "service",
                ".providers",
                "operator",
                ".price",
                "-",
                price="$value",
                stock="$parent.count",
            ),
            {"1": {"tg": {"providers": {"9": {"price": [0.23, "0.3"], "count": 4}}}}},
            [("1", "tg", "9", "0.23", 4), ("1", "tg", "9", "0.3", 4)],
        ),
        (
            shape(
                "-",
                ".offers.$json",
                "-",
                country="$parent.cc",
                service="s",
                price="p",
            ),
            [{"cc": "us", "offers": '[{"s":"tg","p":0.10}]'}],
            [("us", "tg", "0.10")],
        ),
        (
            shape("service", "country", price="$value"),
            {"tg": {"186": 0.22, "187": "0.5"}},
            [("tg", "186", "0.22"), ("tg", "187", "0.5")],
        ),
        (
            {
                "type": "json_nested_array",
                "headerRow": True,
                "fields": {"country": "cc", "price": "rate"},
            },
            [["cc", "rate"], ["us", "0.5"], ["de", 1]],
            [("us", "0.5"), ("de", "1")],
        ),
        (
            {
                "type": "json_array_positional",
                "positionFields": {"0": "country", "1": "service", "2": "price"},
            },
            [["us", "tg", "0.5"], ["de", "wa", 1]],
            [("us", "tg", "0.5"), ("de", "wa", "1")],
        ),
        (
            {
                "type": "json_array",
                "rootPath": "data.*.items",
                "fields": {"country": "c", "price": "p.$min", "stock": "n.$sum"},
            },
            {
                "data": {
                    "a": {"items": [{"c": "us", "p": [0.5, 0.25], "n": {"x": 1, "y": "2"}}]},
                    "b": {"items": [{"c": "de", "p": "1", "n": 4}]},
                }
            },
            [("us", "0.25", 3), ("de", "1", 4)],
        ),
        (
            {
                "type": "text_lines",
                "separator": ";",
                "fields": {"country": "0", "service": "1", "price": "2"},
            },
            "us; tg; 0.5\n\nde;wa;1,5\nfr;wa;2",
            [("us", "tg", "0.5"), ("fr", "wa", "2")],
        ),
        (
            {
                "type": "text_regex",
                "regex": r"(?m)^(?<cc>\w+)=(?<p>[\d.]+)$",
                "fields": {"country": "cc", "price": "p"},
            },
            "us=0.5\nde=1\n",
            [("us", "0.5"), ("de", "1")],
        ),
    ],
)
def test_price_lists(mapping: dict, body: Any, rows: list) -> None:
    assert offers(mapping, body) == rows


def test_an_answer_that_is_json_in_a_json_text() -> None:
    compiled = reading("balance", {"type": "json_object", "fields": {"balance": "b"}})
    twice = json.dumps(json.dumps({"b": 0.1}))
    assert result(compiled, "balance", answer(twice))["balance"] == "0.1"
    assert result(compiled, "balance", answer(json.dumps("{broken")))["error"] == "parse_error"


@pytest.mark.parametrize(
    ("body", "balance"),
    [("12.50", "12.50"), ('"7"', "7"), ('{"balance": 12.5}', "12.5"), ("12.50\r\n", "12.50")],
)
def test_a_single_value(body: str, balance: str) -> None:
    compiled = reading("balance", {"type": "json_value", "valueField": "balance"})
    assert result(compiled, "balance", answer(body))["balance"] == balance


@pytest.mark.parametrize("body", ["", "no", "<html><body>12</body></html>", "[1]", "{}"])
def test_what_is_no_single_value(body: str) -> None:
    compiled = reading("balance", {"type": "json_value", "valueField": "balance"})
    assert "error" in result(compiled, "balance", answer(body))


def test_values_from_headers() -> None:
    buy = {
        "type": "text_regex",
        "regex": r"^ACCESS_NUMBER:(?<id>\d+):(?<phone>\d+)$",
        "fields": {"activation_id": "id", "phone": "phone", "cost": "$header.X-Price"},
    }
    compiled = reading("buy", buy)
    reply = answer("ACCESS_NUMBER:5:12025550100", x_price="0.45")
    assert result(compiled, "buy", reply)["cost"] == "0.45"
    assert "cost" not in result(compiled, "buy", answer("ACCESS_NUMBER:5:12025550100"))


def test_headers_and_status_tell_replies_and_errors_apart() -> None:
    status = {
        "replies": [
            {
                "type": "text_regex",
                "match": {"$header.x-kind": "sms"},
                "regex": r"^(?<code>\d+)$",
                "fields": {"code": "code", "text": "$header.x-text"},
            }
        ],
        "errors": {
            "rules": [
                {"path": "$header.x-error", "equals": "gone", "code": "activation_expired"},
                {"path": "$status", "equals": 418, "code": "bad_request"},
                {
                    "path": "$header.x-wait",
                    "code": "rate_limited",
                    "retryAfter": "$header.x-wait",
                },
            ]
        },
    }
    compiled = reading("status", status)
    found = result(compiled, "status", answer("0042", x_kind="sms", x_text="code 0042"))
    assert (found["code"], found["text"], found["state"]) == ("0042", "code 0042", "received")
    assert result(compiled, "status", answer("0042"))["error"] == "parse_error"
    assert result(compiled, "status", answer("", x_error="gone"))["error"] == "activation_expired"
    assert result(compiled, "status", answer("", 418))["error"] == "bad_request"
    assert result(compiled, "status", answer("", x_wait="7"))["error"] == "rate_limited"


PICK = {
    "replies": [
        {
            "type": "json_array",
            "where": {"tzid": "$id"},
            "absent": "waiting",
            "fields": {"state": "response", "phone": "number", "activation_id": "tzid"},
            "messages": {"path": "msg", "code": "code", "text": "text"},
            "statusMapping": {"WAIT": "waiting", "ANSWER": "received"},
        }
    ]
}
LISTED = [
    {"tzid": 1, "response": "WAIT", "number": "+79001112233"},
    {"tzid": 2, "response": "ANSWER", "msg": [{"code": "11"}, {"code": "0042"}]},
]


def test_a_status_out_of_a_list() -> None:
    compiled = reading("status", PICK)
    first = result(compiled, "status", answer(LISTED), id="1")
    assert (first["state"], first["phone"]) == ("waiting", "+79001112233")
    second = result(compiled, "status", answer(LISTED), id="2")
    assert (second["state"], second["code"]) == ("received", "0042")
    assert result(compiled, "status", answer(LISTED), id="3")["state"] == "waiting"
    assert result(compiled, "status", answer([]), id="3")["state"] == "waiting"
    assert result(compiled, "status", answer({"response": "ERROR"}), id="3")["error"]


def test_a_list_without_the_order_may_be_an_error() -> None:
    mapping = {**PICK["replies"][0], "absent": "activation_not_found"}
    compiled = reading("status", mapping)
    assert result(compiled, "status", answer(LISTED), id="3")["error"] == "activation_not_found"


def test_a_keyed_list_is_picked_from_too() -> None:
    mapping = shape("activation_id", state="s") | {"where": {"id": "$id"}}
    compiled = reading("status", mapping)
    body = {"a": {"id": 1, "s": "waiting"}, "b": {"id": 2, "s": "cancelled"}}
    assert result(compiled, "status", answer(body), id="2")["state"] == "cancelled"


def test_our_words_and_theirs_both_ways() -> None:
    maps = {"country": {"us": "187", "uk": "16"}, "service": {"telegram": "tg"}}
    compiled = provider(
        {
            "prices": {"path": "/p", "queryParams": {"c": "$country", "s": "$service"}},
            "countries": {"path": "/c"},
            "operators": {"path": "/o"},
        },
        {
            "prices": shape("country", "service", price="cost"),
            "countries": {"type": "json_array", "fields": {"id": "id", "name": "n"}},
            "operators": shape("country", "-", operator="$value"),
        },
        valueMaps=maps,
    )
    asked = build(compiled, "prices", {"country": "us", "service": "telegram"}, "K")
    assert asked.url == "https://x.example/p?c=187&s=tg"
    body = {"187": {"tg": {"cost": 1}, "wa": {"cost": 2}}, "99": {"tg": {"cost": 3}}}
    found = result(compiled, "prices", answer(body), country="187")["offers"]
    assert [(row["country"], row["service"]) for row in found] == [
        ("us", "telegram"),
        ("us", "wa"),
        ("99", "telegram"),
    ]
    listed = result(compiled, "countries", answer([{"id": 16, "n": "UK"}, {"id": 5}]))
    assert [row["id"] for row in listed["countries"]] == ["uk", "5"]
    grouped = result(compiled, "operators", answer({"187": ["a"], "3": []}))
    assert grouped["operators"] == {"us": ["a"], "3": []}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2018-10-13T08:28:38.809469028Z", "2018-10-13T08:28:38.809469028Z"),
        ("2022-06-01 17:30:57", "2022-06-01 17:30:57+03:00"),
        ("2022-06-01T17:30:57+05:00", "2022-06-01T17:30:57+05:00"),
        (1705309968, "2024-01-15T09:12:48+00:00"),
        ("1705309968", "2024-01-15T09:12:48+00:00"),
        (1705309968123, "2024-01-15T09:12:48+00:00"),
        (1705309968123456, "2024-01-15T09:12:48+00:00"),
        (1705309968123456789, "2024-01-15T09:12:48+00:00"),
    ],
)
def test_moments(written: Any, read: str) -> None:
    mapping = {
        "type": "json_object",
        "fields": {"activation_id": "id", "phone": "p", "expires_at": "t"},
    }
    compiled = reading("buy", mapping, timezone="+03:00")
    body = answer({"id": 1, "p": "12025550100", "t": written})
    assert result(compiled, "buy", body)["expires_at"] == read


def test_a_moment_in_a_form_of_its_own() -> None:
    mapping = {
        "type": "json_object",
        "fields": {
            "activation_id": "id",
            "phone": "p",
            "expires_at": {"from": "t", "as": "timestamp:%d.%m.%Y %H:%M"},
        },
    }
    compiled = reading("buy", mapping, timezone="+03:00")
    for written, read in (("13.10.2018 08:28", "2018-10-13T08:28:00+03:00"), ("soon", None)):
        body = answer({"id": 1, "p": "12025550100", "t": written})
        assert result(compiled, "buy", body).get("expires_at") == read


@pytest.mark.parametrize(
    ("mapping", "body", "row"),
    [
        (
            {"type": "json_array", "transform": {"price": "after:$", "service": "upper"}}
            | {"fields": {"service": "s", "price": "p"}},
            [{"s": "tg", "p": "$1.50"}],
            {"service": "TG", "price": "1.50"},
        ),
        (
            {"type": "json_dictionary", "levels": ["service"], "transform": {"price": "before: "}}
            | {"fields": {"price": "$value"}},
            {"tg": "1.50 USD"},
            {"service": "tg", "price": "1.50"},
        ),
        (
            {"type": "text_lines", "separator": "|", "transform": {"service": "lower"}}
            | {"fields": {"service": "0", "price": {"from": "1", "map": {"free": "0"}}}},
            "TG|free",
            {"service": "tg", "price": "0"},
        ),
        (
            {"type": "json_array_positional", "transform": {"service": "trim"}}
            | {"positionFields": {"0": "service", "1": "stock"}},
            [[" tg ", "7.0"]],
            {"service": "tg", "stock": 7},
        ),
    ],
)
def test_transforms_work_on_every_type(mapping: dict, body: Any, row: dict) -> None:
    assert result(reading("prices", mapping), "prices", answer(body))["offers"] == [row]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (answer("", 500), "no_balance"),
        (answer("LOW FUNDS: 0.35"), "max_price_too_low"),
        (answer({"e": {"c": 7}}), "bad_service"),
        (answer({"ok": False, "why": "slow down 30s"}), "rate_limited"),
        (answer("a long sentence about your Balance here", 400), "no_balance"),
        (answer("", 404), "no_numbers"),
        (answer({"id": 4, "phone": "12025550100"}, 409), "ok"),
    ],
)
def test_errors_of_every_kind(reply: Any, code: str) -> None:
    buy = {
        "replies": [
            {
                "type": "json_object",
                "httpStatus": ["2xx", 409],
                "fields": {"activation_id": "id", "phone": "phone"},
            }
        ]
    }
    rules = [
        {"regex": r"^LOW FUNDS: (?<min_price>[\d.]+)$", "code": "max_price_too_low"},
        {"path": "e.c", "equals": [7, "8"], "code": "bad_service"},
        {"path": "why", "regex": r"slow down (?<retry_after>\d+)s", "code": "rate_limited"},
        {"empty": True, "status": "5xx", "code": "no_balance"},
        {"status": 404, "code": "no_numbers"},
    ]
    errors = {"rules": rules, "patterns": {"NO_BALANCE": "/your balance/"}}
    compiled = reading("buy", buy, errors=errors)
    assert result(compiled, "buy", reply).get("error", "ok") == code


@pytest.mark.parametrize("label", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_a_form_is_known_by_its_pairs_whatever_it_is_called(label: str) -> None:
    headers = {"content-type": label} if label else {}
    reply = Reply(200, headers, b"id=77&text=Your+code+is+4821&from=")

    assert reply.document == {"id": "77", "text": "Your code is 4821", "from": ""}


@pytest.mark.parametrize("body", [b"a=1", b"ACCESS_NUMBER:1:2", b"x = 1 & y = 2", b"id=1&", b"&&"])
def test_what_only_looks_a_little_like_a_form_stays_text(body: bytes) -> None:
    assert Reply(200, {}, body).document is NOT_JSON
