"""Providers that nobody has: each config was written from the page beside it alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nexnum_console.providers.client import ProviderClient
from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.inbound import Inbound, WebhookRefused, accept
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.replay import (
    could_send,
    load_recordings,
    recorded_reply,
    recorded_variables,
    replay,
)
from nexnum_console.providers.request import Request
from nexnum_console.providers.trace import trace
from tests.providers.making import Script, answer

PLACE = Path(__file__).parent / "invented"
NAMES = sorted(page.stem for page in PLACE.glob("*.md"))
NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


def invented(name: str) -> CompiledProvider:
    return compile_config(load_config((PLACE / f"{name}.json").read_text("utf-8"), name))


def recordings(name: str) -> list[dict[str, Any]]:
    file = PLACE / f"{name}.recordings.json"
    return load_recordings(file.read_text("utf-8"), file.name)


def talking(name: str, secret: str, *answers: Any) -> tuple[ProviderClient, Script]:
    script = Script(*answers)
    client = ProviderClient(
        invented(name),
        secret,
        script,  # type: ignore[arg-type]
        now=lambda: NOW,
        pause=lambda seconds: None,
    )
    return client, script


def sent(request: Request) -> tuple[str, str, Any]:
    body = json.loads(request.content) if request.content else None
    return request.method, request.url.partition(".example")[2], body


@pytest.mark.parametrize(
    ("name", "recording"),
    [
        pytest.param(name, recording, id=recording["id"])
        for name in NAMES
        for recording in recordings(name)
    ],
)
def test_a_recording_means_what_it_must(name: str, recording: dict) -> None:
    (outcome,) = replay(invented(name), [recording])
    assert outcome.difference is None
    assert could_send(invented(name), recording) is None


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_page_and_enough_recordings(name: str) -> None:
    assert len((PLACE / f"{name}.md").read_text("utf-8")) > 1200
    told = recordings(name)
    assert len(told) >= 12
    assert sum("error" in each["expected"] for each in told) >= 4


def rental(**more: Any) -> Any:
    return {"rental": {"ref": "R-1", **more}}


def test_northline_from_the_login_to_the_code() -> None:
    inbox = {"inbox": [{"from": "Telegram", "body": "Telegram code 09363", "otp": None}]}
    client, script = talking(
        "northline",
        '{"id": "c-1", "secret": "s-1"}',
        answer({"session": {"token": "T1", "validFor": 1800}}, 201),
        answer(rental(phase="SEARCHING", amount={"value": "0.4500", "currency": "EUR"}), 202),
        answer(rental(phase="SEARCHING")),
        answer(rental(phase="READY", msisdn="447350690992")),
        answer({"problem": {"code": "SESSION_OVER"}}, 401),
        answer({"session": {"token": "T2", "validFor": 1800}}, 201),
        answer(rental(phase="ANSWERED", msisdn="447350690992")),
        answer(inbox),
        answer("", 204),
    )
    bought = client.buy("gb", "telegram", max_price="0.45")
    assert (bought.activation_id, bought.phone, bought.cost) == ("R-1", "+447350690992", "0.4500")
    report = client.status("R-1")
    assert (report.state, report.code, report.sender) == ("received", "09363", "Telegram")
    assert client.finish("R-1").state == "finished"
    assert [sent(request)[:2] for request in script.requests] == [
        ("POST", "/v3/sessions"),
        ("POST", "/v3/rentals"),
        ("GET", "/v3/rentals/R-1"),
        ("GET", "/v3/rentals/R-1"),
        ("GET", "/v3/rentals/R-1"),
        ("POST", "/v3/sessions"),
        ("GET", "/v3/rentals/R-1"),
        ("GET", "/v3/rentals/R-1/inbox"),
        ("POST", "/v3/rentals/R-1/done"),
    ]
    login, buying = script.requests[:2]
    assert (login.headers["X-Client-Id"], login.headers["X-Client-Secret"]) == ("c-1", "s-1")
    assert buying.content == b'{"app": "telegram", "market": "uk", "ceiling": 0.45}'
    assert buying.headers["Authorization"] == "Bearer T1"
    assert "X-Client-Secret" not in buying.headers


def test_northline_lists_go_over_their_pages() -> None:
    def page(market: str, following: str | None) -> Any:
        tiers = [{"amount": {"value": "0.1"}, "left": 1}]
        item = {"market": market, "app": {"slug": "a"}, "tiers": tiers}
        return answer({"items": [item], "paging": {"next": following}})

    client, script = talking(
        "northline",
        '{"id": "c-1", "secret": "s-1"}',
        answer({"session": {"token": "T1", "validFor": 1800}}, 201),
        page("de", "/v3/tariffs?after=50"),
        page("pl", None),
    )
    assert [row.country for row in client.prices()] == ["de", "pl"]
    assert sent(script.requests[-1])[1] == "/v3/tariffs?after=50"


def test_kabelpost_closes_what_cannot_be_given_back() -> None:
    client, script = talking("kabelpost", "4711:0815", answer("23"), answer("0"), answer("0"))
    assert client.cancel("8812").state == "finished"
    assert client.cancel("8813").state == "cancelled"
    first, second, _ = (request.content or b"" for request in script.requests)
    assert b'name="op"\r\n\r\nSTORNO\r\n' in first
    assert b'name="op"\r\n\r\nENDE\r\n' in second
    pin = base64.b64encode(b"4711:0815").decode()
    assert script.requests[0].headers["Authorization"] == f"Basic {pin}"


def test_mangosim_finds_the_state_of_a_lease_among_all_pages() -> None:
    def page(*leases: int) -> Any:
        rows = [{"lease": each, "tel": "+48601234567", "st": 1} for each in leases]
        return answer({"ok": 1, "reply": json.dumps(rows)})

    answers = [page(*range(20)), page(77), page(*range(20)), page(77)]
    client, script = talking("mangosim", "key-1\nkey-2", *answers)
    assert client.supports("status")
    assert client.status("77").state == "waiting"
    assert client.status("78").state == "expired"
    assert client.status("3").state == "waiting", "by the list that was just read"
    calls = [sent(request)[2] for request in script.requests]
    assert [call["with"]["page"] for call in calls] == [0, 1, 0, 1]
    assert [call["auth"] for call in calls] == ["key-1", "key-2"] * 2


def test_mangosim_asks_by_number_of_the_country() -> None:
    taken = {"lease": 1, "tel": "+48601234567", "paid": "0.15", "until": 1772360400123}
    client, script = talking("mangosim", "K", answer({"ok": 1, "reply": json.dumps(taken)}))
    assert client.buy("PL", "tg", max_price="0.20").expires_at == datetime(
        2026, 3, 1, 10, 20, tzinfo=UTC
    )
    assert sent(script.requests[0])[2] == {
        "auth": "K",
        "call": "numbers.take",
        "with": {"geo": 616, "svc": "tg", "top": "0.20"},
    }


def test_mangosim_calls_us() -> None:
    body = json.dumps({"at": 1772359200, "uid": "m-1", "lease": 5, "sms": "09363 is it"}).encode()
    mac = hmac.new(b"key-1", b"1772359200." + body, hashlib.sha256).hexdigest()
    inbound = Inbound("https://me.example/hook", {"x-mango-mac": mac}, body)
    event = accept(invented("mangosim"), inbound, "key-1\nkey-2", NOW)
    assert (event.key, event.result["code"]) == ("id:m-1", "09363")
    late = datetime(2026, 3, 1, 10, 6, tzinfo=UTC)
    with pytest.raises(WebhookRefused, match="300 s"):
        accept(invented("mangosim"), inbound, "key-1\nkey-2", late)
    with pytest.raises(WebhookRefused, match="does not fit"):
        accept(invented("mangosim"), inbound, "key-2\nkey-1", NOW)


@pytest.mark.parametrize(
    ("name", "recording"),
    [
        pytest.param(name, recording, id=recording["id"])
        for name in NAMES
        for recording in recordings(name)
    ],
)
def test_its_trace_says_what_reading_says(name: str, recording: dict) -> None:
    compiled = invented(name)
    operation = recording["operation"]
    variables = recorded_variables(compiled, operation, recording["request"])
    told = trace(compiled, operation, recorded_reply(operation, recording), variables)
    (outcome,) = replay(compiled, [recording])
    assert told.result == outcome.result.get("ok")
    assert (told.error.code if told.error else None) == outcome.result.get("error")


def test_the_trace_of_a_state_out_of_a_list() -> None:
    lease = {"lease": 5512, "tel": "+48601234567", "st": 1}
    reply = answer({"ok": 1, "reply": json.dumps([lease])})
    found = [trace(invented("mangosim"), "status", reply, {"id": i}).result for i in ("5512", "9")]
    assert [each and each["state"] for each in found] == ["waiting", "expired"]
