"""State of the page of one journal."""

from __future__ import annotations

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import NotFound
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.journal import Leg, Promise, journal
from nexnum_console.reports.listing import whole_number
from nexnum_console.reports.words import millis
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read


class JournalState(PageState, rx.State):
    """One journal, proved again each time it is looked at."""

    email: str = ""
    missing: str = ""
    number: int = 0
    title: str = ""
    chip: str = ""
    chip_icon: str = ""
    chip_word: str = ""
    at_ms: int = 0
    facts: list[Fact] = []
    record: list[Fact] = []
    legs: list[Leg] = []
    debits: str = ""
    credits: str = ""
    total: str = ""
    promises: list[Promise] = []
    before: str = ""
    next: str = ""

    @rx.event
    @requires("ledger.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        self.email = actor().email
        HUB.watch({ADMIN_CHANNEL}, JournalState.refresh, every=5.0)
        await self._show()

    @rx.event
    @requires("ledger.view")
    @explained
    async def refresh(self) -> None:
        """A push said that something happened: it may be sealed by now."""
        await self._show()

    async def _show(self) -> None:
        asked, now = str(self.router.url.path).rstrip("/").rpartition("/")[2], utc_now()
        seal = services().ledger_watch.seals
        trusted = seal.keys() if seal else frozenset()
        try:
            number = whole_number(asked)
            told = await read(lambda unit: journal(unit, number, trusted, now))
        except (ValueError, NotFound):
            self.missing = asked[:20]
            self._stamp()
            return
        self.missing = ""
        self.number, self.title, self.at_ms = told.id, told.title, millis(told.at)
        self.chip, self.chip_icon, self.chip_word = told.chip, told.chip_icon, told.chip_word
        self.facts, self.record, self.legs = list(told.facts), list(told.record), list(told.legs)
        self.debits, self.credits, self.total = told.debits, told.credits, told.total
        self.promises, self.before, self.next = list(told.promises), told.before, told.next
        self._stamp()
