"""State of the penalties: the preview of a day, upholding, reversing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.operations import penalty_desk
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.penalties_list import (
    PENALTIES,
    RULES,
    PenaltyRecord,
    counted,
    penalty_record,
)
from nexnum_console.reports.record import Opening
from nexnum_console.reports.words import money
from nexnum_console.ui.admin.deposits.picked import PickedState, Reason
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.work import in_thread, read


@dataclass(frozen=True, slots=True)
class DueLine:
    """Who would be charged what for yesterday, or why not."""

    email: str
    rule: str
    counted: str
    amount: str
    hindrance: str


class PenaltiesState(PickedState, rx.State):
    """Every penalty; ``due`` is what yesterday's preview shows, ``chargeable`` how many of it."""

    LISTING: ClassVar[Listing] = PENALTIES
    CAPABILITY: ClassVar[str] = PENALTIES.capability
    OPENING: ClassVar[Opening[PenaltyRecord]] = Opening(penalty_record, PenaltyRecord())

    record: PenaltyRecord = PenaltyRecord()
    day: str = ""
    due: list[DueLine] = []
    chargeable: int = 0

    @rx.event
    @requires("money.manage", reverse=bool, reason=Reason)
    @explained
    async def decide_penalty(self, reverse: bool, reason: str) -> None:
        """Uphold the opened penalty, or reverse it; the user reads the words."""
        who, now, record = actor(), utc_now(), self.record

        user = await self._try_unit(
            lambda unit: penalty_desk.decide(unit, who, record.id, reason, now, reverse=reverse)
        )
        if user is not None:
            title = "Penalty reversed" if reverse else "Penalty upheld"
            words = "has the money again" if reverse else "keeps paying it"
            await self._done(title, f"{record.email} {words}.", user)

    @rx.event
    @requires("money.manage")
    @explained
    async def charge_day(self) -> None:
        """Charge what the preview of yesterday shows."""
        who, now, database = actor(), utc_now(), services().database
        booked = await in_thread(
            penalty_desk.book_day, database, who, now.date() - timedelta(days=1), now
        )
        skipped = f", {len(booked.skipped)} not" if booked.skipped else ""
        await self._done("Penalties charged", f"{booked.charged} charged{skipped}.")

    async def _show(self, who: Actor) -> None:
        day = utc_now().date() - timedelta(days=1)
        currency = services().settings.wallet_currency
        self.day = day.strftime("%d %b %Y")
        self.due = await read(lambda unit: _due(unit, day, currency))
        self.chargeable = sum(not line.hindrance for line in self.due)
        await PickedState._show(self, who)


def _due(unit: UnitOfWork, day: date, currency: str) -> list[DueLine]:
    return [
        DueLine(
            line.email,
            RULES.get(line.charge.rule, line.charge.rule),
            counted(line.charge.rule, dict(line.charge.evidence)),
            money(line.charge.amount, currency),
            line.hindrance,
        )
        for line in penalty_desk.preview(unit, day)
    ]
