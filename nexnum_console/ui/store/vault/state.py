"""State of the vault: live numbers as cards and as a list, and acts on many of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import reflex as rx

from nexnum_console.activations.aftercare import finish
from nexnum_console.activations.cancel import cancel
from nexnum_console.activations.desk import Desk
from nexnum_console.bootstrap import services
from nexnum_console.operations.batches import Outcome, on_each
from nexnum_console.reports.history_list import VAULT
from nexnum_console.reports.listing import Listing
from nexnum_console.ui.shell.gate import OF_THE_PAGE, actor, requires
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.page_state import explained, sentence
from nexnum_console.ui.shell.work import in_slow_thread
from nexnum_console.ui.store.buy.state import StoreState


class VaultState(ListingState, rx.State):
    """The asking person's numbers that have not ended; ``outcomes`` of the last batch."""

    LISTING: ClassVar[Listing] = VAULT
    CAPABILITY: ClassVar[str] = VAULT.capability

    outcomes: list[str] = []
    working: bool = False

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def refresh(self) -> rx.event.EventSpec:
        """A push said that something of mine changed: the list, then the cards."""
        await self._show(actor())
        return StoreState.refresh

    @rx.event(background=True)
    @requires("store.buy")
    @explained
    async def cancel_selected(self) -> rx.event.EventSpec:
        """Give every selected number back; each is told for itself."""
        return await self._on_selected(cancel, "given back")

    @rx.event(background=True)
    @requires("store.buy")
    @explained
    async def finish_selected(self) -> rx.event.EventSpec:
        """Close every selected number that has its code; each is told for itself."""
        return await self._on_selected(finish, "finished")

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def forget_outcomes(self) -> None:
        """Take the itemised result away."""
        self.outcomes = []

    async def _on_selected(
        self, errand: Callable[[Desk, int, int], Any], words: str
    ) -> rx.event.EventSpec:
        who = actor()
        async with self:
            ids = [int(row) for row in self.selected if row.isdecimal()]
            self.working, self.outcomes = True, []
        desk = services().desk
        try:
            done = await in_slow_thread(
                on_each, ids, lambda one: errand(desk, one, who.user_id), words
            )
            async with self:
                self._tell(done, words)
                self.selected = []
                await self._show(who)
        finally:
            async with self:
                self.working = False
        return StoreState.refresh

    def _tell(self, outcomes: list[Outcome], words: str) -> None:
        good = sum(one.done for one in outcomes)
        kind = "ok" if good == len(outcomes) else "warn"
        self._say(kind, f"{good} of {len(outcomes)} numbers {words}", "Each is listed below.")
        self.outcomes = [f"No. {one.activation_id}: {sentence(one.words)}" for one in outcomes]
