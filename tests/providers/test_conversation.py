"""What is said to a provider for one answer: logins, fallbacks, pages, second questions, keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nexnum_console.providers.client import AsyncProviderClient, ProviderClient
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.loading import ConfigError
from tests.providers.making import AsyncScript, Script, answer, provider
from tests.support.loops import finish

NOW = datetime(2026, 1, 2, tzinfo=UTC)
STATUS = {"type": "json_object", "fields": {"state": "state", "code": "code", "phone": "phone"}}
TOKEN = {
    "auth": [{"type": "header", "name": "X-Key"}, {"type": "bearer", "uses": "token"}],
}


def client(
    compiled: CompiledProvider, script: Script, secret: str = "K", now: Any = None
) -> ProviderClient:
    pauses: list[float] = []
    made = ProviderClient(compiled, secret, script, now=now or (lambda: NOW), pause=pauses.append)  # type: ignore[arg-type]
    made.pauses = pauses  # type: ignore[attr-defined]
    return made


def logging_in(**login: Any) -> CompiledProvider:
    mapping = {"type": "json_object", "fields": {"token": "token", **login}}
    return provider(
        {
            "login": {"method": "POST", "path": "/auth"},
            "balance": {"path": "/balance"},
            "buy": {"path": "/buy"},
            "status": {"path": "/status/{id}"},
        },
        {
            "login": mapping,
            "balance": {"type": "json_object", "fields": {"balance": "balance"}},
            "buy": {"type": "json_object", "fields": {"activation_id": "id", "phone": "phone"}},
            "status": STATUS,
        },
        **TOKEN,
    )


def test_a_login_is_kept_until_its_token_expires() -> None:
    money = answer({"balance": "5"})
    first, second = ({"token": t, "expires_in": 600} for t in ("T1", "T2"))
    script = Script(answer(first), money, money, answer(second), money)
    compiled = logging_in(expires_in="expires_in")
    moment = [NOW]
    asked = client(compiled, script, now=lambda: moment[0])
    asked.balance()
    asked.balance()
    moment[0] = NOW + timedelta(seconds=571)
    asked.balance()
    assert script.urls == ["/auth", "/balance", "/balance", "/auth", "/balance"]
    login, call, _, _, last = script.requests
    assert login.headers["X-Key"] == "K"
    assert "Authorization" not in login.headers
    assert call.headers["Authorization"] == "Bearer T1"
    assert "X-Key" not in call.headers
    assert last.headers["Authorization"] == "Bearer T2"
    assert "T1" in call.secret.splitlines()


def test_a_refused_token_is_renewed_once() -> None:
    fresh = [answer({"token": t}) for t in ("T1", "T2", "T3")]
    refused = answer("", 401)
    script = Script(fresh[0], refused, fresh[1], answer({"balance": "5"}))
    assert client(logging_in(), script).balance().amount == "5"
    assert script.requests[-1].headers["Authorization"] == "Bearer T2"
    script = Script(fresh[0], refused, fresh[1], refused, fresh[2])
    with pytest.raises(ProviderError) as caught:
        client(logging_in(), script).balance()
    assert caught.value.code == "bad_key"
    assert len(script.requests) == 4


def test_a_purchase_is_sent_once_whatever_becomes_of_its_token() -> None:
    script = Script(answer({"token": "T1"}), answer("", 401), answer({"token": "T2"}))
    asked = client(logging_in(), script)
    with pytest.raises(ProviderError) as caught:
        asked.buy("1", "tg")
    assert caught.value.declined
    assert script.urls == ["/auth", "/buy?"[:-1]]
    script.answers.append(answer({"id": 1, "phone": "447350690992"}))
    assert asked.buy("1", "tg").phone == "+447350690992"
    assert script.requests[-1].headers["Authorization"] == "Bearer T2"


def test_a_refused_login_is_the_error_of_the_call() -> None:
    script = Script(answer({"error": "nope T9"}, 401))
    with pytest.raises(ProviderError) as caught:
        client(logging_in(), script).balance()
    assert caught.value.code == "bad_key"
    assert script.reports == [("login", "bad_key")]


def test_the_poller_logs_in_too() -> None:
    script = AsyncScript(answer({"token": "T1"}), answer({"state": "waiting"}))
    asked = AsyncProviderClient(logging_in(), "K", script, now=lambda: NOW)  # type: ignore[arg-type]
    assert finish(asked.status("7")).state == "waiting"
    assert script.urls == ["/auth", "/status/7"]


def test_no_error_tells_a_token() -> None:
    script = Script(answer({"token": "T-secret"}), answer("T-secret is over", 500))
    with pytest.raises(ProviderError) as caught:
        client(logging_in(), script).balance()
    assert "T-secret" not in str(caught.value) + caught.value.raw


KEYS = "key-1\nkey-2\nkey-3"
ROTATE = {"auth": {"type": "query_param", "name": "k", "rotate": True}}
MONEY = {"type": "json_object", "fields": {"balance": "balance"}}


def test_keys_are_used_in_turn_and_a_refused_one_rests() -> None:
    compiled = provider({"balance": {"path": "/b"}}, {"balance": MONEY}, **ROTATE)
    fine = answer({"balance": "1"})
    script = Script(fine, answer("", 401), fine, fine, fine)
    asked = client(compiled, script, KEYS)
    asked.balance()
    with pytest.raises(ProviderError):
        asked.balance()
    for _ in range(3):
        asked.balance()
    assert [url[-1] for url in script.urls] == ["1", "2", "3", "1", "3"]
    assert "key-3" in script.requests[0].secret


CANCEL = [
    {"path": "/cancel/{id}"},
    {"path": "/refund/{id}", "after": ["invalid_transition"]},
    {"path": "/close/{id}", "after": ["sms_already_received"]},
]
DONE = {"type": "text_words", "words": {"OK": {"state": "cancelled"}}}
WORDS = {"words": {"TOO LATE": "invalid_transition", "HAS SMS": "sms_already_received"}}


@pytest.mark.parametrize(
    ("answers", "urls"),
    [
        (["OK"], ["/cancel/7"]),
        (["TOO LATE", "OK"], ["/cancel/7", "/refund/7"]),
        (["TOO LATE", "HAS SMS", "OK"], ["/cancel/7", "/refund/7", "/close/7"]),
        (["HAS SMS", "OK"], ["/cancel/7", "/close/7"]),
    ],
)
def test_another_verb_after_a_refusal(answers: list[str], urls: list[str]) -> None:
    compiled = provider({"cancel": {"routes": CANCEL}}, {"cancel": DONE}, errors=WORDS)
    script = Script(*map(answer, answers))
    assert client(compiled, script).cancel("7").state == "cancelled"
    assert script.urls == urls


def test_what_no_verb_is_for_stays_an_error() -> None:
    compiled = provider({"cancel": {"routes": CANCEL}}, {"cancel": DONE}, errors=WORDS)
    script = Script(answer("HAS SMS"), answer("TOO LATE"))
    with pytest.raises(ProviderError) as caught:
        client(compiled, script).cancel("7")
    assert caught.value.code == "invalid_transition"


def test_another_verb_by_state() -> None:
    routes = [
        {"when": {"state": ["received", "retry"]}, "path": "/done/{id}"},
        {"path": "/cancel/{id}"},
    ]
    compiled = provider({"cancel": {"routes": routes}}, {"cancel": DONE})
    script = Script(answer("OK"), answer("OK"))
    asked = client(compiled, script)
    asked.cancel("7", {"state": "received"})
    asked.cancel("7", {"state": "waiting"})
    assert script.urls == ["/done/7", "/cancel/7"]


def allocating(follow: dict[str, Any], **buy: Any) -> CompiledProvider:
    order = {"type": "json_object", "fields": {"activation_id": "id", **buy}}
    listed = {"type": "json_array", "fields": {"activation_id": "id", "phone": "phone"}}
    return provider(
        {"buy": {"path": "/buy"}, "status": {"path": "/s/{id}"}, "active": {"path": "/a"}},
        {"buy": {"follow": follow, "replies": [order]}, "status": STATUS, "active": listed},
        deadlines={"spendSeconds": 5},
    )


def test_a_number_that_comes_later() -> None:
    compiled = allocating({"operation": "status", "everySeconds": 2}, cost="cost")
    script = Script(
        answer({"id": 9, "cost": 0.3}),
        answer({"state": "waiting"}),
        answer("busy", 500),
        answer({"state": "waiting", "phone": 447350690992}),
    )
    asked = client(compiled, script)
    bought = asked.buy("1", "tg")
    assert (bought.activation_id, bought.phone, bought.cost) == ("9", "+447350690992", "0.3")
    assert script.urls == ["/buy", "/s/9", "/s/9", "/s/9"]
    assert asked.pauses == [2, 2, 2]  # type: ignore[attr-defined]


def test_a_number_that_comes_in_the_list() -> None:
    compiled = allocating({"operation": "active"})
    row = {"id": 9, "phone": "447350690992"}
    script = Script(answer({"id": 9}), answer([{"id": 8}]), answer([{"id": 8}, row]))
    assert client(compiled, script).buy("1", "tg").phone == "+447350690992"


def test_a_number_that_never_comes_leaves_the_outcome_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter(range(0, 100, 2))
    monkeypatch.setattr("nexnum_console.providers.conversation.time.monotonic", lambda: next(clock))
    compiled = allocating({"operation": "status", "everySeconds": 1})
    script = Script(answer({"id": 9}), *[answer({"state": "waiting"})] * 9)
    with pytest.raises(ProviderError) as caught:
        client(compiled, script).buy("1", "tg")
    assert not caught.value.declined
    assert caught.value.activation_id == "9"
    assert script.urls.count("/buy") == 1
    assert script.urls == ["/buy", "/s/9"]
    assert script.requests[1].deadline <= 5


def test_an_order_that_ended_without_a_number_was_declined() -> None:
    compiled = allocating({"operation": "status"})
    script = Script(answer({"id": 9}), answer({"state": "cancelled"}))
    with pytest.raises(ProviderError) as caught:
        client(compiled, script).buy("1", "tg")
    assert (caught.value.code, caught.value.declined) == ("no_numbers", True)


def test_the_sms_is_asked_for_apart() -> None:
    messages = {
        "type": "json_object",
        "rootPath": "data[-1]",
        "fields": {"code": "code", "text": "text", "sender": "from"},
    }
    follow = {"operation": "messages", "states": ["received", "finished"]}
    compiled = provider(
        {"status": {"path": "/s/{id}"}, "messages": {"path": "/sms?order={id}"}},
        {"status": {"follow": follow, "replies": [STATUS]}, "messages": messages},
    )
    sms = {"code": "0042", "text": "Your code is 0042", "from": "X"}
    script = Script(
        answer({"state": "waiting"}), answer({"state": "finished"}), answer({"data": [sms]})
    )
    asked = client(compiled, script)
    assert asked.status("7").state == "waiting"
    report = asked.status("7")
    assert (report.code, report.text, report.sender) == ("0042", "Your code is 0042", "X")
    assert script.urls == ["/s/7", "/s/7", "/sms?order=7"]


LIST = {"type": "json_array", "rootPath": "rows", "fields": {"activation_id": "id"}}


def paged(pagination: dict[str, Any], **query: Any) -> CompiledProvider:
    route = {"path": "/list", "queryParams": query, "pagination": pagination}
    return provider(
        {"active": route},
        {"active": LIST},
        auth={"type": "query_param", "name": "k"},
    )


def rows(*ids: int, **more: Any) -> Any:
    return answer({"rows": [{"id": each} for each in ids], **more})


def listed(compiled: CompiledProvider, *answers: Any) -> tuple[list[str], list[str]]:
    script = Script(*answers)
    found = [row.activation_id for row in client(compiled, script).active()]
    assert not script.answers
    return found, script.urls


def test_pages_by_number() -> None:
    compiled = paged({"type": "page", "size": 2, "first": 0}, page="$page", per="$limit")
    found, urls = listed(compiled, rows(1, 2), rows(3))
    assert found == ["1", "2", "3"]
    assert urls == ["/list?k=K&page=0&per=2", "/list?k=K&page=1&per=2"]


def test_pages_by_cursor() -> None:
    compiled = paged({"type": "cursor", "next": "next"}, after="$cursor")
    found, urls = listed(compiled, rows(1, 2, next="c1"), rows(next="c2"), rows(3, next=None))
    assert found == ["1", "2", "3"]
    assert urls == ["/list?k=K", "/list?k=K&after=c1", "/list?k=K&after=c2"]


def test_pages_by_link_in_the_body_and_in_a_header() -> None:
    compiled = paged({"type": "link", "next": "links.next"})
    there = {"next": "https://x.example/list?after=9"}
    found, urls = listed(compiled, rows(1, links=there), rows(2, links={"next": None}))
    assert (found, urls) == (["1", "2"], ["/list?k=K", "/list?k=K&after=9"])
    compiled = paged({"type": "link", "next": "$header.link"})
    first = rows(1)
    first.headers["link"] = '</list?p=1>; rel="prev", </list?p=3>; rel="next"'  # type: ignore[index]
    found, urls = listed(compiled, first, rows(2))
    assert (found, urls) == (["1", "2"], ["/list?k=K", "/list?k=K&p=3"])


@pytest.mark.parametrize(
    "link", ["https://evil.example/list", "http://x.example/list", "//evil.example/"]
)
def test_the_key_does_not_follow_a_link_to_another_host(link: str) -> None:
    compiled = paged({"type": "link", "next": "next"})
    script = Script(rows(1, next=link))
    with pytest.raises(ProviderError, match="another host"):
        client(compiled, script).active()
    assert len(script.requests) == 1


def test_a_cursor_that_does_not_move_is_no_complete_list() -> None:
    compiled = paged({"type": "cursor", "next": "next"}, after="$cursor")
    with pytest.raises(ProviderError, match="repeats"):
        client(compiled, Script(rows(1, next="c"), rows(1, next="c"))).active()


def test_prices_come_in_pages_too() -> None:
    route = {"path": "/p", "queryParams": {"o": "$offset"}, "pagination": {"size": 2}}
    offers = {"type": "json_array", "fields": {"country": "c", "price": "p"}}
    compiled = provider({"prices": route}, {"prices": offers})
    pages = [[{"c": "a", "p": "1"}, {"c": "", "p": "x"}], [{"c": "b", "p": "2"}]]
    script = Script(*map(answer, pages))
    found = client(compiled, script).prices()
    assert [(row.country, row.price) for row in found] == [("a", "1"), ("b", "2")]
    assert script.urls == ["/p?o=0", "/p?o=2"]


def test_many_statuses_by_one_call() -> None:
    rows_of = {"type": "json_array", "fields": {"activation_id": "id", "code": "code"}}
    compiled = provider({"statuses": {"path": "/s?ids={ids}"}}, {"statuses": rows_of})
    script = Script(answer([{"id": 1, "code": "0042"}, {"id": 2, "code": ""}]))
    found = client(compiled, script).statuses(["1", "2"])
    assert [(row.activation_id, row.code) for row in found] == [("1", "0042"), ("2", None)]
    assert script.urls == ["/s?ids=1%2C2"]


def test_what_a_route_says_of_itself_reaches_the_request() -> None:
    route = {
        "path": "/b",
        "deadlineSeconds": 3,
        "rateLimit": {"requests": 1, "perSeconds": 20, "concurrency": 1},
    }
    script = Script(answer({"balance": "1"}))
    client(provider({"balance": route}, {"balance": MONEY}), script).balance()
    (request,) = script.requests
    assert (request.deadline, request.effect) == (3, "read")
    assert request.rate_limit is not None
    assert request.rate_limit.per_seconds == 20


@pytest.mark.parametrize(
    ("endpoints", "mappings", "more", "message"),
    [
        ({}, {}, TOKEN, "no “login” under “endpoints”"),
        (
            {"login": {"path": "/l"}},
            {"login": {"type": "json_object", "fields": {"token": "t"}}},
            {},
            "no auth uses",
        ),
        (
            {"buy": {"path": "/b"}},
            {
                "buy": {
                    "follow": {"operation": "status"},
                    "replies": [{"type": "json_object", "fields": {"activation_id": "id"}}],
                }
            },
            {},
            "asks for “status”",
        ),
        (
            {"balance": {"path": "/b"}},
            {"balance": MONEY | {"absent": "vanished"}},
            {},
            "neither a state nor an error",
        ),
    ],
)
def test_parts_that_do_not_fit_together(
    endpoints: dict, mappings: dict, more: dict, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        provider(endpoints, mappings, **more)
    assert message in str(caught.value)


def test_a_changed_order_id_is_told() -> None:
    mapping = {
        "type": "json_object",
        "fields": {"activation_id": "order_id"},
        "constants": {"state": "retry"},
    }
    compiled = provider({"resend": {"path": "/r/{id}"}}, {"resend": mapping})
    script = Script(answer({"order_id": "B"}), answer(json.dumps({"order_id": "A"})))
    asked = client(compiled, script)
    assert asked.resend("A").activation_id == "B"
    assert asked.resend("A").activation_id is None
