"""The job that keeps deposits and penalties going."""

from __future__ import annotations

import logging

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import deposit_desk, penalty_desk
from nexnum_console.wallet import intents

log = logging.getLogger(__name__)


def upkeep() -> None:
    """End deposits nobody paid, ask again for refunds without an answer, book penalties."""
    parts = services()
    with parts.database.transaction() as unit:
        intents.expire_due(unit, utc_now())
    deposit_desk.pay_back_due(parts.deposit_desk)
    booked = penalty_desk.book_yesterday(parts.database, utc_now())
    if booked is not None and booked.charged:
        log.info("penalties booked: %s", booked.charged)
