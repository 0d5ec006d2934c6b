"""A web process forgets whose cookie it knows as soon as a login ends."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from nexnum_console.accounts import service, sessions
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.events import LOGIN_TOPIC, ORDER_TOPIC, Heard, user_channel
from nexnum_console.ui.shell.identity import SessionDirectory
from tests.support.loops import finish

DAY = timedelta(days=1)


@pytest.fixture
def user_id(database: Database) -> int:
    with database.transaction() as unit:
        return service.create(unit, "one@example.org", "no hash")


@pytest.fixture
def cookie(database: Database, user_id: int) -> str:
    with database.transaction() as unit:
        return sessions.open_session(unit, user_id, now=utc_now(), lifetime=DAY)


def ban(database: Database, user_id: int) -> list[tuple[str, str]]:
    """Shut the user out; what was told to all processes."""
    told: list[tuple[str, str]] = []
    database.spread = lambda channel, topic, **ids: told.append((channel, topic))
    with database.transaction() as unit:
        service.ban(unit, user_id)
        assert told == []  # not before it is durable
    return told


async def said(*events: Heard) -> AsyncIterator[Heard]:
    for event in events:
        yield event


def test_the_end_of_a_login_is_heard(database: Database, user_id: int, cookie: str) -> None:
    directory = SessionDirectory(database)

    async def scene() -> None:
        assert await directory.identify(cookie) is not None
        told = [Heard(*event) for event in ban(database, user_id)]
        assert told == [Heard(user_channel(user_id), LOGIN_TOPIC)]
        assert await directory.identify(cookie) is not None  # remembered, for it was not heard yet
        assert [event async for event in directory.heed(said(*told))] == told
        assert await directory.identify(cookie) is None

    finish(scene())


def test_others_stay_known(database: Database, user_id: int, cookie: str) -> None:
    directory = SessionDirectory(database)

    async def scene() -> None:
        await directory.identify(cookie)
        ban(database, user_id)
        mine = user_channel(user_id)
        events = [Heard(), Heard(user_channel(user_id + 1), LOGIN_TOPIC), Heard(mine, ORDER_TOPIC)]
        assert [event async for event in directory.heed(said(*events))] == events
        assert await directory.identify(cookie) is not None

    finish(scene())


def test_what_was_read_while_a_login_ended_is_not_remembered(
    database: Database, user_id: int, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = SessionDirectory(database)
    look_up = sessions.look_up

    def slow(*args: object, **named: object) -> object:
        actor = look_up(*args, **named)  # type: ignore[arg-type]
        ban(database, user_id)
        directory.forget(user_id)
        monkeypatch.setattr(sessions, "look_up", look_up)
        assert threading.current_thread() is not threading.main_thread()
        return actor

    monkeypatch.setattr(sessions, "look_up", slow)

    async def scene() -> None:
        assert await directory.identify(cookie) is not None  # asked before the ban
        assert await directory.identify(cookie) is None

    finish(scene())
