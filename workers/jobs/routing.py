"""Jobs that learn how providers do, and forget what is too old to tell."""

from __future__ import annotations

from nexnum_console.activations.learning import BATCH
from nexnum_console.activations.learning import learn as learn_outcomes
from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.routing import decisions, quotes

BATCHES_MAX = 20


def learn() -> int:
    """Learn what purchases came to, until nothing more is due."""
    desk = services().desk
    learned = 0
    for _ in range(BATCHES_MAX):
        learned += learn_outcomes(desk, batch=BATCH)
        with desk.database.transaction() as unit:
            if not decisions.is_due(unit, desk.clock()):
                break
    return learned


def sweep() -> int:
    """Forget decisions and quotes whose time is over."""
    with services().database.transaction() as unit:
        return decisions.sweep(unit, utc_now()) + quotes.sweep(unit, utc_now())
