"""Versions of a config: what may serve, who said so, and the way back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from nexnum_console.audit import log as audit_log
from nexnum_console.core.actor import SYSTEM, Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.providers import fixtures, registry, versions
from nexnum_console.providers.fixtures import FixtureExists
from nexnum_console.providers.versions import NotPublishable

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BOX = SecretBox("k" * 32)
ADMIN = Actor(7, "ops@example.com", "admin", frozenset({"providers.manage"}))
CONFIG: dict[str, Any] = {
    "name": "acme",
    "baseUrl": "https://api.acme.example",
    "endpoints": {"balance": {"path": "/balance"}},
    "mappings": {
        "balance": {"type": "text_regex", "regex": "B:(?P<b>[\\d.]+)", "fields": {"balance": "b"}}
    },
}
RECORDING = {
    "id": "acme-001",
    "operation": "balance",
    "request": {"method": "GET", "path": "/balance", "query": {}},
    "response": {"status": 200, "headers": {}, "body": "B:1.50"},
    "expected": {"ok": {"balance": "1.50", "currency": "USD"}},
}


def _changed(**changes: Any) -> str:
    return json.dumps(CONFIG | changes, indent=2)


def _broken() -> str:
    return json.dumps(CONFIG).replace("B:(?P<b>", "BAL:(?P<b>")


@pytest.fixture
def provider_id(database: Database) -> int:
    with database.transaction() as unit:
        found, _ = registry.add_provider(unit, BOX, CONFIG, secret="k3y", margin="1.5")
        fixtures.pin(unit, ADMIN, found, "acme", RECORDING, now=NOW)
    return found


def _served(unit: UnitOfWork) -> tuple[int, str]:
    now_served = versions.served(unit, "acme")
    return now_served.number, json.loads(now_served.text).get("displayName", "")


def test_a_new_provider_runs_with_version_one(database: Database, provider_id: int) -> None:
    with database.transaction() as unit:
        (only,) = versions.versions(unit, "acme")
        assert (only.number, only.state, only.author) == (1, "published", SYSTEM)
        assert versions.draft(unit, "acme") is None
        with pytest.raises(NotFound):
            versions.served(unit, "nobody")
        with pytest.raises(NotFound):
            versions.version(unit, "acme", 2)


def test_a_draft_serves_nobody_until_it_is_published(database: Database, provider_id: int) -> None:
    text = _changed(displayName="Acme")
    with database.transaction() as unit:
        saved = versions.save_draft(unit, ADMIN, "acme", text, now=NOW)
        assert (saved.number, saved.base, saved.state) == (2, 1, "draft")
        assert saved.text == text, "the text is kept as it was written"
        again = versions.save_draft(unit, ADMIN, "acme", text + "\n", now=NOW)
        assert again.number == 2
        assert _served(unit) == (1, "")
        assert not versions.publish(unit, ADMIN, "acme", 2, "A better name", now=NOW)
        assert _served(unit) == (2, "Acme")
        states = {one.number: one.state for one in versions.versions(unit, "acme")}
        assert states == {1: "archived", 2: "published"}
        told = unit.first("select * from audit_entry where action = 'provider.publish'")
        assert told is not None
        assert (told["before"], told["after"]) == ({"version": 1}, {"version": 2})
        assert (told["actor"], told["reason"]) == ("user:7", "A better name")
        assert audit_log.broken(unit) == []


def test_a_failing_fixture_keeps_the_old_version_serving(
    database: Database, provider_id: int
) -> None:
    with database.transaction() as unit:
        versions.save_draft(unit, ADMIN, "acme", _broken(), now=NOW)
        with pytest.raises(NotPublishable, match=r"1 of 1 fixtures fail; acme-001: expected a"):
            versions.publish(unit, ADMIN, "acme", 2, "why not", now=NOW)
        with pytest.raises(NotPublishable):
            versions.set_canary(unit, ADMIN, "acme", 5, "", now=NOW)
        assert _served(unit)[0] == 1


def test_what_cannot_be_published_says_why(database: Database, provider_id: int) -> None:
    with database.transaction() as unit:
        with pytest.raises(InvalidInput, match=r"Line 1, column 3: .*Nothing was saved"):
            versions.save_draft(unit, ADMIN, "acme", "{ x", now=NOW)
        with pytest.raises(InvalidInput, match="JSON object"):
            versions.save_draft(unit, ADMIN, "acme", "[]", now=NOW)
        versions.save_draft(unit, ADMIN, "acme", '{"name": "acme", "urll": 1}', now=NOW)
        with pytest.raises(NotPublishable, match="The config has faults: line 1, "):
            versions.publish(unit, ADMIN, "acme", 2, "x", now=NOW)
        versions.save_draft(unit, ADMIN, "acme", _changed(name="other"), now=NOW)
        with pytest.raises(NotPublishable, match="names itself “other”"):
            versions.publish(unit, ADMIN, "acme", 2, "x", now=NOW)
        versions.save_draft(unit, ADMIN, "acme", _changed(), now=NOW)
        with pytest.raises(InvalidInput, match="why"):
            versions.publish(unit, ADMIN, "acme", 2, "  ", now=NOW)
        with pytest.raises(NotPublishable, match="v1 is published"):
            versions.publish(unit, ADMIN, "acme", 1, "x", now=NOW)


def test_the_way_back_is_one_step_and_asks_no_fixture(database: Database, provider_id: int) -> None:
    with database.transaction() as unit:
        versions.save_draft(unit, ADMIN, "acme", _changed(displayName="Acme"), now=NOW)
        versions.publish(unit, ADMIN, "acme", 2, "new", now=NOW)
        newer = RECORDING | {"id": "acme-002", "expected": {"error": "no_balance"}}
        fixtures.pin(unit, ADMIN, provider_id, "acme", newer, now=NOW)
        versions.roll_back(unit, ADMIN, "acme", 1, "", now=NOW)
        assert _served(unit) == (1, "")
        assert versions.version(unit, "acme", 2).state == "archived"
        with pytest.raises(NotPublishable):
            versions.roll_back(unit, ADMIN, "acme", 1, "", now=NOW)


def test_a_key_stays_with_its_host(database: Database, provider_id: int) -> None:
    with database.transaction() as unit:
        moved = _changed(baseUrl="https://elsewhere.example")
        versions.save_draft(unit, ADMIN, "acme", moved, now=NOW)
        with pytest.raises(NotPublishable, match="the key is for api"):
            versions.set_canary(unit, ADMIN, "acme", 5, "", now=NOW)
        assert versions.publish(unit, ADMIN, "acme", 2, "moved", now=NOW)
        account = registry.accounts(unit)[0]
        assert account.secret_host is None
        assert registry.open_secret(unit, BOX, account.account_id) == ""


def test_a_draft_that_serves_is_not_changed_under_the_calls(
    database: Database, provider_id: int
) -> None:
    with database.transaction() as unit:
        versions.save_draft(unit, ADMIN, "acme", _changed(), now=NOW)
        assert versions.set_canary(unit, ADMIN, "acme", 5, "try", now=NOW) == 2
        with pytest.raises(InvalidInput, match="serves 5 %"):
            versions.save_draft(unit, ADMIN, "acme", _changed(displayName="x"), now=NOW)
        with pytest.raises(InvalidInput, match="0 to 50"):
            versions.set_canary(unit, ADMIN, "acme", 51, "", now=NOW)
        account = registry.accounts(unit)[0]
        assert (account.version, account.draft_version, account.draft_percent) == (1, 2, 5)
        assert versions.discard_draft(unit, ADMIN, "acme", now=NOW) == 2
        assert registry.accounts(unit)[0].draft is None
        with pytest.raises(NotFound):
            versions.discard_draft(unit, ADMIN, "acme", now=NOW)


def test_the_seed_leaves_what_a_person_published(database: Database, provider_id: int) -> None:
    shipped = CONFIG | {"description": "newer"}
    with database.transaction() as unit:
        registry.set_config(unit, "acme", shipped, base_url="http://127.0.0.1:1")
        assert versions.served(unit, "acme").number == 2
        registry.set_config(unit, "acme", shipped, base_url="http://127.0.0.1:1")
        assert versions.served(unit, "acme").number == 2, "the same config is no new version"
        versions.save_draft(unit, ADMIN, "acme", _changed(displayName="Ours"), now=NOW)
        versions.publish(unit, ADMIN, "acme", 3, "ours", now=NOW)
        registry.set_config(unit, "acme", CONFIG, base_url="http://127.0.0.1:2")
        now_served = versions.served(unit, "acme")
        assert (now_served.number, now_served.base_url) == (3, "http://127.0.0.1:2")


def test_fixtures_have_names_of_their_own(database: Database, provider_id: int) -> None:
    with database.transaction() as unit:
        with pytest.raises(FixtureExists):
            fixtures.pin(unit, ADMIN, provider_id, "acme", RECORDING, now=NOW)
        with pytest.raises(InvalidInput):
            fixtures.pin(unit, ADMIN, provider_id, "acme", RECORDING | {"id": " "}, now=NOW)
        both = [RECORDING, RECORDING | {"id": "acme-009"}]
        assert fixtures.adopt(unit, SYSTEM, provider_id, both) == 1
        first = fixtures.fixtures(unit, provider_id)[0]
        assert fixtures.unpin(unit, ADMIN, "acme", first.id, now=NOW) == "acme-001"
        with pytest.raises(NotFound):
            fixtures.unpin(unit, ADMIN, "acme", first.id, now=NOW)
