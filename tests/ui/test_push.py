"""Hidden tabs rest: what staff watch waits, what a buyer waits for does not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from nexnum_console.core.events import ADMIN_CHANNEL, user_channel
from nexnum_console.ui.shell import push
from nexnum_console.ui.shell.push import Hub
from tests.support.loops import finish


class FakeApp:
    """The two things the hub asks of an app."""

    def __init__(self) -> None:
        self.woken: list[str] = []
        self.event_namespace = SimpleNamespace(token_to_sid={"tab": "line-1"})
        self.event_processor = self

    async def enqueue(self, token: str, event: Any) -> None:
        self.woken.append(event.name)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    context = SimpleNamespace(token="tab", router_data={"session_id": "line-1", "sid": "line-1"})
    monkeypatch.setattr(push.EventContext, "get", lambda: context)
    monkeypatch.setattr(push.RouteVar, "SESSION_ID", "sid", raising=False)
    monkeypatch.setattr(push, "format_event_handler", lambda handler: handler)
    return Hub()


def play(hub: Hub, channel: str, *acts: str) -> list[str]:
    """Watch ``channel``, do each act (say, sleep, wake), and tell what was woken."""
    app = FakeApp()
    spoken: asyncio.Queue[str] = asyncio.Queue()

    async def heard():
        while True:
            yield await spoken.get()

    async def scene() -> None:
        listening = asyncio.create_task(hub.run(app, heard()))  # type: ignore[arg-type]
        hub.watch({channel}, "page.refresh")
        for act in acts:
            if act == "say":
                await spoken.put(channel)
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


def test_a_buyer_hears_of_a_code_in_a_hidden_tab(hub: Hub) -> None:
    assert play(hub, user_channel(5), "sleep", "say") == ["page.refresh"]


def test_being_seen_without_having_slept_reads_nothing(hub: Hub) -> None:
    assert play(hub, ADMIN_CHANNEL, "wake") == []
