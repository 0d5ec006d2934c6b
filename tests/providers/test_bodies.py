"""Bodies and parameters as they travel."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from nexnum_console.providers.authenticate import Credentials
from nexnum_console.providers.loading import ConfigError
from nexnum_console.providers.replay import could_send, recorded_variables
from nexnum_console.providers.request import Request, build
from tests.providers.making import provider

BUY = {"type": "json_object", "fields": {"activation_id": "id", "phone": "phone"}}
GIVEN = {"country": "GB", "service": "tg", "max_price": "0.10", "phone": "+447350690992"}


def asking(route: dict[str, Any], secret: str = "K", **more: Any) -> Request:
    compiled = provider({"buy": {"method": "POST", "path": "/buy"} | route}, {"buy": BUY}, **more)
    return build(compiled, "buy", GIVEN, secret)


NESTED = {
    "type": "json",
    "fields": {
        "order": {"country": "$country", "operator": "$operator", "count": 1, "fast": True},
        "limits": [{"$value": "$maxPrice", "as": "decimal"}, "$operator"],
        "number": {"$value": "$phone", "as": "integer"},
        "forward": {"$value": "$operator", "as": "boolean", "default": "no"},
        "none": None,
    },
}


def test_json_has_types_and_keeps_the_digits_of_money() -> None:
    request = asking({"body": NESTED})
    assert request.headers["Content-Type"] == "application/json"
    assert (request.content or b"").decode() == (
        '{"order": {"country": "GB", "count": 1, "fast": true}, "limits": [0.10],'
        ' "number": 447350690992, "forward": false, "none": null}'
    )


def test_a_key_in_a_json_body() -> None:
    auth = {"type": "form_param", "name": "token"}
    request = asking({"body": {"type": "json", "fields": {"a": "$country"}}}, auth=auth)
    assert json.loads(request.content or b"") == {"token": "K", "a": "GB"}


def test_multipart_is_what_a_form_reader_understands() -> None:
    fields = {"country": "$country", "operator": "$operator", 'odd"name': "ü"}
    request = asking({"body": {"type": "multipart", "fields": fields}})
    kind, _, boundary = request.headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert (request.content or b"").decode() == (
        f'--{boundary}\r\nContent-Disposition: form-data; name="country"\r\n\r\nGB\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="odd%22name"\r\n\r\nü\r\n'
        f"--{boundary}--\r\n"
    )
    assert request.content == asking({"body": {"type": "multipart", "fields": fields}}).content


def test_raw_text_with_its_own_type() -> None:
    text = "<buy><country>{country}</country><service>{service}</service></buy>"
    body = {"type": "raw", "text": text, "contentType": "application/xml"}
    request = asking({"body": body})
    assert request.content == b"<buy><country>GB</country><service>tg</service></buy>"
    assert request.headers["Content-Type"] == "application/xml"


@pytest.mark.parametrize(
    ("param", "sent"),
    [
        ({"$value": "$country", "map": {"GB": "UK"}}, "UK"),
        ({"$value": "$service", "map": {"wa": "1"}}, "tg"),
        ({"$value": "$phone", "as": "national"}, "7350690992"),
        ({"$value": "$phone", "as": "digits"}, "447350690992"),
        ({"$value": "$operator", "default": "any"}, "any"),
        ({"$value": "$operator"}, None),
        ({"$value": "$country", "as": "lower"}, "gb"),
        ("$operator|any", "any"),
        ("$operator", None),
        ("fixed", "fixed"),
        (7, "7"),
    ],
)
def test_parameters(param: Any, sent: str | None) -> None:
    request = asking({"queryParams": {"p": param}})
    assert dict(parse_qsl(urlsplit(request.url).query)).get("p") == sent


def test_parameters_are_read_back_from_a_recording() -> None:
    compiled = provider(
        {
            "buy": {
                "method": "POST",
                "path": "/buy",
                "queryParams": {"c": {"$value": "$country", "map": {"GB": "UK"}}},
                "body": NESTED,
            }
        },
        {"buy": BUY},
    )
    sent = build(compiled, "buy", GIVEN, "K")
    request = {
        "method": "POST",
        "path": "/buy",
        "query": dict(parse_qsl(urlsplit(sent.url).query)),
        "body": (sent.content or b"").decode(),
    }
    found = recorded_variables(compiled, "buy", request)
    assert {k: found[k] for k in ("country", "max_price")} == {"country": "GB", "max_price": "0.10"}
    recording = {"operation": "buy", "request": request, "response": {"status": 200}}
    assert could_send(compiled, recording) is None
    wrong = request | {"body": request["body"].replace('"count": 1', '"count": 2')}
    assert "order.count is “1”" in (could_send(compiled, recording | {"request": wrong}) or "")


@pytest.mark.parametrize(
    ("auth", "secret", "header"),
    [
        ({"type": "basic", "username": "u"}, "K", "Basic dTpL"),
        ({"type": "basic"}, "u:K", "Basic dTpL"),
        ({"type": "basic"}, '{"username": "u", "password": "K"}', "Basic dTpL"),
        ({"type": "bearer", "part": "key"}, '{"key": "K"}', "Bearer K"),
        ({"type": "header", "name": "Authorization", "prefix": "ApiKey "}, "K", "ApiKey K"),
    ],
)
def test_auth_in_a_header(auth: dict, secret: str, header: str) -> None:
    assert asking({}, secret, auth=auth).headers["Authorization"] == header


def test_several_ways_at_once() -> None:
    auth = [{"type": "bearer"}, {"type": "form_param", "name": "key"}]
    auth.append({"type": "query_param", "name": "k"})
    request = asking({"body": {"fields": {"a": "$country"}}}, auth=auth)
    assert request.headers["Authorization"] == "Bearer K"
    assert request.content == b"key=K&a=GB"
    assert request.url.endswith("/buy?k=K")


def test_the_key_inside_a_path() -> None:
    assert asking({"path": "/bot{authKey}/buy"}).url == "https://x.example/botK/buy"


def test_of_several_keys_none_is_shown() -> None:
    access = Credentials("K", "T")
    assert "K" not in repr(access)
    assert "T" not in repr(access)
    assert "x.example" not in repr(asking({}))


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ({"body": {"type": "raw"}}, "needs “text”"),
        ({"body": {"type": "form", "text": "x"}}, "“text” is for raw"),
        ({"body": {"type": "json", "fields": {"a": {"b": "$contry"}}}}, "did you mean “country”?"),
        ({"body": {"type": "json", "fields": {"a": {"$value": "$id", "az": 1}}}}, "unknown key"),
        ({"queryParams": {"a": {"$value": "$id", "as": "intger"}}}, "is not a transform"),
        ({"queryParams": {"a": {"$value": "$di"}}}, "is not a variable"),
        ({"when": {"stat": ["x"]}}, "did you mean “state”?"),
        ({"after": ["bad_action"]}, "first request"),
        ({"pagination": {"type": "cursor"}}, "needs “next”"),
    ],
)
def test_what_cannot_be_sent_is_refused(route: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        asking(route)
    assert message in str(caught.value)
