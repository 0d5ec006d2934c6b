"""State of the style sheet: which layer is open, which switch is on."""

from __future__ import annotations

from typing import Annotated

import reflex as rx
from pydantic import Field

from nexnum_console.core.errors import InvalidInput
from nexnum_console.reports.figures import AreaChart, BarRow, Kpi, Spark, Step
from nexnum_console.ui.admin.sheet import samples
from nexnum_console.ui.shell.arguments import Words
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained

Layer = Annotated[str, Field(pattern="^(dialog|wide|typed|drawer)$")]
Kind = Annotated[str, Field(pattern="^(ok|info|warn|danger)$")]
REFERENCE = "0f3a9c41d2b87e65"


class SheetState(PageState, rx.State):
    """Examples, and what was pressed."""

    email: str = ""
    kpis: list[Kpi] = []
    chart: AreaChart = AreaChart()
    bars: list[BarRow] = []
    steps: list[Step] = []
    course: Spark = Spark()
    layer: str = ""
    switched: bool = True
    reason: str = "Add a provider first."
    error: str = "Private addresses are refused. Nothing was sent."
    pressed: int = 0

    @rx.event
    @requires("settings.manage")
    @explained
    async def load(self) -> None:
        """Page load."""
        self.email = actor().email
        self._stamp()
        self.kpis, self.chart, self.bars = samples.kpis(), samples.chart(), samples.bars()
        self.steps, self.course = samples.steps(self.server_ms), samples.course()

    @rx.event
    @requires("settings.manage", layer=Layer)
    async def open_layer(self, layer: str) -> None:
        """Show a dialog or the drawer."""
        self.layer = layer

    @rx.event
    @requires("settings.manage")
    async def close_layer(self) -> None:
        """Take it away."""
        self.layer = ""

    @rx.event
    @requires("settings.manage")
    async def press_switch(self) -> None:
        """The other way round; the button beside it follows."""
        self.switched = not self.switched
        self.reason = "" if self.reason else "Add a provider first."

    @rx.event
    @requires("settings.manage", word=Words)
    @explained
    async def confirm_word(self, word: str) -> None:
        """What the typed confirmation does here: nothing."""
        if word != "buyer-104":
            raise InvalidInput("The word does not match. Nothing was changed.")
        self.layer = ""
        self.pressed += 1
        self._say("ok", "Confirmed", "This is the style sheet: nothing was changed.")

    @rx.event
    @requires("settings.manage", kind=Kind)
    async def tell(self, kind: str) -> None:
        """Show a notice with something to do about it."""
        self._say(kind, "SMSPool disabled", "Routing skips it.", action="Undo")

    @rx.event
    @requires("settings.manage")
    async def undo(self) -> None:
        """What a notice's action does here."""
        self.pressed += 1
        self._say("info", "Undone")
