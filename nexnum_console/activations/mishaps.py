"""What goes wrong with one row must hold up no other: it is logged, told to staff, tried again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import OperationalError

from nexnum_console.activations.desk import Desk
from nexnum_console.notifications.alerts import raise_alert

log = logging.getLogger(__name__)

ALERT: Final = "not_done"


@contextmanager
def apart(desk: Desk, subject: str, deed: str) -> Iterator[None]:
    """What the block raises ends the block alone: it is logged, and an alert about ``subject``,
    which names the row, says that ``deed`` was not done. Whoever calls comes to the row again.

    An error of the database's own state, as a deadlock, is no alert. Where the database is away
    this raises too: then nothing else can be done either.
    """
    try:
        yield
    except Exception as error:
        log.exception("%s: could not %s", subject, deed)
        with desk.database.transaction() as unit:
            if isinstance(error, OperationalError):
                unit.scalar("select 1")
                return
            raise_alert(
                unit,
                ALERT,
                subject,
                f"A worker could not {deed} ({kind_of(error)}). It tries again by itself, and"
                " everything else goes on; the log of the workers has the error. Settle this alert"
                " once that row has moved on.",
                desk.clock(),
            )


def kind_of(error: Exception) -> str:
    """The error's name without its text, which may quote an SMS."""
    return type(getattr(error, "orig", None) or error).__name__
