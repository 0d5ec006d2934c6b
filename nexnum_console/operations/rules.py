"""Changing what holds: one setting at a time, told to every page that shows it."""

from __future__ import annotations

from datetime import datetime

from nexnum_console.audit.log import record
from nexnum_console.core import runtime_settings
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.runtime_settings import Changed


def set_rule(
    unit: UnitOfWork, events: Events, actor: Actor, name: str, text: str, now: datetime
) -> Changed:
    """Change a setting for ``actor``, audited; NotFound, InvalidInput (then nothing changed)."""
    changed = runtime_settings.change(unit, name, text, now)
    if changed.before != changed.after:
        record(
            unit,
            actor,
            "setting.change",
            f"setting:{name}",
            before={"value": changed.before},
            after={"value": changed.after},
            now=now,
        )
        unit.after_commit(lambda: events.publish(ADMIN_CHANNEL, "rules", name=name))
    return changed
