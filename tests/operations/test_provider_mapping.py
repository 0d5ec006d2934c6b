"""A match by hand is written down with who said it; a value map is a change of the draft."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from nexnum_console.core.actor import Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.operations.provider_mapping import change_sent, say_match
from nexnum_console.providers import registry, versions

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BOX = SecretBox("k" * 32)
ADMIN = Actor(7, "ops@example.com", "admin", frozenset({"providers.manage"}))
CONFIG: dict[str, Any] = {
    "name": "acme",
    "baseUrl": "https://api.acme.example",
    "mappings": {"balance": {"type": "json_object", "fields": {"balance": "balance"}}},
}


class _Told:
    """A queue and a channel that remember."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Any, ...]] = []
        self.published: list[str] = []

    def enqueue(self, *told: Any, timeout_seconds: int) -> None:
        self.jobs.append((*told, timeout_seconds))

    def publish(self, channel: str, kind: str, **more: Any) -> None:
        self.published.append(kind)


def test_a_match_is_audited_and_a_sync_asked_for(database: Database) -> None:
    with database.transaction() as unit:
        provider_id, _ = registry.add_provider(unit, BOX, CONFIG, margin="1.5")
        unit.run(
            "insert into provider_term (provider_id, kind, theirs, ours)"
            " values (:id, 'country', '0', '')",
            id=provider_id,
        )
    told = _Told()
    say_match(database, told, told, ADMIN, "acme", "country", "0", "RU", NOW)  # type: ignore[arg-type]
    assert told.jobs == [("catalogue", "workers.jobs.catalogue.sync_provider", "acme", 900)]
    assert told.published == ["provider"]
    with database.transaction() as unit:
        entry = unit.first("select * from audit_entry where action = 'provider.match'")
        kept = unit.first("select by_hand, author, at from provider_term")
    assert entry is not None
    assert entry["after"] == {"kind": "country", "theirs": "0", "ours": "RU", "by_hand": True}
    assert kept == {"by_hand": "RU", "author": "user:7", "at": NOW}


def test_a_value_to_send_is_a_change_of_the_draft_and_leaves_nothing_behind(
    database: Database,
) -> None:
    with database.transaction() as unit:
        registry.add_provider(unit, BOX, CONFIG, margin="1.5")
        assert change_sent(unit, ADMIN, "acme", "service", "tg", " telegram ", NOW) == 2
        draft = versions.draft(unit, "acme")
        assert draft is not None
        assert json.loads(draft.text)["valueMaps"] == {"service": {"tg": "telegram"}}
        change_sent(unit, ADMIN, "acme", "service", "tg", "tg", NOW)
        draft = versions.draft(unit, "acme")
        assert draft is not None
        assert json.loads(draft.text) == CONFIG
