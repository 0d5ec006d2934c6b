"""Every registered handler, called by name over a raw websocket, as each kind of person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import reflex as rx
from reflex_base.registry import RegistrationContext

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.accounts.service import by_email
from nexnum_console.bootstrap import open_redis
from nexnum_console.core.events import Events, user_channel
from nexnum_console.settings import settings
from nexnum_console.ui.shell.gate import (
    FRAMEWORK,
    HYDRATE,
    UndeclaredHandler,
    check_declarations,
    cookie_value,
    declared_of,
)
from tests.support.console import COOKIE, RunningConsole
from tests.support.loops import finish
from tests.support.socket_client import Tab

PEOPLE = (None, "user", "support", "admin")
# A valid call of each handler that takes arguments; the matrix fails when one is missing here.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "search": {"words": "telegram"},
    "choose": {"operator": "any"},
    "buy": {"key": "0" * 32, "operator": "any", "most": 1},
    "cancel_number": {"activation_id": 999_999},
    "report_number": {"activation_id": 999_999},
    "ask_another": {"activation_id": 999_999},
    "finish_number": {"activation_id": 999_999},
    "top_up": {"key": "f" * 32, "gateway": "sandbox", "amount": "0.00", "coupon": ""},
    "choose_way": {"gateway": "sandbox"},
    "redeem_coupon": {"code": "NO-SUCH-CODE"},
    "ask_appeal": {"penalty": 999_999},
    "appeal_penalty": {"text": "It was not me, really."},
    "sync": {"name": "no-such-provider"},
    "set_enabled": {"name": "no-such-provider", "enabled": True},
    "filter_by": {"key": "q", "value": "nobody"},
    "toggle": {"row": "1"},
    "keep_view": {"name": "of the matrix", "shared": False},
    "drop_view": {"view": 999_999},
    "end_login": {"session_id": 999_999},
    "open_layer": {"layer": "drawer"},
    "confirm_word": {"word": "not it"},
    "tell": {"kind": "ok"},
    "set_fault": {"carrier": "no-such", "fault": "no_stock", "percent": "50"},
    "clear_fault": {"carrier": "no-such", "fault": "no_stock"},
    "write_to": {"order": "1"},
    "send_sms": {"order": "1", "code": "1234", "text": ""},
    "use_profile": {"profile": "demo"},
    "change": {"name": "no_such_rule", "text": "on"},
    "find": {"words": "nobody"},
    "settle_selected": {"reason": "The disk was full", "word": "settle"},
    "take_again": {"key": "0" * 32, "activation_id": 1, "most": 1},
    "buy_now": {"key": "0" * 32, "service": "telegram", "country": "GB", "most": 1},
    "prefer": {"strategy": "best"},
    "preview": {"amount": "1"},
    "adjust": {"key": "0" * 32, "amount": "0", "reason": "", "word": "nobody"},
    "set_banned": {"reason": "", "word": "nobody"},
    "preview_margin": {"margin": "2"},
    "set_margin": {"margin": "0"},
    "set_rank": {"rank": "none"},
    "ask_breaker": {"account": 999_999, "wish": "open"},
    "decide_breaker": {"reason": ""},
    "drop_selected": {"reason": "", "word": ""},
    "answer_selected": {"verdict": "none", "reason": "", "word": ""},
    "try_policy": {"written": {"luck": "1"}, "last": "1"},
    "save_policy": {"reason": ""},
    "add_rule": {
        "provider": "no-such",
        "kind": "ban",
        "service": "",
        "country": "",
        "hours": "0",
        "reason": "",
    },
    "free_rule": {"provider": "no-such", "service": "", "country": ""},
    "write": {"text": "{}"},
    "put": {"pointer": "/name", "value": "x"},
    "rename": {"pointer": "/name", "key": "x"},
    "add": {"pointer": "/headers"},
    "transform": {"pointer": "/name", "step": ""},
    "jump": {"pointer": "/name"},
    "go": {"line": 1},
    "publish_draft": {"reason": ""},
    "share": {"percent": "0"},
    "unpin": {"fixture": 999_999},
    "choose_operation": {"operation": "buy"},
    "set_where": {"where": "replay"},
    "choose_fixture": {"fixture": "none"},
    "set_input": {"name": "service", "value": "x"},
    "set_most": {"value": "1"},
    "show_row": {"row": 0},
    "pick": {"start": 0},
    "map_to": {"output": "phone"},
    "pin": {"name": "x"},
    "compare": {"old": 1, "new": 1},
    "ask_back": {"number": 0},
    "roll_back": {"reason": ""},
    "replace_key": {"key": "x"},
    "choose_kind": {"kind": "country"},
    "look_for": {"words": "x"},
    "send": {"theirs": "x", "sent": "y"},
    "choose_only": {"only": "open"},
    "ask": {"theirs": ""},
    "look_up": {"words": "x"},
    "say": {"theirs": "x", "ours": "GB"},
    "set_kind": {"kind": "template"},
    "begin": {"source": "none", "name": "", "title": "", "carrier": ""},
    "give_key": {"key": "x"},
    "ask_thaw": {"user": 999_999},
    "thaw": {"reason": "", "word": ""},
    "choose_statement": {"user": "", "since": "2026-11-01", "until": "2026-11-02"},
    "ask_baseline": {"account": 999_999},
    "take_as_right": {"reason": ""},
    "ask_booking": {"wish": "payout"},
    "book_payout": {"whom": "nobody", "amount": "0", "reference": ""},
    "book_top_up": {"account": "999999", "amount": "0", "arrived": "", "reference": ""},
    "ask_deed": {"deed": "refund"},
    "confirm_deposit": {"amount": "0", "reference": "", "reason": ""},
    "refund_deposit": {"key": "0" * 32, "amount": "0", "reason": ""},
    "assign_suspense": {"user": "nobody@example.org", "worth": "", "reason": ""},
    "return_suspense": {"reason": ""},
    "decide_request": {"approve": False, "reason": ""},
    "make_coupon": {"terms": {}, "code": "", "reason": ""},
    "withdraw_coupon": {"reason": ""},
    "decide_penalty": {"reverse": False, "reason": ""},
}


@pytest.fixture(scope="module")
def handlers(monkeypatch_module: pytest.MonkeyPatch) -> list[str]:
    """Full names of everything the running app registers."""
    import nexnum_console.nexnum_console  # noqa: PLC0415, F401  registers as it is imported

    return sorted(RegistrationContext.ensure_context().event_handlers)


@pytest.fixture(scope="module")
def monkeypatch_module(console: RunningConsole) -> Iterator[pytest.MonkeyPatch]:
    """The web process's settings, so that the app can be composed here as well."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in console.variables.items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield patch
    settings.cache_clear()


def test_the_matrix_knows_every_handler(handlers: list[str]) -> None:
    ours = [name for name in handlers if "nexnum_console" in name and not name.endswith(".setvar")]
    assert len(ours) >= 15
    for name in ours:
        assert declared_of(name) is not None, name
    assert set(handlers) >= FRAMEWORK


def test_each_person_gets_exactly_what_is_declared(
    handlers: list[str], console: RunningConsole
) -> None:
    for role in PEOPLE:
        cookie = _cookie(console, role)
        allowed, refused = finish(_knock_everywhere(console, handlers, cookie))
        for name in handlers:
            assert _expected(name, role) == (name in allowed), (role, name, name in refused)


async def _knock_everywhere(
    console: RunningConsole, handlers: list[str], cookie: str | None
) -> tuple[set[str], set[str]]:
    """(let through, refused) as the gate's own log tells."""
    start = console.web_log.stat().st_size
    async with Tab(console.url, cookie) as tab:
        await tab.send(HYDRATE)
        await tab.quiet()
        for name in handlers:
            if name != HYDRATE:
                await tab.send(name, **ARGUMENTS.get(name.rpartition(".")[2], {}))
        await tab.quiet(1.0, 20)
    refusals = [line for line in _log_since(console, start) if "event refused: " in line]
    refused = {line.split("event refused: ")[1].split(" for ")[0] for line in refusals}
    return set(handlers) - refused, refused


def _expected(name: str, role: str | None) -> bool:
    if name in FRAMEWORK:
        return True
    declared = declared_of(name)
    if declared is None:
        return False
    if declared.capability is None:
        return True
    return role is not None and declared.capability in capabilities_of(role)


def test_a_refused_event_tells_nothing_and_shows_the_door(console: RunningConsole) -> None:
    console.sign_in("private@example.org")
    overview = _named("overview_state.load")

    async def look(cookie: str | None) -> Tab:
        async with Tab(console.url, cookie) as tab:
            await tab.send(HYDRATE)
            await tab.send(overview, "/console")
            await tab.quiet()
            return tab

    stranger = finish(look(None))
    assert stranger.redirects() == ["/login"]
    assert "providers" not in _told(stranger, "overview_state")
    user = finish(look(_cookie(console, "user")))
    assert user.redirects() == ["/store"]
    assert not _told(user, "overview_state").get("providers_rx_state_")
    admin = finish(look(_cookie(console, "admin")))
    assert admin.redirects() == []
    assert _told(admin, "overview_state")["providers_rx_state_"], "the admin sees what they may"


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        ("store_state.choose", {"operator": 5}),
        ("store_state.choose", {"operator": ["any"]}),
        ("store_state.choose", {}),
        ("store_state.choose", {"operator": "any", "more": 1}),
        ("store_state.buy", {"key": "0" * 32, "operator": "any", "most": 0.5}),
        ("store_state.buy", {"key": "0" * 32, "operator": "any", "most": "5"}),
        ("store_state.buy", {"key": "../x", "operator": "any", "most": 5}),
        ("store_state.cancel_number", {"activation_id": True}),
        ("store_state.cancel_number", {"activation_id": -1}),
        ("store_state.search", {"words": "x" * 500}),
    ],
)
def test_arguments_of_another_kind_are_refused(
    console: RunningConsole, handler: str, payload: dict[str, Any]
) -> None:
    async def knock() -> None:
        async with Tab(console.url, _cookie(console, "user")) as tab:
            await tab.send(HYDRATE)
            await tab.send(_named(handler), **payload)
            await tab.quiet()

    start = console.web_log.stat().st_size
    finish(knock())
    lines = [line for line in _log_since(console, start) if "bad arguments" in line]
    assert len(lines) == 1, lines
    assert "x" * 100 not in lines[0], "values stay out of the log"


def test_a_stolen_tab_token_opens_nobody_elses_page(console: RunningConsole) -> None:
    """Whoever learns a tab's token sees their own page there, not the one who had it."""
    victim, thief = _cookie(console, "user"), _cookie(console, "support")
    load = _named("store_state.load")

    async def scene() -> tuple[Tab, Tab, Tab]:
        async with Tab(console.url, victim) as first:
            await first.send(HYDRATE)
            await first.send(load, "/store")
            await first.quiet()
        async with Tab(console.url, thief, first.token) as second:
            await second.send(HYDRATE)
            await second.quiet()
            _wake(console, "matrix-user@example.org")
            await second.quiet()
        async with Tab(console.url, None, first.token) as third:
            await third.send(HYDRATE)
            await third.quiet()
        return first, second, third

    first, second, third = finish(scene())
    assert _told(first, "store_state")["email_rx_state_"] == "matrix-user@example.org"
    for stranger in (second, third):
        assert "matrix-user" not in json.dumps(stranger.heard)


def test_a_closed_session_is_shut_out_within_seconds(console: RunningConsole) -> None:
    token = console.sign_in("leaver@example.org")
    load = _named("store_state.load")

    async def scene() -> list[str]:
        async with Tab(console.url, f"{COOKIE}={token}") as tab:
            await tab.send(HYDRATE)
            await tab.send(load, "/store")
            await tab.quiet()
            assert tab.redirects() == []
            console.close_session(token)
            await asyncio.sleep(3.2)
            await tab.send(load, "/store")
            await tab.quiet()
            return tab.redirects()

    assert finish(scene()) == ["/login"]


def test_unknown_events_leave_no_secret_in_the_log(console: RunningConsole) -> None:
    token = console.sign_in("quiet@example.org")

    async def knock() -> str:
        async with Tab(console.url, f"{COOKIE}={token}") as tab:
            await tab.send("reflex___state____state.no_such_thing")
            await tab.quiet()
            return tab.token

    tab_token = finish(knock())
    log = console.web_log.read_text("utf-8", "replace")
    assert token not in log
    assert tab_token not in log


def test_foreign_origins_get_no_socket(console: RunningConsole) -> None:
    async def connect() -> None:
        async with Tab(console.url, None, origin="https://evil.example"):
            pass

    with pytest.raises(Exception, match="onnection"):
        finish(connect())


def test_an_undeclared_handler_stops_the_start(handlers: list[str]) -> None:
    with RegistrationContext.ensure_context().fork():

        class Careless(rx.State):
            @rx.event
            async def leak(self) -> None:
                """Nobody said who may call this."""

        with pytest.raises(UndeclaredHandler, match=r"careless\.leak"):
            check_declarations()


def test_a_cookie_sent_twice_is_nobodys() -> None:
    assert cookie_value("a=1; s=x; b=2", "s") == "x"
    assert cookie_value("s=x; s=y", "s") is None
    assert cookie_value("xs=1", "s") is None
    assert cookie_value("", "s") is None


def _wake(console: RunningConsole, email: str) -> None:
    """Publish that something of this person changed, as a committed purchase does."""
    with console.database.transaction() as unit:
        user = by_email(unit, email)
    client = open_redis(console.variables["REDIS_URL"])
    Events(client).publish(user_channel(user.id), "wallet")
    client.close()


def _named(ending: str) -> str:
    found = [n for n in RegistrationContext.ensure_context().event_handlers if n.endswith(ending)]
    assert len(found) == 1, ending
    return found[0]


def _cookie(console: RunningConsole, role: str | None) -> str | None:
    if role is None:
        return None
    return f"{COOKIE}={console.sign_in(f'matrix-{role}@example.org', role)}"


def _told(tab: Tab, state: str) -> dict[str, Any]:
    return {
        key: value
        for name, values in tab.states().items()
        if name.endswith(state)
        for key, value in values.items()
    }


def _log_since(console: RunningConsole, start: int) -> list[str]:
    return console.web_log.read_bytes()[start:].decode("utf-8", "replace").splitlines()
