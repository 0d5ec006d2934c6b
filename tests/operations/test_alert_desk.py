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


class Heard:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        self.topics.append(topic)


@pytest.fixture
def raised(database: Database) -> list[int]:
    with database.transaction() as unit:
        alerts.raise_alert(unit, "clock", "host", "The clock jumped. Set it right.", NOW)
        alerts.raise_alert(unit, "clock", "host", "The clock jumped. Set it right.", NOW)
        alerts.raise_alert(unit, "ledger-broken", "I3", "I3 does not hold.", NOW)
        return [int(id_) for id_ in unit.run("select id from alert order by id").scalars()]


def test_one_is_settled_audited_and_may_come_again(database: Database, raised: list[int]) -> None:
    heard = Heard()
    with database.transaction() as unit:
        number = alert_desk.settle(unit, heard, ADMIN, raised[:1], "NTP runs again", NOW)
        assert (number, heard.topics) == (1, []), "nobody is told before it is durable"
    assert heard.topics == ["alert"]
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


def test_settled_ones_and_empty_reasons_are_refused(database: Database, raised: list[int]) -> None:
    with database.transaction() as unit:
        with pytest.raises(InvalidInput, match="reason"):
            alert_desk.settle(unit, Heard(), ADMIN, raised, " a ", NOW)
        assert alert_desk.settle(unit, Heard(), ADMIN, raised, "All looked at", NOW) == 2
        with pytest.raises(InvalidInput, match="open any more"):
            alert_desk.settle(unit, Heard(), ADMIN, raised, "Once more", NOW)


def test_the_list_tells_open_from_settled(database: Database, raised: list[int]) -> None:
    with database.transaction() as unit:
        alert_desk.settle(unit, Heard(), ADMIN, raised[:1], "NTP runs again", NOW)
        for state, ids in (("open", raised[1:]), ("settled", raised[:1])):
            page = read_page(unit, ALERTS, parse(ALERTS, {"state": state}), 1)
            assert [row.id for row in page.rows] == [str(one) for one in ids]
