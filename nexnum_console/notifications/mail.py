"""The mail outbox: a letter is stored with the change it tells of and sent by a job.

A request never waits for a mail server, and a rolled-back change sends nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database, UnitOfWork

log = logging.getLogger(__name__)

TRIES: Final = 8
# A sender that died holds a letter no longer than this.
LEASE: Final = timedelta(minutes=2)
BATCH: Final = 20


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


class DeliveryFailed(Exception):
    """The letter was not taken; ``final`` when it never will be (a refused address)."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


def post(unit: UnitOfWork, box: SecretBox, recipient: str, subject: str, text: str) -> int:
    """Put a letter into the outbox; it leaves only if the caller's transaction commits."""
    mail_id = int(
        unit.scalar(
            "insert into mail (recipient, subject) values (:recipient, :subject) returning id",
            recipient=recipient,
            subject=subject[:200],
        )
    )
    unit.run(
        "update mail set sealed = :sealed where id = :id",
        id=mail_id,
        sealed=box.seal(text, _place(mail_id)),
    )
    return mail_id


def due(unit: UnitOfWork, now: datetime) -> bool:
    """Whether a letter waits to be tried."""
    return bool(
        unit.scalar(
            "select exists (select 1 from mail where state = 'waiting' and next_at <= :now)",
            now=now,
        )
    )


def send_due(
    database: Database, box: SecretBox, carriage: Carriage, clock: Callable[[], datetime]
) -> int:
    """Try every letter whose time has come; returns how many were taken.

    A letter may leave twice if its sender dies between the mail server's yes and our own note:
    losing one is worse than repeating one, and both copies carry the same Message-ID.
    """
    sent = 0
    for _ in range(BATCH):
        row = _take(database, clock())
        if row is None:
            break
        letter = Letter(
            row["id"],
            row["recipient"],
            row["subject"],
            box.open(bytes(row["sealed"]), _place(row["id"])),
        )
        try:
            carriage.deliver(letter)
        except DeliveryFailed as error:
            _put_off(database, row, error, clock())
        else:
            _done(database, letter.id, clock())
            sent += 1
    return sent


def _take(database: Database, now: datetime) -> Any:
    with database.transaction() as unit:
        return unit.first(
            "update mail set next_at = :until, tries = tries + 1 where id = ("
            " select id from mail where state = 'waiting' and next_at <= :now"
            " order by next_at, id limit 1 for update skip locked)"
            " returning id, recipient, subject, sealed, tries",
            now=now,
            until=now + LEASE,
        )


def _put_off(database: Database, row: Any, error: DeliveryFailed, now: datetime) -> None:
    over = error.final or row["tries"] >= TRIES
    wait = timedelta(seconds=min(15 * 4 ** (row["tries"] - 1), 6 * 3600))
    log.warning("mail %s was not taken (try %s): %s", row["id"], row["tries"], error)
    with database.transaction() as unit:
        unit.run(
            "update mail set state = :state, error = :error, next_at = :at,"
            " sealed = case when :over then null else sealed end where id = :id",
            id=row["id"],
            state="given_up" if over else "waiting",
            over=over,
            error=str(error)[:300],
            at=now + wait,
        )


def _done(database: Database, mail_id: int, now: datetime) -> None:
    with database.transaction() as unit:
        unit.run(
            "update mail set state = 'sent', sent_at = :now, sealed = null, error = ''"
            " where id = :id",
            id=mail_id,
            now=now,
        )


def _place(mail_id: int) -> str:
    return f"mail:{mail_id}:text"
