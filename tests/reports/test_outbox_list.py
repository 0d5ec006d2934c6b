"""The outbox's list says what is dead, what stands behind it, and why."""

from __future__ import annotations

from datetime import timedelta

from nexnum_console.core import outbox
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.outbox import DeliveryFailed, Message, Outbox, Route
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import ListPage, read_page
from nexnum_console.reports.outbox_list import OUTBOX, dead_letters

LATER = timedelta(hours=1)


def look(database: Database, **asked: str) -> ListPage:
    with database.transaction() as unit:
        return read_page(unit, OUTBOX, parse(OUTBOX, asked), 0)


def refuse(message: Message) -> None:
    raise DeliveryFailed("the receiver answered 410", final=True)


def test_a_dead_letter_says_why_and_what_it_holds_back(database: Database) -> None:
    now = utc_now()
    with database.transaction() as unit:
        for key in ("activation:1", "activation:1", "activation:2"):
            Outbox(lambda topic: None).put(unit, "told", key, {}, now=now)
        unit.run("update outbox set next_at = :at where key = 'activation:2'", at=now + LATER)
    outbox.deliver_due(database, "told", Route(refuse), lambda: now)
    shown = [row.cells["state"]["text"] for row in look(database, sort="time").rows]
    assert shown == ["Dead", "Held", "Waiting"]
    found = look(database, state="dead", q="410")
    assert [row.cells["key"]["text"] for row in found.rows] == ["activation:1"]
    assert found.rows[0].cells["error"]["text"] == "the receiver answered 410"
    with database.transaction() as unit:
        assert dead_letters(unit) == 1
