"""Staff decide on dead letters, and the audit log says who did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexnum_console.core import outbox
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.outbox import DeliveryFailed, Message, Outbox, Route
from nexnum_console.operations import outbox_desk

ADMIN = Actor(1, "ada@example.org", "admin", frozenset({"outbox.manage"}))
NOW = utc_now()


class Heard:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        self.topics.append(topic)


@pytest.fixture
def dead(database: Database) -> list[int]:
    """Two dead letters of two keys."""

    def refuse(message: Message) -> None:
        raise DeliveryFailed("gone", final=True)

    with database.transaction() as unit:
        ids = [
            Outbox(lambda topic: None).put(unit, "told", f"activation:{n}", {}, now=NOW)
            for n in (1, 2)
        ]
    outbox.deliver_due(database, "told", Route(refuse), lambda: NOW)
    return ids


def test_one_is_redriven_and_audited(database: Database, dead: list[int]) -> None:
    rung: list[str] = []
    heard = Heard()
    with database.transaction() as unit:
        number = outbox_desk.redrive(unit, Outbox(rung.append), heard, ADMIN, dead[:1], NOW)
        assert (number, rung, heard.topics) == (1, [], []), "nobody is told before it is durable"
    assert (rung, heard.topics) == (["told"], ["outbox"])
    with database.transaction() as unit:
        assert outbox.due_topics(unit, NOW) == ["told"]
        entry = unit.first("select * from audit_entry order by id desc limit 1")
    assert (entry["actor"], entry["action"], entry["target"]) == (
        ADMIN.name,
        "outbox.redrive",
        f"outbox:{dead[0]}",
    )
    assert entry["before"]["dead"][0]["error"] == "gone"


def test_what_is_not_dead_is_not_redriven(database: Database, dead: list[int]) -> None:
    box, heard = Outbox(lambda topic: None), Heard()
    with database.transaction() as unit:
        assert outbox_desk.redrive(unit, box, heard, ADMIN, None, NOW) == 2
        with pytest.raises(InvalidInput, match="dead any more"):
            outbox_desk.redrive(unit, box, heard, ADMIN, None, NOW)


def test_dropping_needs_a_reason(database: Database, dead: list[int]) -> None:
    box, heard = Outbox(lambda topic: None), Heard()
    with database.transaction() as unit:
        with pytest.raises(InvalidInput, match="reason"):
            outbox_desk.drop(unit, box, heard, ADMIN, dead, " a ", NOW)
        assert outbox_desk.drop(unit, box, heard, ADMIN, dead, "The shop closed", NOW) == 2
        entry = unit.first("select * from audit_entry order by id desc limit 1")
        states = unit.run("select distinct state from outbox").scalars()
    assert (entry["action"], entry["target"], entry["reason"]) == (
        "outbox.drop",
        "outbox:several",
        "The shop closed",
    )
    assert states == ["dropped"]


def _told(database: Database) -> list[tuple[str, int, bool]]:
    with database.transaction() as unit:
        rows = unit.all("select * from alert where kind = 'dead_letters' order by id")
    return [(row["subject"], row["times"], row["closed_at"] is None) for row in rows]


def test_a_dead_letter_is_an_alert_until_somebody_decides(
    database: Database, dead: list[int]
) -> None:
    for raised in (1, 0):
        with database.transaction() as unit:
            assert outbox_desk.watch_dead(unit, NOW) == raised
    assert _told(database) == [("told", 1, True)]
    with database.transaction() as unit:
        unit.run(
            "update outbox set settled_at = :later where id = :id",
            later=NOW + timedelta(seconds=1),
            id=dead[1],
        )
        assert outbox_desk.watch_dead(unit, NOW + timedelta(seconds=2)) == 1
    assert _told(database) == [("told", 2, True)]
    with database.transaction() as unit:
        outbox_desk.drop(unit, Outbox(lambda topic: None), Heard(), ADMIN, dead, "not wanted", NOW)
        outbox_desk.watch_dead(unit, NOW)
    assert _told(database) == [("told", 2, False)]
