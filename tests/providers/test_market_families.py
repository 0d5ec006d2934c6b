"""What the families of the market made the grammar say: searches, links, lists, odd bodies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nexnum_console.providers.body import NOT_JSON, Reply
from nexnum_console.providers.errors import Code, ProviderError
from nexnum_console.providers.request import build
from nexnum_console.providers.transforms import dialled, named
from tests.providers.making import answer, provider, reading, result
from tests.providers.test_invented import talking

ACCOUNT = '{"username": "AC12345", "password": "tok3n-word"}'


def listed(*numbers: str) -> Any:
    return answer({"available_phone_numbers": [{"phone_number": each} for each in numbers]})


def test_a_number_is_looked_for_and_then_bought_once() -> None:
    sold = answer({"sid": "PN01", "phone_number": "+33756780001"}, 201)
    client, script = talking("trunkline", ACCOUNT, listed("+33756780001", "+33756780002"), sold)
    bought = client.buy("FR", "any", max_price="2")
    assert (bought.activation_id, bought.phone) == ("PN01", "+33756780001")
    look, take = script.requests
    assert (look.effect, take.effect) == ("read", "spend")
    assert look.url.endswith(
        "/Accounts/AC12345/AvailablePhoneNumbers/FR/Mobile.json?SmsEnabled=true"
    )
    assert take.content == b"PhoneNumber=%2B33756780001"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (listed(), Code.NO_NUMBERS),
        (answer({"code": 20404}, 404), Code.BAD_COUNTRY),
        (answer("", 500), Code.PROVIDER_ERROR),
        (answer("<html>", 200), Code.PROVIDER_UNAVAILABLE),
    ],
)
def test_a_search_that_fails_bought_nothing(said: Reply, code: Code) -> None:
    client, script = talking("trunkline", ACCOUNT, said)
    with pytest.raises(ProviderError) as refused:
        client.buy("FR", "any")
    assert refused.value.code == code
    assert refused.value.declined
    assert [request.effect for request in script.requests] == ["read"]


def searching() -> Any:
    rows = {"type": "json_array", "fields": {"offer": "id", "price": "p"}}
    sale = {"type": "json_object", "fields": {"activation_id": "id", "phone": "tel"}}
    return provider(
        {
            "search": {"path": "/s"},
            "buy": {"method": "POST", "path": "/b", "body": {"fields": {"o": "$offer"}}},
        },
        {"search": rows, "buy": sale},
    )


def test_the_first_offer_that_is_cheap_enough_is_taken(monkeypatch: Any) -> None:
    monkeypatch.setattr("tests.providers.test_invented.invented", lambda name: searching())
    offers = answer([{"id": 1, "p": "0.9"}, {"id": 2, "p": "0.30"}, {"id": 3, "p": "0.1"}])
    client, script = talking("made", "K", offers, answer({"id": 5, "tel": "447700900123"}))
    assert client.buy("gb", "tg", max_price="0.3").cost == "0.30"
    assert script.requests[1].content == b"o=2"
    client, script = talking("made", "K", answer([{"id": 1, "p": "0.9"}, {"id": 2, "p": "0.8"}]))
    with pytest.raises(ProviderError) as refused:
        client.buy("gb", "tg", max_price="0.3")
    assert (refused.value.code, refused.value.min_price) == (Code.MAX_PRICE_TOO_LOW, "0.8")


def test_an_address_that_was_told_is_asked_as_it_is() -> None:
    order = {"data": {"attributes": {"state": "open", "number": "+4915112345678"}}}
    client, script = talking(
        "sextant",
        "KEY1:",
        answer("", 202, location="/v1/orders/77-k9"),
        answer(order),
        answer("", 204),
        answer("", 204),
    )
    bought = client.buy("DE", "tg")
    assert (bought.activation_id, bought.phone) == ("/v1/orders/77-k9", "+4915112345678")
    assert client.finish(bought.activation_id).state == "finished"
    assert client.cancel("https://api.sextant.example/v1/orders/77-k9?t=1").state == "cancelled"
    asked = [request.url.partition(".example")[2] for request in script.requests]
    assert asked == [
        "/v1/orders",
        "/v1/orders/77-k9",
        "/v1/orders/77-k9/close",
        "/v1/orders/77-k9?t=1",
    ]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "http://x.example/x",
        "https://x.example@evil.example/",
        "https://x.example:8443/",
        "\\\\evil.example/x",
        "/x\r\nHost: evil.example",
        "https://x.example/#f",
        "javascript:alert(1)",
        "https://[x/",
    ],
)
def test_a_link_never_leads_to_another_host(link: str) -> None:
    compiled = provider(
        {"status": {"link": "$id"}}, {"status": {"type": "json_object", "fields": {"state": "s"}}}
    )
    with pytest.raises(ProviderError) as refused:
        build(compiled, "status", {"id": link}, "K")
    assert not refused.value.sent


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'cb({"a":1});', {"a": 1}),
        (b"/**/ cb.x([1])", [1]),
        (b')]}\',\n{"a":1}', {"a": 1}),
        (b"while(1);[1]", [1]),
        (b'{"a":1}\n\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
        (b'{"a":1}\n{"a":', NOT_JSON),
        (b"STATUS(1)", NOT_JSON),
        ('{"a":"余额"}'.encode("gbk"), {"a": "余额"}),
        ('{"a":1}'.encode("utf-16"), {"a": 1}),
        (b'<br />\n<b>Notice</b>: x on line 3<br />\n{"a": 1}', {"a": 1}),
    ],
)
def test_a_body_is_what_its_bytes_are(body: bytes, document: Any) -> None:
    assert Reply(200, {"content-type": "text/html; charset=gbk"}, body).document == document


@pytest.mark.parametrize(
    ("name", "value", "made"),
    [
        ("times:0.01", 1234, "12.34"),
        ("times:0.01", "-5", "-0.05"),
        ("times:100", "0.45", "45"),
        ("divide:3", "10", "3.333333333333"),
        ("times:2", "many", None),
        ("times:2", "1e999999999", None),
        (r"find:no: (\d+)", "no: 55", "55"),
        ("find:[0-9]+", "a 12 b", "12"),
        (r"find:x(\d)?", "x", None),
        ("replace:,=>.", "1,5", "1.5"),
        ("remove:,", "1,234.5", "1234.5"),
        ("date:%Y%m%d%H%M%S", "1700000000", "20231114221320"),
        ("date:%d.%m.%Y", "2026-03-01T10:00:00+03:00", "01.03.2026"),
        ("date:%d", "soon", None),
        ("duration", "19m 30s", "1170"),
        ("duration", "PT20M", "1200"),
        ("duration", "P1DT2H", "93600"),
        ("duration", "1:20:05", "4805"),
        ("duration", "900", "900"),
        ("duration", "later", None),
        ("unescape", "a &amp; b", "a & b"),
        ("url_decode", "a%20b+c", "a b c"),
        ("base64", "aGk=", "hi"),
        ("base64", "/w==", None),
    ],
)
def test_transforms(name: str, value: Any, made: str | None) -> None:
    assert named(name)(value) == made


@pytest.mark.parametrize(
    ("dial", "written", "number"),
    [
        ("84", "0987654321", "+84987654321"),
        ("84", "987654321", "+84987654321"),
        ("84", "84987654321", "+84987654321"),
        ("84", "+84987654321", "+84987654321"),
        ("49", "(0151) 1234-5678", "+4915112345678"),
        ("39", "0612345678", "+390612345678"),
        ("1", "2025550142", "+12025550142"),
        ("7", "9871234567", "+79871234567"),
        ("62", "0812-3456-7890", "+6281234567890"),
    ],
)
def test_a_national_number_becomes_international(dial: str, written: str, number: str) -> None:
    assert dialled(dial, written) == number


def test_bodies_say_literals_and_lists() -> None:
    mapping = {"type": "json_array", "fields": {"activation_id": "id"}}
    fields = [
        {"q": {"$literal": "{ me { id } } $x"}, "ids": {"$value": "$ids", "as": "integers"}},
        "$ids",
    ]
    compiled = provider(
        {
            "statuses": {
                "method": "POST",
                "path": "/x",
                "queryParams": {"id[]": {"$value": "$ids", "as": "list"}},
                "body": {"type": "json", "fields": fields},
            }
        },
        {"statuses": mapping},
    )
    request = build(compiled, "statuses", {"ids": "7,8"}, "K")
    assert request.url.endswith("/x?id%5B%5D=7&id%5B%5D=8")
    assert json.loads(request.content or b"") == [{"q": "{ me { id } } $x", "ids": [7, 8]}, "7,8"]


def test_a_state_out_of_lines_is_that_of_its_own_order() -> None:
    lines = {
        "type": "text_lines",
        "separator": "|",
        "where": {"[0]": "$id"},
        "absent": "expired",
        "fields": {"state": "[1]"},
        "statusMapping": {"W": "waiting", "C": "cancelled"},
    }
    compiled = reading("status", lines)
    said = answer("7|W\n8|C")
    assert result(compiled, "status", said, id="8")["state"] == "cancelled"
    assert result(compiled, "status", said, id="9")["state"] == "expired"
    regex = {**lines, "type": "text_regex", "regex": r"(?<n>\d+)\|(?<s>\w)", "where": {"n": "$id"}}
    compiled = reading("status", {**regex, "fields": {"state": "s"}})
    assert result(compiled, "status", said, id="8")["state"] == "cancelled"
    assert result(compiled, "status", said, id="9")["state"] == "expired"


def test_a_state_out_of_an_object_by_its_key() -> None:
    mapping = {
        "type": "json_dictionary",
        "levels": ["-"],
        "where": {"$key": {"$value": "$phone", "as": "digits"}},
        "absent": "activation_not_found",
        "fields": {"text": "m"},
    }
    compiled = reading("status", mapping)
    said = answer({"447700900123": {"m": "code 0931"}, "1": {"m": "code 7777"}})
    assert result(compiled, "status", said, phone="+447700900123")["code"] == "0931"
    assert result(compiled, "status", said, phone="+3")["error"] == "activation_not_found"


def test_pages_end_where_the_answer_says_so() -> None:
    def page(number: int) -> Any:
        row = {"servis": "tg", "fiyat": f"{number},50 TL", "stok": "1"}
        return answer({"sonuc": True, "veri": [row], "sayfa": number, "son_sayfa": 3})

    secret = '{"username": "u-1234", "password": "p-1234"}'
    token = answer({"access_token": "T-123456", "expires_in": 3600})
    client, script = talking("ottoman", secret, token, page(1), page(2), page(3))
    assert [row.price for row in client.prices("tr")] == ["1.50", "2.50", "3.50"]
    assert [request.url.rpartition("?")[2] for request in script.requests[1:]] == [
        "sayfa=1",
        "sayfa=2",
        "sayfa=3",
    ]
