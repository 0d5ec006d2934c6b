"""What staff do about messages that could not be delivered; each act is audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from nexnum_console.audit import log as audit
from nexnum_console.core import dead_letters
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.outbox import Outbox
from nexnum_console.notifications import alerts

ALERT: Final = "dead_letters"
REASON_LENGTH: Final = (4, 300)
_NAMED_MOST: Final = 50
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def watch_dead(unit: UnitOfWork, now: datetime) -> int:
    """Raise an alert for each topic in which a message died since it was last told of, and close
    those of topics that have none left; returns how many were raised."""
    told = alerts.last_seen(unit, ALERT)
    found = {each.topic: each for each in dead_letters.deaths(unit)}
    for topic in told.keys() - found.keys():
        alerts.close_alert(unit, ALERT, topic, now)
    fresh = [each for each in found.values() if each.newest_at > told.get(each.topic, _NEVER)]
    for each in fresh:
        alerts.raise_alert(
            unit,
            ALERT,
            each.topic,
            f"{each.dead} messages of {each.topic} could not be delivered, and those behind them"
            f" wait. The last one's error: {each.error}. See Outbox in the console: try them"
            " again, or drop them with a reason.",
            now,
        )
    return len(fresh)


def redrive(
    unit: UnitOfWork,
    outbox: Outbox,
    events: Events,
    actor: Actor,
    ids: Sequence[int] | None,
    now: datetime,
) -> int:
    """Try dead messages anew, every one where ``ids`` is None; returns how many. InvalidInput
    when none of them is dead."""
    found = _some(dead_letters.redrive(unit, outbox, ids, now))
    _note(unit, events, actor, "outbox.redrive", found, "", now)
    return len(found)


def drop(
    unit: UnitOfWork,
    outbox: Outbox,
    events: Events,
    actor: Actor,
    ids: Sequence[int],
    reason: str,
    now: datetime,
) -> int:
    """Give dead messages up for good, so that those behind them go on; returns how many.

    InvalidInput when none of them is dead, and for a reason that says nothing.
    """
    reason = " ".join(reason.split())
    least, most = REASON_LENGTH
    if not least <= len(reason) <= most:
        raise InvalidInput(f"Give a reason of {least} to {most} characters; it is kept for ever.")
    found = _some(dead_letters.drop(unit, outbox, ids, now))
    _note(unit, events, actor, "outbox.drop", found, reason, now)
    return len(found)


def _some(found: list[dead_letters.Letter]) -> list[dead_letters.Letter]:
    if not found:
        raise InvalidInput("None of these messages is dead any more. Nothing was changed.")
    return found


def _note(
    unit: UnitOfWork,
    events: Events,
    actor: Actor,
    action: str,
    found: list[dead_letters.Letter],
    reason: str,
    now: datetime,
) -> None:
    named = [
        {"id": one.id, "topic": one.topic, "key": one.key, "error": one.error}
        for one in found[:_NAMED_MOST]
    ]
    audit.record(
        unit,
        actor,
        action,
        f"outbox:{found[0].id}" if len(found) == 1 else "outbox:several",
        before={"dead": named},
        after={"messages": len(found)},
        reason=reason,
        now=now,
    )
    unit.after_commit(lambda: events.publish(ADMIN_CHANNEL, "outbox"))
