"""Letters in tests: taken out of the outbox as its worker would."""

from __future__ import annotations

from datetime import datetime

from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.outbox import deliver_due
from nexnum_console.notifications import mail


class Kept:
    """A carriage that takes every letter."""

    def __init__(self) -> None:
        self.letters: list[mail.Letter] = []

    def deliver(self, letter: mail.Letter) -> None:
        self.letters.append(letter)


def send(database: Database, box: SecretBox, way: mail.Carriage, at: datetime) -> int:
    """Try every letter that is due at ``at``; returns how many were taken."""
    route = mail.route(database, box, way, lambda: at)
    return deliver_due(database, mail.TOPIC, route, lambda: at)


def letters(database: Database, box: SecretBox, at: datetime) -> list[mail.Letter]:
    """The letters that are due at ``at``, taken out of the outbox."""
    kept = Kept()
    send(database, box, kept, at)
    return kept.letters
