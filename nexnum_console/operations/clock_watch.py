"""The host's clock, watched: what goes by it must not jump with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from nexnum_console.core import shared_clock
from nexnum_console.core.db import UnitOfWork
from nexnum_console.notifications.alerts import close_alert, last_seen, raise_alert

ALERT: Final = "clock"
SUBJECT: Final = "host"
# Staff may settle the alert while the clock is still wrong: it is not raised anew at once.
REMIND: Final = timedelta(hours=1)


def watch(unit: UnitOfWork, ahead: timedelta, now: datetime) -> bool:
    """Keep an alert open while the host's clock is ``ahead`` of the time that has passed; whether
    it is."""
    if not ahead:
        close_alert(unit, ALERT, SUBJECT, now)
        return False
    told = last_seen(unit, ALERT).get(SUBJECT)
    if told is not None and now - told < REMIND:
        return True
    raise_alert(
        unit,
        ALERT,
        SUBJECT,
        f"The host's clock jumped by {ahead.total_seconds():+.0f} s. Every process goes on by the"
        " time that passed, those started now too, so no number expires early. Set the clock right"
        " (NTP). If the new time is the right one, stop the whole console and start it again"
        f" (without ./nexnum up: after {shared_clock.KEPT_SECONDS // 60} minutes).",
        now,
    )
    return True
