"""The job that delivers what is in the outbox."""

from __future__ import annotations

import time

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.outbox import deliver_due
from workers.rooms import stopping

# Short, so that one topic keeps neither another nor the queue's other jobs waiting.
SECONDS = 15.0


def deliver(topic: str) -> int:
    """Try the topic's due messages; what is left after SECONDS goes to another job."""
    parts = services()
    parts.doorbell.answered(topic)
    ends = time.monotonic() + SECONDS

    def more() -> bool:
        return time.monotonic() < ends and not stopping.is_set()

    taken = deliver_due(parts.database, topic, parts.routes[topic], utc_now, more)
    parts.events.publish(ADMIN_CHANNEL, "outbox")
    if not more():
        parts.doorbell.ring(topic)
    return taken
