"""Letters: stored with the change they tell of, sent by the outbox.

A request never waits for a mail server, and a rolled-back change sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.outbox import DeliveryFailed, Message, Outbox, Route

TOPIC: Final = "mail"
# The longest life of a link in a letter; a text that was not sent by then is of no use to anyone.
TEXT_KEPT: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in plain text; ``id`` makes its Message-ID the same at every try."""

    id: int
    recipient: str
    subject: str
    text: str


class Carriage(Protocol):
    """How letters leave: raises DeliveryFailed."""

    def deliver(self, letter: Letter) -> None:
        """Hand the letter over."""


def post(
    unit: UnitOfWork,
    outbox: Outbox,
    box: SecretBox,
    recipient: str,
    subject: str,
    text: str,
    *,
    now: datetime,
) -> int:
    """Store a letter and its place in the outbox; returns its number."""
    mail_id = int(
        unit.scalar(
            "insert into mail (recipient, subject, created_at)"
            " values (:recipient, :subject, :now) returning id",
            recipient=recipient,
            subject=subject[:200],
            now=now,
        )
    )
    unit.run(
        "update mail set sealed = :sealed, outbox_id = :outbox_id where id = :id",
        id=mail_id,
        sealed=box.seal(text, _place(mail_id)),
        outbox_id=outbox.put(unit, TOPIC, str(mail_id), {"mail": mail_id}, now=now),
    )
    return mail_id


def route(
    database: Database, box: SecretBox, carriage: Carriage, clock: Callable[[], datetime]
) -> Route:
    """How the outbox sends letters: eight tries within two days.

    A letter may leave twice if its sender dies between the mail server's yes and our own note:
    losing one is worse than repeating one, and both copies carry the same Message-ID.
    """

    def send(message: Message) -> None:
        letter = _letter(database, box, int(message.payload["mail"]))
        if letter is not None:
            carriage.deliver(letter)
            _sent(database, letter.id, clock())

    return Route(send)


def forget_texts(unit: UnitOfWork, now: datetime) -> int:
    """Erase the texts of letters that were not sent in TEXT_KEPT and are not tried any more."""
    return unit.run(
        "update mail set sealed = null where sealed is not null and created_at < :before"
        " and not exists (select from outbox o where o.id = outbox_id and o.state = 'waiting')",
        before=now - TEXT_KEPT,
    ).rowcount


def _letter(database: Database, box: SecretBox, mail_id: int) -> Letter | None:
    """The letter to send; None where it was sent already. DeliveryFailed without a text."""
    with database.transaction() as unit:
        row = unit.first(
            "select recipient, subject, sealed, sent_at from mail where id = :id", id=mail_id
        )
    if row is not None and row["sent_at"] is not None:
        return None
    if row is None or row["sealed"] is None:
        raise DeliveryFailed(
            f"the text of letter {mail_id} is gone: it is erased {TEXT_KEPT.days} days after it"
            " was written; its reader may ask for a new one",
            final=True,
        )
    text = box.open(bytes(row["sealed"]), _place(mail_id))
    return Letter(mail_id, row["recipient"], row["subject"], text)


def _sent(database: Database, mail_id: int, now: datetime) -> None:
    with database.transaction() as unit:
        unit.run(
            "update mail set sent_at = :now, sealed = null where id = :id", id=mail_id, now=now
        )


def _place(mail_id: int) -> str:
    return f"mail:{mail_id}:text"
