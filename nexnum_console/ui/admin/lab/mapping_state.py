"""State of the mapping: their words, what they mean here, and what is sent in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.catalogue import terms
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.operations import provider_mapping
from nexnum_console.reports import lab_mapping, lab_page
from nexnum_console.reports.lab_mapping import MappingRow, MappingTotals
from nexnum_console.reports.lab_page import LabHead
from nexnum_console.reports.words import flag
from nexnum_console.ui.admin.lab.versions_state import name_in
from nexnum_console.ui.shell.arguments import Words
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread, read

What = Literal["country", "service"]
Only = Literal["", "open", "hand", "clash"]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Ours = Annotated[str, Field(max_length=64)]
Sent = Annotated[str, Field(max_length=64)]
CHOICES = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One of ours that a word of theirs could mean."""

    code: str
    name: str
    flag: str


class MappingState(PageState, rx.State):
    """Rows of countries or services; ``asked`` is the word whose meaning is being chosen."""

    email: str = ""
    may_manage: bool = False
    head: LabHead = LabHead()
    kind: str = "country"
    words: str = ""
    only: str = ""
    rows: list[MappingRow] = []
    totals: MappingTotals = MappingTotals()
    asked: str = ""
    choices: list[Choice] = []

    @rx.event
    @requires("providers.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email, self.may_manage = who.email, who.may("providers.manage")
        self.kind, self.words, self.only, self.asked = "country", "", "", ""
        HUB.watch({ADMIN_CHANNEL}, MappingState.refresh, every=2.0)
        await self._show()

    @rx.event
    @requires("providers.view")
    @explained
    async def refresh(self) -> None:
        """A sync ended, or somebody said what a word means."""
        await self._show()

    @rx.event
    @requires("providers.view", kind=What)
    @explained
    async def choose_kind(self, kind: str) -> None:
        """Countries or services."""
        self.kind, self.only = kind, ""
        await self._show()

    @rx.event
    @requires("providers.view", only=Only)
    @explained
    async def choose_only(self, only: str) -> None:
        """All rows, or those that want a look."""
        self.only = only
        await self._show()

    @rx.event(supersedes=True)
    @requires("providers.view", words=Words)
    @explained
    async def look_for(self, words: str) -> None:
        """Rows whose names contain the words."""
        self.words = words
        await self._show()

    @rx.event
    @requires("providers.manage", theirs=Ours)
    @explained
    async def ask(self, theirs: str) -> None:
        """Ask what a word of theirs means, or with "" stop asking."""
        self.asked, self.choices = theirs, []
        row = next((one for one in self.rows if one.theirs == theirs), None)
        if row is not None:
            await self._offer((row.name or theirs)[:120])

    @rx.event(supersedes=True)
    @requires("providers.manage", words=Words)
    @explained
    async def look_up(self, words: str) -> None:
        """What of ours could be meant."""
        await self._offer(words)

    @rx.event
    @requires("providers.manage", theirs=Code, ours=Ours)
    @explained
    async def say(self, theirs: str, ours: str) -> None:
        """Say what a word of theirs means; "" leaves it to the sync again."""
        who, now, parts, kind = actor(), utc_now(), services(), self.kind
        name = self.head.name
        found = await in_thread(
            provider_mapping.say_match,
            parts.database,
            parts.jobs,
            parts.events,
            who,
            name,
            kind,
            theirs,
            ours,
            now,
        )
        self.asked = ""
        note = "Store and purchase follow now, and every sync."
        if not ours:
            note = "The sync decides again."
        elif found.others:
            some = ", ".join(found.others[:3])
            note = f"So does {some}: of two, the one in stock and cheaper is sold."
        self._say("ok", f"{theirs} is {found.after or 'unknown'}", note)
        await self._show()

    @rx.event
    @requires("providers.manage", theirs=Code, sent=Sent)
    @explained
    async def send(self, theirs: str, sent: str) -> None:
        """Send another value in the place of theirs: a value map of the draft."""
        who, now, name, kind = actor(), utc_now(), self.head.name, self.kind
        number = await read(
            lambda unit: provider_mapping.change_sent(unit, who, name, kind, theirs, sent, now)
        )
        self._say("ok", f"Draft v{number} says so", "Publish it in the lab for calls to follow.")
        await self._show()

    async def _offer(self, words: str) -> None:
        kind = self.kind
        found = await read(lambda unit: terms.things(unit, kind, words, CHOICES))
        self.choices = [
            Choice(one.code, one.name, flag(one.code) if kind == "country" else "") for one in found
        ]

    async def _show(self) -> None:
        name, now = name_in(str(self.router.url.path)), utc_now()
        kind, words, only = self.kind, self.words, self.only

        def look(unit: UnitOfWork) -> tuple[LabHead, list[MappingRow], MappingTotals]:
            head = lab_page.head(unit, name, now)
            if head is None:
                return LabHead(), [], MappingTotals()
            return head, *lab_mapping.mapping_rows(unit, name, kind, words, only)

        self.head, self.rows, self.totals = await read(look)
        self._stamp()
