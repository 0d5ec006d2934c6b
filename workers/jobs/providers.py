"""The job that watches over drafts that serve a share of the calls."""

from __future__ import annotations

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.providers import canary


def judge_drafts() -> None:
    """Take the share back from every draft that does worse than what is published."""
    parts = services()
    if canary.revert_bad(parts.database, now=utc_now()):
        parts.events.publish(ADMIN_CHANNEL, "provider")
