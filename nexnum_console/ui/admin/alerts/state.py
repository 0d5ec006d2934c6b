"""State of the list of alerts."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import alert_desk
from nexnum_console.reports.alerts_list import ALERTS, open_alerts
from nexnum_console.reports.listing import Listing
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.typed_deed import Reason, TypedDeed, Word
from nexnum_console.ui.shell.work import read


class AlertsState(TypedDeed, rx.State):
    """Every alert; ``open`` counts those that nobody has settled."""

    LISTING: ClassVar[Listing] = ALERTS
    CAPABILITY: ClassVar[str] = ALERTS.capability

    WORD: ClassVar[str] = "settle"

    may_manage: bool = False
    open: int = 0

    @rx.event
    @requires("alerts.manage")
    @explained
    async def ask_settle(self) -> None:
        """Open the question what was done about the selected ones."""
        self._ask()

    @rx.event
    @requires("alerts.manage", reason=Reason, word=Word)
    @explained
    async def settle_selected(self, reason: str, word: str) -> None:
        """Close the selected alerts."""
        who, now, ids = actor(), utc_now(), self._ids()
        number = await self._do_typed(
            word, lambda unit: alert_desk.settle(unit, who, ids, reason, now)
        )
        if number is not None:
            self._say("ok", f"{number} settled", "What goes on raises a new alert.")
            await self._show(who)

    async def _show(self, who: Actor) -> None:
        self.may_manage = who.may("alerts.manage")
        self.open = await read(open_alerts)
        await TypedDeed._show(self, who)
