"""The first admin comes from the link, once."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from nexnum_console.accounts.errors import AdminExists, LinkInvalid, WeakPassword
from nexnum_console.core.db import Database
from nexnum_console.operations.first_admin import first_admin_link, redeem_first_admin
from nexnum_console.operations.registration import register

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PASSWORD = "correct horse battery"


def _token(database: Database) -> str:
    link = first_admin_link(database, "http://127.0.0.1:8000", NOW)
    assert link is not None
    assert link.startswith("http://127.0.0.1:8000/setup?token=")
    return parse_qs(urlsplit(link).query)["token"][0]


def _redeem(
    database: Database,
    token: str,
    email: str = "root@example.org",
    password: str = PASSWORD,
    at: datetime = NOW,
) -> int:
    return redeem_first_admin(database, token, email, password, currency="USD", now=at)


def test_the_link_makes_an_admin_and_no_second_one(database: Database) -> None:
    token = _token(database)
    user_id = _redeem(database, token)
    with database.transaction() as unit:
        assert unit.scalar("select role from app_user where id = :id", id=user_id) == "admin"
    with pytest.raises(LinkInvalid):
        _redeem(database, token, "second@example.org")
    assert first_admin_link(database, "http://127.0.0.1:8000", NOW) is None


def test_only_the_newest_link_works_and_not_for_ever(database: Database) -> None:
    older, newer = _token(database), _token(database)
    with pytest.raises(LinkInvalid):
        _redeem(database, older)
    with pytest.raises(LinkInvalid):
        _redeem(database, newer, at=NOW + timedelta(hours=24))
    _redeem(database, newer)


def test_a_refused_password_does_not_use_the_link_up(database: Database) -> None:
    token = _token(database)
    with pytest.raises(WeakPassword):
        _redeem(database, token, password="12345678")
    _redeem(database, token)


def test_a_link_is_worthless_once_an_admin_exists(database: Database) -> None:
    token = _token(database)
    register(database, "other@example.org", PASSWORD, currency="USD", role="admin")
    with pytest.raises(AdminExists):
        _redeem(database, token)


def test_eight_at_once_make_one_admin(database: Database) -> None:
    token = _token(database)
    together = threading.Barrier(8)

    def call(number: int) -> str:
        together.wait()
        try:
            _redeem(database, token, f"root{number}@example.org")
        except LinkInvalid:
            return "refused"
        return "made"

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(call, range(8))) == {"made": 1, "refused": 7}
    with database.transaction() as unit:
        assert unit.scalar("select count(*) from app_user") == 1
