"""Letters that could not be delivered are seen, and no letter's text is."""

from __future__ import annotations

from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.notifications import mail
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import ListPage, read_page
from nexnum_console.reports.mail_list import MAIL

BOX = SecretBox("k" * 32)


class Refusing:
    """A mail server that never heard of anybody."""

    def deliver(self, letter: mail.Letter) -> None:
        raise mail.DeliveryFailed("the mail server answered 550 no such box", final=True)


def look(database: Database, **asked: str) -> ListPage:
    with database.transaction() as unit:
        return read_page(unit, MAIL, parse(MAIL, asked), 0)


def test_a_letter_given_up_says_why_and_keeps_its_secret(database: Database) -> None:
    with database.transaction() as unit:
        mail.post(unit, BOX, "ada@example.org", "Confirm", "token=very-secret")
    assert look(database).rows[0].cells["state"]["text"] == "Waiting"
    mail.send_due(database, BOX, Refusing(), utc_now)
    found = look(database, state="given_up")
    row = found.rows[0].cells
    assert row["state"]["text"] == "Given up"
    assert row["error"]["text"] == "the mail server answered 550 no such box"
    assert "very-secret" not in repr(found)
    assert look(database, state="sent").rows == []
