"""The audit log only grows, and a change to it shows."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from nexnum_console.audit import log
from nexnum_console.core.db import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def write(database: Database, **changes) -> int:
    told = {"actor": "user:1", "action": "user.ban", "target": "user:2", "now": NOW, **changes}
    with database.transaction() as unit:
        return log.record(unit, **told)


def broken(database: Database) -> list[int]:
    with database.transaction() as unit:
        return log.broken(unit)


def test_entries_follow_one_another(database: Database) -> None:
    write(database)
    write(database, before={"status": "active"}, after={"status": "banned"}, reason="“fraud”")
    write(database, actor="system", request_id="abc")
    assert broken(database) == []


def test_a_rolled_back_change_leaves_no_entry(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as unit:
        log.record(unit, "user:1", "x", "y", now=NOW) / 0
    with database.transaction() as unit:
        assert unit.scalar("select count(*) from audit_entry") == 0


@pytest.mark.parametrize("change", ["update audit_entry set reason = ''", "delete from audit_entry",
                                    "truncate audit_entry"])  # fmt: skip
def test_it_is_append_only(database: Database, owner_database: Database, change: str) -> None:
    write(database)
    with pytest.raises(IntegrityError), owner_database.transaction() as unit:
        unit.run(change)


@pytest.mark.parametrize(
    "forgery",
    [
        "update audit_entry set reason = 'because' where id = 2",
        "update audit_entry set at = at + interval '1 second' where id = 2",
        'update audit_entry set after = \'{"status": "active"}\' where id = 2',
        "update audit_entry set actor = 'user:9' where id = 2",
    ],
)
def test_a_forged_entry_shows(database: Database, owner_database: Database, forgery: str) -> None:
    for _ in range(3):
        write(database, after={"status": "banned"})
    with owner_database.transaction() as unit:
        unit.run("alter table audit_entry disable trigger user")
        unit.run(forgery)
    assert broken(database) == [2]


def test_a_removed_entry_shows(database: Database, owner_database: Database) -> None:
    for _ in range(3):
        write(database)
    with owner_database.transaction() as unit:
        unit.run("alter table audit_entry disable trigger user")
        unit.run("delete from audit_entry where id = 2")
    assert broken(database) == [3]


def test_many_writers_make_one_chain(database: Database) -> None:
    threads = [
        threading.Thread(target=lambda: [write(database) for _ in range(5)]) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken(database) == []
    with database.transaction() as unit:
        assert unit.scalar("select count(*) from audit_entry") == 30
