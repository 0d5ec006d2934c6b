"""Hidden tabs rest: what staff watch waits, what a buyer waits for does not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from nexnum_console.core.events import ADMIN_CHANNEL, ORDER_TOPIC, Heard, user_channel
from nexnum_console.ui.shell import push
from nexnum_console.ui.shell.push import Hub
from tests.support.loops import finish


class FakeApp:
    """The two things the hub asks of an app."""

    def __init__(self) -> None:
        self.woken: list[str] = []
        self.event_namespace = SimpleNamespace(token_to_sid={"tab": "line-1"})
        self.event_processor = self

    async def enqueue(self, token: str, event: Any) -> asyncio.Future[None]:
        self.woken.append(event.name)
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    context = SimpleNamespace(token="tab", router_data={"session_id": "line-1", "sid": "line-1"})
    monkeypatch.setattr(push.EventContext, "get", lambda: context)
    monkeypatch.setattr(push.RouteVar, "SESSION_ID", "sid", raising=False)
    monkeypatch.setattr(push, "format_event_handler", lambda handler: handler)
    return Hub()


def play(hub: Hub, channel: str, *acts: str, every: float = push.BREATH_SECONDS) -> list[str]:
    """Watch ``channel``, do each act (say, sleep, wake), and tell what was woken."""
    app = FakeApp()
    spoken: asyncio.Queue[Heard] = asyncio.Queue()

    async def heard():
        while True:
            yield await spoken.get()

    async def scene() -> None:
        listening = asyncio.create_task(hub.run(app, heard()))  # type: ignore[arg-type]
        hub.watch({channel}, "page.refresh", every=every)
        for act in acts:
            if act == "say":
                await spoken.put(Heard(channel, ORDER_TOPIC))
            else:
                getattr(hub, act)()
            await asyncio.sleep(2 * push.BREATH_SECONDS)
        listening.cancel()

    finish(scene())
    return app.woken


def test_a_seen_tab_is_woken(hub: Hub) -> None:
    assert play(hub, ADMIN_CHANNEL, "say") == ["page.refresh"]


def test_a_hidden_tab_of_staff_is_read_once_when_it_is_seen_again(hub: Hub) -> None:
    assert play(hub, ADMIN_CHANNEL, "sleep", "say", "say") == []
    assert play(hub, ADMIN_CHANNEL, "sleep", "say", "say", "wake") == ["page.refresh"]


def test_what_was_planned_is_not_read_once_nobody_looks(hub: Hub) -> None:
    often = 6 * push.BREATH_SECONDS
    acts = ("say", "say", "sleep", *("say",) * 4)
    assert len(play(hub, ADMIN_CHANNEL, *acts, every=often)) == 1
    assert len(play(hub, ADMIN_CHANNEL, *acts, "wake", every=often)) == 2


def test_a_buyer_hears_of_a_code_in_a_hidden_tab(hub: Hub) -> None:
    assert play(hub, user_channel(5), "sleep", "say") == ["page.refresh"]


def test_being_seen_without_having_slept_reads_nothing(hub: Hub) -> None:
    assert play(hub, ADMIN_CHANNEL, "wake") == []


class SlowApp(FakeApp):
    """An app whose pages take until told; each tab is its own connection."""

    def __init__(self, tabs: int) -> None:
        super().__init__()
        self.event_namespace = SimpleNamespace(
            token_to_sid={f"tab-{n}": "line" for n in range(tabs)}
        )
        self.running: list[asyncio.Future[None]] = []

    async def enqueue(self, token: str, event: Any) -> asyncio.Future[None]:
        self.woken.append(token)
        self.running.append(asyncio.get_running_loop().create_future())
        return self.running[-1]


def crowd(tabs: int) -> tuple[Hub, SlowApp]:
    """A hub on which tab n watches the channel of user n."""
    hub, app = Hub(), SlowApp(tabs)
    for number in range(tabs):
        hub._watches[f"tab-{number}"] = push.Watch(
            frozenset({user_channel(number)}), "page.refresh", "line"
        )
    return hub, app


def test_a_code_is_read_before_what_was_told_earlier() -> None:
    hub, app = crowd(tabs=8)

    async def heard():
        for number in range(7):
            yield Heard(user_channel(number), "wallet")
        yield Heard(user_channel(7), ORDER_TOPIC)
        await asyncio.Event().wait()

    async def scene() -> None:
        listening = asyncio.create_task(hub.run(app, heard()))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        assert app.woken[0] == "tab-7"
        assert len(app.woken) == push.READ_AT_ONCE
        app.running[0].set_result(None)
        await asyncio.sleep(0.05)
        assert len(app.woken) == push.READ_AT_ONCE + 1
        listening.cancel()

    finish(scene())


def test_a_page_that_waits_gives_its_turn_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "TURN_SECONDS", 0.05)
    hub, app = crowd(tabs=2 * push.READ_AT_ONCE)

    async def heard():
        for number in range(2 * push.READ_AT_ONCE):
            yield Heard(user_channel(number), "wallet")
        await asyncio.Event().wait()

    async def scene() -> None:
        listening = asyncio.create_task(hub.run(app, heard()))  # type: ignore[arg-type]
        await asyncio.sleep(0.5)
        assert len(app.woken) == 2 * push.READ_AT_ONCE
        listening.cancel()

    finish(scene())


def test_an_order_overtakes_the_wallet_of_its_own_tab() -> None:
    hub, app = crowd(tabs=5)

    async def heard():
        for number in range(5):
            yield Heard(user_channel(number), "wallet")
        yield Heard(user_channel(4), ORDER_TOPIC)
        await asyncio.Event().wait()

    async def scene() -> None:
        listening = asyncio.create_task(hub.run(app, heard()))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        for running in range(5):
            if running < len(app.running) and not app.running[running].done():
                app.running[running].set_result(None)
                await asyncio.sleep(0.02)
        assert app.woken[0] == "tab-4"
        assert sorted(app.woken) == [f"tab-{number}" for number in range(5)]
        listening.cancel()

    finish(scene())
