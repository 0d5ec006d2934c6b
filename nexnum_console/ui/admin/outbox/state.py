"""State of the outbox's list."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import outbox_desk
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.outbox_list import OUTBOX, dead_letters
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.typed_deed import Reason, TypedDeed, Word
from nexnum_console.ui.shell.work import read


class OutboxState(TypedDeed, rx.State):
    """Every message; ``dead`` counts those that wait for a decision."""

    LISTING: ClassVar[Listing] = OUTBOX
    CAPABILITY: ClassVar[str] = OUTBOX.capability

    WORD: ClassVar[str] = "drop"

    may_manage: bool = False
    dead: int = 0

    @rx.event
    @requires("outbox.manage")
    @explained
    async def redrive_all(self) -> None:
        """Try every dead letter anew."""
        await self._redrive(None)

    @rx.event
    @requires("outbox.manage")
    @explained
    async def redrive_selected(self) -> None:
        """Try the selected dead letters anew."""
        await self._redrive(self._ids())

    @rx.event
    @requires("outbox.manage")
    @explained
    async def ask_drop(self) -> None:
        """Open the question whether to give the selected ones up."""
        self._ask()

    @rx.event
    @requires("outbox.manage", reason=Reason, word=Word)
    @explained
    async def drop_selected(self, reason: str, word: str) -> None:
        """Give the selected dead letters up; what they held back goes on."""
        who, ids, now, parts = actor(), self._ids(), utc_now(), services()
        number = await self._do_typed(
            word,
            lambda unit: outbox_desk.drop(unit, parts.outbox, parts.events, who, ids, reason, now),
        )
        if number is not None:
            self._say("ok", f"{number} dropped", "What they held back goes on without them.")
            await self._show(who)

    async def _redrive(self, ids: list[int] | None) -> None:
        who, now, parts = actor(), utc_now(), services()
        number = await read(
            lambda unit: outbox_desk.redrive(unit, parts.outbox, parts.events, who, ids, now)
        )
        self.selected = []
        self._say("ok", f"{number} redriven", "They are tried anew, in the order of their keys.")
        await self._show(who)

    async def _show(self, who: Actor) -> None:
        self.may_manage = who.may("outbox.manage")
        self.dead = await read(dead_letters)
        await TypedDeed._show(self, who)
