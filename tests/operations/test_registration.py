"""User and wallet: together or not at all."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from nexnum_console.accounts.errors import EmailTaken
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.runtime_settings import change
from nexnum_console.operations.registration import RegistrationClosed, register, sign_up
from nexnum_console.wallet import ledger

PASSWORD = "correct horse battery"


def _count(database: Database, table: str) -> int:
    with database.transaction() as unit:
        return int(unit.scalar(f"select count(*) from {table}"))


def test_a_user_has_a_wallet_in_the_installations_currency(database: Database) -> None:
    user_id = register(database, "ada@example.org", PASSWORD, currency="EUR")
    with database.transaction() as unit:
        row = unit.first("select currency, available from wallet where user_id = :id", id=user_id)
    assert row is not None
    assert dict(row) == {"currency": "EUR", "available": 0}


def test_no_wallet_no_user(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("the wallet could not be opened")

    monkeypatch.setattr(ledger, "open_wallet", broken)
    with pytest.raises(RuntimeError):
        register(database, "ada@example.org", PASSWORD, currency="USD")
    assert _count(database, "app_user") == 0


def test_registering_twelve_times_at_once_makes_one_user(database: Database) -> None:
    together = threading.Barrier(12)

    def call(number: int) -> str:
        together.wait()
        email = "ada@example.org" if number % 2 else "ADA@example.org"
        try:
            register(database, email, PASSWORD, currency="USD")
        except EmailTaken:
            return "taken"
        return "made"

    with ThreadPoolExecutor(12) as pool:
        outcomes = Counter(pool.map(call, range(12)))
    assert outcomes == {"made": 1, "taken": 11}
    assert (_count(database, "app_user"), _count(database, "wallet")) == (1, 1)


def test_a_closed_door_makes_no_account_and_staff_still_can(database: Database) -> None:
    with database.transaction() as unit:
        change(unit, "registration_open", "off", utc_now())
    with pytest.raises(RegistrationClosed):
        sign_up(database, "ada@example.org", PASSWORD, currency="USD")
    assert _count(database, "app_user") == 0
    register(database, "ada@example.org", PASSWORD, currency="USD")
    with database.transaction() as unit:
        change(unit, "registration_open", "on", utc_now())
    sign_up(database, "bob@example.org", PASSWORD, currency="USD")
    assert _count(database, "wallet") == 2
