"""State of the list of alerts."""

from __future__ import annotations

from typing import Annotated, ClassVar

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError
from nexnum_console.operations import alert_desk
from nexnum_console.reports.alerts_list import ALERTS, open_alerts
from nexnum_console.reports.listing import Listing
from nexnum_console.ui.shell.gate import OF_THE_PAGE, actor, requires
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.page_state import explained, sentence
from nexnum_console.ui.shell.work import read

Reason = Annotated[str, Field(max_length=400)]
Word = Annotated[str, Field(max_length=40)]
WORD = "settle"


class AlertsState(ListingState, rx.State):
    """Every alert; ``open`` counts those that nobody has settled."""

    LISTING: ClassVar[Listing] = ALERTS
    CAPABILITY: ClassVar[str] = ALERTS.capability

    may_manage: bool = False
    open: int = 0
    settling: bool = False
    wrong: str = ""

    @rx.event
    @requires("alerts.manage")
    @explained
    async def ask_settle(self) -> None:
        """Open the question what was done about the selected ones."""
        self.wrong, self.settling = "", True

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def keep_open(self) -> None:
        """Close the question; nothing was settled."""
        self.settling = False

    @rx.event
    @requires("alerts.manage", reason=Reason, word=Word)
    @explained
    async def settle_selected(self, reason: str, word: str) -> None:
        """Close the selected alerts."""
        if word.strip().lower() != WORD:
            self.wrong = f"Type {WORD} to confirm. Nothing was settled."
            return
        who, now, events = actor(), utc_now(), services().events
        ids = [int(row) for row in self.selected if row.isdecimal()]
        try:
            number = await read(lambda unit: alert_desk.settle(unit, events, who, ids, reason, now))
        except BusinessError as error:
            self.wrong = sentence(error.message)
            return
        self.settling, self.selected = False, []
        self._say("ok", f"{number} settled", "What goes on raises a new alert.")
        await self._show(who)

    async def _show(self, who: Actor) -> None:
        self.may_manage = who.may("alerts.manage")
        self.open = await read(open_alerts)
        await ListingState._show(self, who)
