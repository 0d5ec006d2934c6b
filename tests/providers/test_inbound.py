"""Webhooks that come in: who may send them, when, and what they say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.inbound import Inbound, WebhookRefused, accept
from nexnum_console.providers.loading import ConfigError
from tests.providers.conftest import shipped
from tests.providers.making import provider

NOW = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)
SMS = {"type": "json_object", "fields": {"activation_id": "id", "text": "text"}}
BODY = b'{"id": 7,  "text": "Your code is 445566"}'


def listening(webhook: dict[str, Any]) -> CompiledProvider:
    return provider({}, {"webhook": SMS}, webhooks={"*": webhook})


def sign(algorithm: str, text: bytes, secret: str = "S") -> bytes:
    return hmac.new(secret.encode(), text, algorithm).digest()


def sent(body: bytes = BODY, address: str = "192.0.2.7", **headers: str) -> Inbound:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Inbound("https://me.example/hook?k=S", named, body, address)


HEX = sign("sha256", BODY).hex()
B64 = base64.b64encode(sign("sha512", BODY)).decode()
STAMPED = sign("sha256", b"1767225720." + BODY).hex()


@pytest.mark.parametrize(
    ("webhook", "inbound"),
    [
        ({}, sent()),
        ({"verify": [{"type": "hmac", "header": "X-Sig"}]}, sent(x_sig=HEX)),
        ({"verify": [{"type": "hmac", "header": "X-Sig"}]}, sent(x_sig=f"{'0' * 64}, {HEX}")),
        (
            {
                "verify": [
                    {
                        "type": "hmac",
                        "header": "X-Sig",
                        "algorithm": "sha512",
                        "encoding": "base64",
                        "prefix": "HMAC-SHA512=",
                    }
                ]
            },
            sent(x_sig=f"HMAC-SHA512={B64}"),
        ),
        (
            {
                "verify": [{"type": "hmac", "header": "X-Sig", "signed": "{timestamp}.{body}"}],
                "replay": {"timestamp": "$header.x-time"},
            },
            sent(x_sig=STAMPED, x_time="1767225720"),
        ),
        ({"verify": [{"type": "secret", "header": "X-Key"}]}, sent(x_key="S")),
        ({"verify": [{"type": "secret", "query": "k"}]}, sent()),
        ({"verify": [{"type": "secret", "field": "key"}]}, sent(b'{"id":1,"text":"a","key":"S"}')),
        ({"verify": [{"type": "ip", "allow": ["192.0.2.0/24"]}]}, sent()),
        (
            {"verify": [{"type": "ip", "allow": ["192.0.2.7"]}]},
            sent(address="::ffff:192.0.2.7"),
        ),
        ({"replay": {"timestamp": "$header.x-time"}}, sent(x_time="2026-01-01T00:00:00Z")),
        ({"replay": {"timestamp": "$header.x-time"}}, sent(x_time="1767225720123")),
    ],
)
def test_what_is_taken(webhook: dict, inbound: Inbound) -> None:
    assert accept(listening(webhook), inbound, "S", NOW).result["event"] == "sms"


@pytest.mark.parametrize(
    ("webhook", "inbound", "reason"),
    [
        ({"verify": [{"type": "hmac", "header": "X-Sig"}]}, sent(), "X-Sig is missing"),
        ({"verify": [{"type": "hmac", "header": "X-Sig"}]}, sent(x_sig="zz"), "does not fit"),
        ({"verify": [{"type": "hmac", "header": "X-Sig"}]}, sent(x_sig=""), "does not fit"),
        (
            {"verify": [{"type": "hmac", "header": "X-Sig"}]},
            sent(BODY.replace(b"  ", b" "), x_sig=HEX),
            "does not fit",
        ),
        (
            {"verify": [{"type": "hmac", "header": "X-Sig", "prefix": "v1="}]},
            sent(x_sig=HEX),
            "does not fit",
        ),
        ({"verify": [{"type": "secret", "header": "X-Key"}]}, sent(x_key="s"), "secret"),
        ({"verify": [{"type": "secret", "header": "X-Key"}]}, sent(), "secret"),
        ({"verify": [{"type": "secret", "query": "other"}]}, sent(), "secret"),
        ({"verify": [{"type": "ip", "allow": ["192.0.2.8"]}]}, sent(), "192.0.2.7"),
        ({"verify": [{"type": "ip", "allow": ["192.0.2.8"]}]}, sent(address="x"), "not known"),
        ({"replay": {"timestamp": "$header.x-time"}}, sent(), "missing"),
        ({"replay": {"timestamp": "$header.x-time"}}, sent(x_time="soon"), "cannot be read"),
        ({"replay": {"timestamp": "$header.x-time"}}, sent(x_time="1767225000"), "300 s"),
        ({"replay": {"timestamp": "$header.x-time"}}, sent(x_time="9" * 18), "cannot be read"),
        (
            {
                "verify": [
                    {"type": "ip", "allow": ["192.0.2.7"]},
                    {"type": "secret", "query": "x"},
                ]
            },
            sent(),
            "secret",
        ),
    ],
)
def test_what_is_refused(webhook: dict, inbound: Inbound, reason: str) -> None:
    with pytest.raises(WebhookRefused, match=reason):
        accept(listening(webhook), inbound, "S", NOW)


def test_without_a_secret_no_signature_can_hold() -> None:
    empty = sign("sha256", BODY, "").hex()
    webhook = {"verify": [{"type": "hmac", "header": "X-Sig"}]}
    with pytest.raises(WebhookRefused, match="no secret"):
        accept(listening(webhook), sent(x_sig=empty), "", NOW)


def test_the_secret_may_be_one_for_webhooks_alone() -> None:
    webhook = {"verify": [{"type": "hmac", "header": "X-Sig"}]}
    secret = json.dumps({"key": "K", "webhook": "S"})
    assert accept(listening(webhook), sent(x_sig=HEX), secret, NOW).result["code"] == "445566"


def test_an_address_signed_with_its_form() -> None:
    """The example of Twilio's own documentation."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    compiled = shipped("webhooks")
    inbound = Inbound(
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
        },
        urlencode(form).encode(),
    )
    # The signature holds; a call is no SMS, which only the reading says.
    with pytest.raises(ProviderError):
        accept(compiled, inbound, "12345", NOW, "twilio")
    with pytest.raises(WebhookRefused, match="does not fit"):
        accept(compiled, inbound, "12346", NOW, "twilio")


def test_the_same_event_has_the_same_key() -> None:
    compiled = listening({"replay": {"eventId": "id"}})
    first = accept(compiled, sent(b'{"id":"e1","text":"a 1234"}'), "S", NOW)
    again = accept(compiled, sent(b'{"text":"a 1234","id":"e1"}'), "S", NOW)
    other = accept(compiled, sent(b'{"text":"a 1234","id":"e2"}'), "S", NOW)
    assert first.key == again.key == "id:e1"
    assert other.key != first.key
    bare = accept(listening({}), sent(), "S", NOW)
    assert bare.key == f"sha256:{hashlib.sha256(BODY).hexdigest()}"


TEXTVERIFIED = {
    "attempt": 1,
    "event": "v2.sms.received",
    "id": "evt_1",
    "data": {"to": "+15555550100", "smsContent": "Your code is 445566", "reservationId": "lr_1"},
}


def test_textverified_signs_its_body() -> None:
    body = json.dumps(TEXTVERIFIED).encode()
    proof = "HMAC-SHA512=" + base64.b64encode(sign("sha512", body)).decode()
    inbound = Inbound("https://me.example/hook", {"x-webhook-signature": proof}, body)
    event = accept(shipped("webhooks"), inbound, "S", NOW, "textverified")
    assert (event.key, event.result["code"]) == ("id:evt_1", "445566")


@pytest.mark.parametrize(
    ("webhook", "message"),
    [
        ({"verify": [{"type": "hmac"}]}, "needs the “header”"),
        ({"verify": [{"type": "secret"}]}, "in one of"),
        ({"verify": [{"type": "secret", "header": "a", "query": "b"}]}, "in one of"),
        ({"verify": [{"type": "ip"}]}, "nobody could send"),
        ({"verify": [{"type": "ip", "allow": ["300.1.1.1"]}]}, "not an address"),
        ({"replay": {"eventId": "a..b["}}, "not a path"),
    ],
)
def test_sections_that_cannot_work(webhook: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        listening(webhook)
    assert message in str(caught.value)
