"""Runtime settings: what is stored holds, what is not acceptable does not."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from nexnum_console.core import runtime_settings
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.known_settings import DEFAULTS, SETTINGS, Rules
from nexnum_console.core.runtime_settings import change, read_value, rules, stored_rules, written

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def _set(database: Database, name: str, text: str) -> runtime_settings.Changed:
    with database.transaction() as unit:
        return change(unit, name, text, NOW)


def _rules(database: Database) -> Rules:
    with database.transaction() as unit:
        return rules(unit)


def test_each_rule_is_a_setting_and_its_default_is_acceptable() -> None:
    assert {s.name for s in SETTINGS} == {field.name for field in fields(Rules)}
    for setting in SETTINGS:
        assert read_value(setting, written(setting, DEFAULTS)) == setting.default, setting.name


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("registration_open", "off", False),
        ("purchases_paused", "on", True),
        ("new_account_days", " 30 ", 30),
        ("deposit_least", "2.50", 2_500_000),
        ("default_margin", "1.3333", Decimal("1.3333")),
        ("store_notice", "  Back at\n 10:00 ", "Back at 10:00"),
    ],
)
def test_a_change_holds_at_once_and_is_read_back(
    database: Database, name: str, text: str, value: object
) -> None:
    assert _rules(database) == DEFAULTS
    changed = _set(database, name, text)
    assert getattr(_rules(database), name) == value
    with database.transaction() as unit:
        assert getattr(stored_rules(unit), name) == value
    assert changed.before != changed.after
    assert _set(database, name, changed.before).before == changed.after
    assert _rules(database) == DEFAULTS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("registration_open", "yes"),
        ("new_account_days", "-1"),
        ("new_account_days", "366"),
        ("new_account_days", "7.5"),
        ("new_account_days", "٣"),
        ("deposit_least", "0"),
        ("deposit_least", "a lot"),
        ("deposit_least", "10000.01"),
        ("deposit_most", "0.005"),
        ("default_margin", "0.99"),
        ("default_margin", "1.23456"),
        ("default_margin", "NaN"),
        ("store_notice", "x" * 241),
        ("store_notice", "\x00"),
    ],
)
def test_what_cannot_hold_is_refused_and_changes_nothing(
    database: Database, name: str, text: str
) -> None:
    with pytest.raises(InvalidInput):
        _set(database, name, text)
    assert _rules(database) == DEFAULTS


def test_an_unknown_name_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        _set(database, "self_destruct", "on")


def test_another_process_follows_soon(
    database: Database, owner_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(runtime_settings.time, "monotonic", lambda: now)
    assert _rules(owner_database).purchases_paused is False
    _set(database, "purchases_paused", "on")
    assert _rules(owner_database).purchases_paused is False, "remembered for a moment"
    now += runtime_settings.FRESH_SECONDS
    assert _rules(owner_database).purchases_paused is True


def test_a_change_that_was_rolled_back_never_held(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as unit:
            change(unit, "purchases_paused", "on", NOW)
            raise KeyError("something else went wrong")

    with pytest.raises(KeyError):
        fail()
    assert _rules(database) == DEFAULTS


@pytest.mark.parametrize("value", ['{"value": "maybe"}', '{"value": 1}', "{}", "[]"])
def test_a_stored_value_nobody_understands_gives_way(
    database: Database, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    with database.transaction() as unit:
        unit.run(
            "insert into runtime_setting (name, value) values ('purchases_paused',"
            " cast(:value as jsonb))",
            value=value,
        )
    assert _rules(database) == DEFAULTS
    assert "purchases_paused" in caplog.text
