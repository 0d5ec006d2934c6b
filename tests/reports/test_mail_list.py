"""Letters that could not be delivered are seen, and no letter's text is."""

from __future__ import annotations

from datetime import timedelta

from nexnum_console.core import dead_letters
from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.outbox import DeliveryFailed, Outbox
from nexnum_console.notifications import mail
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import ListPage, read_page
from nexnum_console.reports.mail_list import MAIL
from tests.support.letters import Kept, send

BOX = SecretBox("k" * 32)
OUTBOX = Outbox(lambda topic: None)


class Refusing:
    """A mail server that never heard of anybody."""

    def deliver(self, letter: mail.Letter) -> None:
        raise DeliveryFailed("the mail server answered 550 no such box", final=True)


def look(database: Database, **asked: str) -> ListPage:
    with database.transaction() as unit:
        return read_page(unit, MAIL, parse(MAIL, asked), 0)


def test_a_letter_given_up_says_why_and_keeps_its_secret(database: Database) -> None:
    with database.transaction() as unit:
        mail.post(
            unit, OUTBOX, BOX, "ada@example.org", "Confirm", "token=very-secret", now=utc_now()
        )
    assert look(database).rows[0].cells["state"]["text"] == "Waiting"
    send(database, BOX, Refusing(), utc_now())
    found = look(database, state="given_up")
    row = found.rows[0].cells
    assert row["state"]["text"] == "Given up"
    assert row["error"]["text"] == "the mail server answered 550 no such box"
    assert "very-secret" not in repr(found)
    assert look(database, state="sent").rows == []


def test_a_letter_stays_sent_after_the_outbox_forgot_it(database: Database) -> None:
    now = utc_now()
    with database.transaction() as unit:
        for subject in ("Given up", "Sent"):
            mail.post(unit, OUTBOX, BOX, "ada@example.org", subject, "text", now=now)
    send(database, BOX, Kept(), now)
    with database.transaction() as unit:
        unit.run("update mail set sent_at = null where subject = 'Given up'")
        assert dead_letters.forget(unit, now + timedelta(days=8)) == 2
    states = {
        row.cells["subject"]["text"]: row.cells["state"]["text"] for row in look(database).rows
    }
    assert states == {"Given up": "Given up", "Sent": "Sent"}
