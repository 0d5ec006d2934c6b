"""Staff settle alerts, and the audit log says who did."""

from __future__ import annotations

import pytest

from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.notifications import alerts
from nexnum_console.operations import alert_desk
from nexnum_console.reports.alerts_list import ALERTS, open_alerts
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import read_page

ADMIN = Actor(1, "ada@example.org", "admin", frozenset({"alerts.manage"}))
NOW = utc_now()


@pytest.fixture
def raised(database: Database) -> list[int]:
    with database.transaction() as unit:
        alerts.raise_alert(unit, "clock", "host", "The clock jumped. Set it right.", NOW)
        alerts.raise_alert(unit, "clock", "host", "The clock jumped. Set it right.", NOW)
        alerts.raise_alert(unit, "ledger-broken", "I3", "I3 does not hold.", NOW)
        return [int(id_) for id_ in unit.run("select id from alert order by id").scalars()]


def test_one_is_settled_audited_and_may_come_again(database: Database, raised: list[int]) -> None:
    heard: list[tuple[str, ...]] = []
    database.spread = lambda *told: heard.append(told)
    with database.transaction() as unit:
        number = alert_desk.settle(unit, ADMIN, raised[:1], "NTP runs again", NOW)
        assert (number, heard) == (1, []), "nobody is told before it is durable"
    assert heard == [("events:admin", "alert")]
    with database.transaction() as unit:
        assert open_alerts(unit) == 1
        entry = unit.first("select * from audit_entry order by id desc limit 1")
        assert (entry["action"], entry["target"], entry["reason"]) == (
            "alert.settle",
            f"alert:{raised[0]}",
            "NTP runs again",
        )
        assert entry["before"]["times"] == 2
        assert alerts.raise_alert(unit, "clock", "host", "Again.", NOW)
        assert open_alerts(unit) == 2


def test_pages_hear_of_a_new_alert_and_of_one_that_is_over(database: Database) -> None:
    heard: list[tuple[str, ...]] = []
    database.spread = lambda *told: heard.append(told)
    for _ in range(2):
        with database.transaction() as unit:
            alerts.raise_alert(unit, "clock", "host", "The clock jumped. Set it right.", NOW)
    assert len(heard) == 1, "seen again is no news"
    for _ in range(2):
        with database.transaction() as unit:
            alerts.close_alert(unit, "clock", "host", NOW)
    assert len(heard) == 2
    with pytest.raises(RuntimeError):
        _undone(database)
    assert len(heard) == 2, "what was undone is told nobody"


def _undone(database: Database) -> None:
    with database.transaction() as unit:
        alerts.raise_alert(unit, "clock", "host", "The clock jumped. Set it right.", NOW)
        raise RuntimeError


def test_settled_ones_and_empty_reasons_are_refused(database: Database, raised: list[int]) -> None:
    with database.transaction() as unit:
        with pytest.raises(InvalidInput, match="reason"):
            alert_desk.settle(unit, ADMIN, raised, " a ", NOW)
        assert alert_desk.settle(unit, ADMIN, raised, "All looked at", NOW) == 2
        with pytest.raises(InvalidInput, match="open any more"):
            alert_desk.settle(unit, ADMIN, raised, "Once more", NOW)


def test_the_list_tells_open_from_settled(database: Database, raised: list[int]) -> None:
    with database.transaction() as unit:
        alert_desk.settle(unit, ADMIN, raised[:1], "NTP runs again", NOW)
        for state, ids in (("open", raised[1:]), ("settled", raised[:1])):
            page = read_page(unit, ALERTS, parse(ALERTS, {"state": state}), 1)
            assert [row.id for row in page.rows] == [str(one) for one in ids]
