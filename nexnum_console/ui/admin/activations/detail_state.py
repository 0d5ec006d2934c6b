"""State of the page of one activation."""

from __future__ import annotations

import reflex as rx

from nexnum_console.core.errors import NotFound
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.reports.activation_story import AttemptLine, Fact, LedgerLeg, SmsLine, story
from nexnum_console.reports.figures import Step
from nexnum_console.reports.listing import whole_number
from nexnum_console.reports.routing import ChoiceLine
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read


class ActivationState(PageState, rx.State):
    """One activation; read again whenever something happens to any."""

    email: str = ""
    missing: str = ""
    title: str = ""
    initials: str = ""
    tile: int = 0
    what: str = ""
    flag: str = ""
    chip: str = ""
    chip_icon: str = ""
    chip_word: str = ""
    choice: str = ""
    considered: list[ChoiceLine] = []
    total: str = ""
    balanced: bool = True
    facts: list[Fact] = []
    record: list[Fact] = []
    steps: list[Step] = []
    attempts: list[AttemptLine] = []
    legs: list[LedgerLeg] = []
    messages: list[SmsLine] = []

    @rx.event
    @requires("orders.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        self.email = actor().email
        HUB.watch({ADMIN_CHANNEL}, ActivationState.refresh)
        await self._show()

    @rx.event
    @requires("orders.view")
    @explained
    async def refresh(self) -> None:
        """A push said that an activation moved."""
        await self._show()

    async def _show(self) -> None:
        asked = str(self.router.url.path).rstrip("/").rpartition("/")[2]
        try:
            number = whole_number(asked)
            told = await read(lambda unit: story(unit, number))
        except (ValueError, NotFound):
            self.missing = asked[:20]
            self._stamp()
            return
        self.missing = ""
        self.title, self.what, self.flag = told.title, told.what, told.flag
        self.initials, self.tile = told.initials, told.tile
        self.chip, self.chip_icon, self.chip_word = told.chip, told.chip_icon, told.chip_word
        self.choice, self.total, self.balanced = told.choice, told.total, told.balanced
        self.considered = list(told.considered)
        self.facts, self.record, self.steps = list(told.facts), list(told.record), list(told.steps)
        self.attempts, self.legs = list(told.attempts), list(told.legs)
        self.messages = list(told.messages)
        self._stamp()
