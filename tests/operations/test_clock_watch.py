"""A clock that jumped is one open alert until it is right again."""

from __future__ import annotations

from datetime import timedelta

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.notifications.alerts import close
from nexnum_console.operations.clock_watch import watch


def _open(database: Database) -> list[str]:
    with database.transaction() as unit:
        found = unit.run("select text from alert where kind = 'clock' and closed_at is null")
        return list(found.scalars())


def test_a_jump_is_told_once_and_closed_when_the_clock_is_right(database: Database) -> None:
    for ahead in (timedelta(), timedelta(minutes=10), timedelta(minutes=10)):
        with database.transaction() as unit:
            assert watch(unit, ahead, utc_now()) == bool(ahead)
    (text,) = _open(database)
    assert "+600 s" in text
    with database.transaction() as unit:
        watch(unit, timedelta(), utc_now())
    assert _open(database) == []


def test_a_jump_after_one_that_was_over_is_told_at_once_and_one_that_staff_settled_is_not(
    database: Database,
) -> None:
    now = utc_now()
    for ahead in (timedelta(minutes=10), timedelta(), timedelta(minutes=5)):
        with database.transaction() as unit:
            watch(unit, ahead, now)
    (text,) = _open(database)
    assert "+300 s" in text
    with database.transaction() as unit:
        close(unit, [unit.scalar("select id from alert where closed_at is null")], now)
        watch(unit, timedelta(minutes=5), now)
    assert _open(database) == []
