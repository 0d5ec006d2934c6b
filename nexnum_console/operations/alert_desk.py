"""What staff do about alerts; each act is audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.notifications import alerts

REASON_LENGTH: Final = (4, 300)


def settle(unit: UnitOfWork, actor: Actor, ids: Sequence[int], reason: str, now: datetime) -> int:
    """Close open alerts with what was done about them; returns how many. What goes on raises a
    new one. InvalidInput when none of them is open, and for a reason that says nothing."""
    reason = " ".join(reason.split())
    least, most = REASON_LENGTH
    if not least <= len(reason) <= most:
        raise InvalidInput(f"Give a reason of {least} to {most} characters; it is kept for ever.")
    closed = alerts.close(unit, ids, now)
    if not closed:
        raise InvalidInput("None of these alerts is open any more. Nothing was changed.")
    for one in closed:
        audit.record(
            unit,
            actor,
            "alert.settle",
            f"alert:{one.id}",
            before={"kind": one.kind, "subject": one.subject, "times": one.times},
            after={"open": False},
            reason=reason,
            now=now,
        )
    return len(closed)
