"""Requests that are signed: each signature is made here once more, from its provider's page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from nexnum_console.providers.as_curl import curl_of
from nexnum_console.providers.client import ProviderClient
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.problems import ConfigError
from nexnum_console.providers.request import build
from nexnum_console.providers.talk import Exchanged
from tests.providers.making import Script, answer, provider
from tests.providers.test_invented import NOW, invented, talking

SIGNED = {
    "pandagate": '{"appId": "app-77", "appSecret": "s3cr3t-word"}',
    "rpcfarm": '{"id": "farm-9", "private": "pr1vate-word"}',
    "tidepool": '{"id": "AK12345", "secret": "t1de-word"}',
}
BALANCE = {
    "pandagate": {"code": 0, "data": {"leftFen": 5}},
    "rpcfarm": {"result": {"points": 1}},
    "tidepool": {"balance": 1, "ccy": "USD"},
}


def test_md5_of_sorted_fields_and_the_key() -> None:
    sold = {"no": "P1", "area": "86", "mobile": "13800138000", "fen": 5}
    client, script = talking("pandagate", SIGNED["pandagate"], answer({"code": 0, "data": sold}))
    client.buy("86", "1001", max_price="1.30", reference="n-1")
    fields = dict(parse_qsl((script.requests[0].content or b"").decode()))
    sign = fields.pop("sign")
    assert fields["topFen"] == "130"
    assert fields["ts"] == str(int(NOW.timestamp()))
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields)) + "&key=s3cr3t-word"
    assert sign == hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def test_hmac_over_lines_with_the_digest_of_the_body() -> None:
    client, script = talking("rpcfarm", SIGNED["rpcfarm"], answer({"result": {"points": 1}}))
    client.balance()
    (sent,) = script.requests
    body, headers = sent.content or b"", sent.headers
    lines = ["POST", "/rpc", headers["X-Farm-Time"], headers["X-Farm-Nonce"]]
    text = "\n".join([*lines, hashlib.sha256(body).hexdigest()])
    made = hmac.new(b"pr1vate-word", text.encode(), "sha256").digest()
    assert headers["X-Farm-Sign"] == "v1=" + base64.b64encode(made).decode()
    assert headers["X-Farm-Key"] == "farm-9"
    assert headers["X-Farm-Time"] == str(int(NOW.timestamp() * 1000))
    assert len(headers["X-Farm-Nonce"]) == 32


def test_hmac_over_encoded_parameters() -> None:
    sold = {"ok": True, "ticket": 1, "tel": {"code": "62", "local": "081234567890"}}
    client, script = talking("tidepool", SIGNED["tidepool"], answer(sold))
    client.buy("ID", "wa&co", max_price="0.10")
    query = dict(parse_qsl(urlsplit(script.requests[0].url).query))
    sign = query.pop("Signature")
    pairs = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in query.items())
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    text = f"GET&{quote('/pick', safe='')}&{quote(joined, safe='')}"
    made = hmac.new(b"t1de-word&", text.encode(), "sha1").digest()
    assert sign == base64.b64encode(made).decode()
    assert query["Timestamp"] == "2026-03-01T10:00:00Z"


@pytest.mark.parametrize("name", SIGNED)
def test_each_request_is_signed_anew(name: str) -> None:
    client, script = talking(name, SIGNED[name], answer(BALANCE[name]), answer(BALANCE[name]))
    client.balance()
    client.balance()
    first, second = (request.signatures for request in script.requests)
    assert len(first) == len(second) == 1
    if name != "pandagate":  # which has no nonce
        assert first != second


@pytest.mark.parametrize("name", SIGNED)
def test_neither_key_nor_signature_is_shown(name: str) -> None:
    noted: list[Exchanged] = []

    def echo(request: Any) -> Any:
        said = f"{request.url} {dict(request.headers)} {request.content!r} {request.secret}"
        return answer(said, 500)

    client = ProviderClient(
        invented(name),
        SIGNED[name],
        Script(echo),
        now=lambda: NOW,
        noted=noted.append,  # type: ignore[arg-type]
    )
    with pytest.raises(ProviderError) as refused:
        client.balance()
    request = noted[0].request
    assert request is not None
    hidden = [*json.loads(SIGNED[name]).values(), *request.signatures]
    shown = f"{refused.value} {refused.value.raw} {curl_of(request)} {request!r} {noted[0]!r}"
    assert [each for each in hidden if each in shown] == []
    assert all(each in noted[0].secret for each in hidden)


def signed(**sign: Any) -> Any:
    endpoints = {"balance": {"path": "/b", "queryParams": {"b": "2", "a": "1", "e": "$operator|x"}}}
    mapping = {"balance": {"type": "json_object", "fields": {"balance": "b"}}}
    return provider(endpoints, mapping, sign={"name": "sig", **sign})


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ({"text": "{secret}{params}{secret}"}, "Ka=1&b=2&e=xK"),
        ({"text": "{params}", "params": {"pair": "{name}{value}", "join": ""}}, "a1b2ex"),
        ({"text": "{params}", "params": {"sort": False, "leaveOut": ["e"]}}, "b=2&a=1"),
        ({"text": "{method.lower} {host} {path}?{query}"}, "get x.example /b?b=2&a=1&e=x"),
        ({"text": "{url}"}, "https://x.example/b?b=2&a=1&e=x"),
        ({"text": "{secret.md5}{timestamp}"}, hashlib.md5(b"K").hexdigest() + "7"),
    ],
)
def test_what_is_signed(sign: dict[str, Any], text: str) -> None:
    compiled = signed(**sign, **{"in": "header"})
    request = build(compiled, "balance", {}, "K", stamp=lambda: {"timestamp": "7"})
    assert request.headers["sig"] == hmac.new(b"K", text.encode(), "sha256").hexdigest()


def test_a_login_alone_may_be_signed() -> None:
    mapping = {"type": "json_object", "fields": {"token": "t"}}
    balance = {"type": "json_object", "fields": {"balance": "b"}}
    compiled = provider(
        {"login": {"path": "/l"}, "balance": {"path": "/b"}},
        {"login": mapping, "balance": balance},
        auth={"type": "bearer", "uses": "token"},
        sign={"name": "sig", "sent": "login", "text": "{secret}"},
    )
    assert "sig=" in build(compiled, "login", {}, "K").url
    assert "sig=" not in build(compiled, "balance", {}, "K").url


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        ({"text": "{parms}{secret}"}, "“parms” is neither a part of the request nor a variable"),
        ({"text": "{params}", "algorithm": "md5"}, "nothing secret goes into the signature"),
        ({"text": "{secret}", "algorithm": "md5", "key": "{token}"}, "md5 takes no key"),
        ({"text": "{params}", "key": "{secret.a.upperr}x"}, "“secret.a.upperr” is neither"),
        ({"text": "{body.sha265}{secret}"}, "“body.sha265” is neither"),
    ],
)
def test_what_cannot_be_signed_is_told(sign: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        signed(**sign)


def test_an_unsigned_config_asks_for_no_stamp() -> None:
    mapping = {"type": "json_object", "fields": {"balance": "b"}}
    compiled = provider({"balance": {"path": "/b"}}, {"balance": mapping})

    def never() -> dict[str, str]:
        raise AssertionError("asked for")

    assert build(compiled, "balance", {}, "K", stamp=never).signatures == ()


@pytest.mark.parametrize("key", ["a plain key", '{"id": "farm-9"}'])
def test_a_key_without_the_part_that_signs_is_told(key: str) -> None:
    with pytest.raises(ProviderError, match="JSON object with “private”") as refused:
        build(invented("rpcfarm"), "balance", {}, key)
    assert not refused.value.sent
