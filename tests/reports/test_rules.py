"""What the settings page and the store say about the rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.runtime_settings import Changed, setting_named
from nexnum_console.operations.rules import set_rule
from nexnum_console.reports.rules import rules_view, store_words, told

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
ADMIN = Actor(1, "ada@example.org", "admin", frozenset({"settings.manage"}))


class Heard:
    def __init__(self) -> None:
        self.topics: list[str] = []

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        self.topics.append(topic)


def _set(database: Database, name: str, text: str) -> tuple[Changed, list[str]]:
    heard = Heard()
    with database.transaction() as unit:
        changed = set_rule(unit, heard, ADMIN, name, text, NOW)
    return changed, heard.topics


def _audited(database: Database) -> list[tuple[str, str, dict[str, str]]]:
    with database.transaction() as unit:
        rows = unit.all("select actor, target, after from audit_entry order by id")
    return [(row["actor"], row["target"], row["after"]) for row in rows]


def test_the_page_shows_what_is_stored_and_since_when(database: Database) -> None:
    with database.transaction() as unit:
        before = rules_view(unit)
    assert before.values["deposit_least"] == "0.01"
    assert set(before.changed_ms.values()) == {0}
    _set(database, "deposit_least", "2.5")
    with database.transaction() as unit:
        after = rules_view(unit)
    assert after.values["deposit_least"] == "2.50"
    assert after.changed_ms["deposit_least"] == int(NOW.timestamp() * 1000)


def test_pages_hear_of_a_change_and_not_of_none(database: Database) -> None:
    changed, topics = _set(database, "purchases_paused", "on")
    assert topics == ["rules"]
    assert _audited(database) == [("user:1", "setting:purchases_paused", {"value": "on"})]
    assert told(changed, "USD").startswith("It was off and is on")
    same, topics = _set(database, "purchases_paused", "on")
    assert topics == []
    assert len(_audited(database)) == 1
    assert "nothing changed" in told(same, "USD")


def test_a_refused_change_is_heard_by_nobody(database: Database) -> None:
    with pytest.raises(InvalidInput):
        _set(database, "default_margin", "0.5")
    with database.transaction() as unit:
        assert rules_view(unit).values["default_margin"] == "1.5"


def test_amounts_are_told_with_their_currency() -> None:
    changed = Changed(setting_named("deposit_most"), "10000.00", "50.00")
    assert "10000.00 EUR" in told(changed, "EUR")
    assert "50.00 EUR" in told(changed, "EUR")


def test_the_store_says_what_holds(database: Database) -> None:
    with database.transaction() as unit:
        assert (store_words(unit).notice, store_words(unit).paused) == ("", "")
    _set(database, "store_notice", "Maintenance at 22:00 UTC")
    _set(database, "purchases_paused", "on")
    with database.transaction() as unit:
        words = store_words(unit)
    assert words.notice == "Maintenance at 22:00 UTC"
    assert "paused" in words.paused
