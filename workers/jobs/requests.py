"""The job that forgets answers to requests whose time is over."""

from __future__ import annotations

from nexnum_console.bootstrap import services
from nexnum_console.core import idempotency
from nexnum_console.core.clock import utc_now


def sweep() -> int:
    """Forget what was promised for ``idempotency.KEPT`` and is older, a batch at a time."""
    forgotten = 0
    while True:
        with services().database.transaction() as unit:
            batch = idempotency.sweep(unit, utc_now())
        forgotten += batch
        if batch < idempotency.BATCH:
            return forgotten
