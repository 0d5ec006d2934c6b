"""The part of a provider page's state that shows and forces circuit breakers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.operations.provider_desk import force_breaker
from nexnum_console.providers.forced import REASON_MOST
from nexnum_console.reports.provider_gate import GateCard
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.work import in_thread

Account = Annotated[int, Field(ge=0, le=2**62)]
Wish = Literal["open", "closed", "auto", ""]
Reason = Annotated[str, Field(max_length=REASON_MOST)]
_DONE = {
    "open": ("Forced open", "No call goes out until it is set back."),
    "closed": ("Forced closed", "Every call goes out, however it fares."),
    "auto": ("Automatic", "It opens and closes by what calls come to."),
}


class BreakerPart(rx.State, mixin=True):
    """Mixed into the page's state, which has ``_show`` and ``_say``."""

    gates: list[GateCard] = []
    wish_account: int = 0
    wish: str = ""

    @rx.event
    @requires("providers.manage", account=Account, wish=Wish)
    @explained
    async def ask_breaker(self, account: int, wish: str) -> None:
        """Open the question why, or close it with an empty wish."""
        self.wish_account, self.wish = account, wish

    @rx.event
    @requires("providers.manage", reason=Reason)
    @explained
    async def decide_breaker(self: Any, reason: str) -> None:
        """Force the breaker as was asked, with a reason."""
        account, wish = self.wish_account, self.wish
        parts = services()
        told = await in_thread(
            force_breaker,
            parts.database,
            parts.upkeep.carriers.gates,
            actor(),
            account,
            wish,
            reason,
            utc_now(),
        )
        self.wish_account, self.wish = 0, ""
        title, text = _DONE[wish]
        late = "" if told else " Redis does not answer, so this takes a few seconds to be obeyed."
        self._say("ok", title, text + late)
        await self._show()
