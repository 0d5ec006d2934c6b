"""A session ends when it should, and only its holder has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nexnum_console.accounts import service, sessions
from nexnum_console.accounts.capabilities import ROLES
from nexnum_console.core.db import Database

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def _user(database: Database, role: str = "user") -> int:
    with database.transaction() as unit:
        return service.create(unit, f"{role}@example.org", "no hash", role=role)


def _open(database: Database, user_id: int) -> str:
    with database.transaction() as unit:
        return sessions.open_session(unit, user_id, now=NOW, lifetime=DAY)


def _who(database: Database, token: str, at: datetime = NOW) -> int | None:
    with database.transaction() as unit:
        actor = sessions.resolve(unit, token, now=at)
    return actor.user_id if actor else None


def test_the_token_itself_is_not_stored(database: Database) -> None:
    token = _open(database, _user(database))
    with database.transaction() as unit:
        stored = bytes(unit.scalar("select token_digest from user_session"))
    assert token.encode() not in stored
    assert len(stored) == 32


def test_it_ends_at_its_time(database: Database) -> None:
    user_id = _user(database)
    token = _open(database, user_id)
    assert _who(database, token, NOW + DAY - timedelta(seconds=1)) == user_id
    assert _who(database, token, NOW + DAY) is None


def test_closing_ends_this_one_only(database: Database) -> None:
    user_id = _user(database)
    one, two = _open(database, user_id), _open(database, user_id)
    with database.transaction() as unit:
        sessions.close(unit, one, now=NOW)
    assert (_who(database, one), _who(database, two)) == (None, user_id)


def test_ending_all_ends_all_and_new_ones_work(database: Database) -> None:
    user_id = _user(database)
    before = _open(database, user_id)
    with database.transaction() as unit:
        sessions.end_all(unit, user_id)
    assert _who(database, before) is None
    assert _who(database, _open(database, user_id)) == user_id


def test_a_banned_user_has_no_session_and_gets_none(database: Database) -> None:
    user_id = _user(database)
    before = _open(database, user_id)
    with database.transaction() as unit:
        service.ban(unit, user_id)
    assert _who(database, before) is None
    assert _who(database, _open(database, user_id)) is None
    with database.transaction() as unit:
        service.unban(unit, user_id)
    assert _who(database, before) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "' or 1=1 --", "\x00"])
def test_made_up_tokens_open_nothing(database: Database, token: str) -> None:
    _open(database, _user(database))
    assert _who(database, token) is None


@pytest.mark.parametrize("role", list(ROLES))
def test_the_role_in_the_database_decides_what_may_be_done(database: Database, role: str) -> None:
    token = _open(database, _user(database, role))
    with database.transaction() as unit:
        actor = sessions.resolve(unit, token, now=NOW)
    assert actor is not None
    assert actor.capabilities == ROLES[role]
    assert actor.may("providers.manage") is (role == "admin")
    assert actor.may("console.view") is (role in {"admin", "support"})
