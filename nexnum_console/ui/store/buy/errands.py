"""What a buyer has done about a number: give it back, report it, another code, its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from nexnum_console.activations import aftercare
from nexnum_console.activations.cancel import cancel, report
from nexnum_console.activations.desk import Desk
from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.ui.shell.arguments import RowId
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.work import in_slow_thread


class NumberErrands(PageState, mixin=True):
    """Handlers of a number's card; ``errand_id`` is the number that is being acted on."""

    errand_id: int = 0

    @rx.event(background=True)
    @requires("store.buy", activation_id=RowId)
    @explained
    async def cancel_number(self, activation_id: int) -> None:
        """Give a number back; the carrier's word decides, the refund follows it."""
        await self._do(cancel, activation_id)

    @rx.event(background=True)
    @requires("store.buy", activation_id=RowId)
    @explained
    async def report_number(self, activation_id: int) -> None:
        """Say that a number is used or blocked; refunded as a cancellation is."""
        await self._do(report, activation_id)

    @rx.event(background=True)
    @requires("store.buy", activation_id=RowId)
    @explained
    async def ask_another(self, activation_id: int) -> None:
        """Ask the carrier for one more SMS."""
        await self._do(aftercare.resend, activation_id)
        async with self:
            self._say(
                "ok",
                "Another code is asked for",
                "It costs nothing more and appears on the number's card by itself.",
            )

    @rx.event(background=True)
    @requires("store.buy", activation_id=RowId)
    @explained
    async def finish_number(self, activation_id: int) -> None:
        """Close a number that has its code."""
        await self._do(aftercare.finish, activation_id)

    async def _do(self, errand: Callable[[Desk, int, int], Any], activation_id: int) -> None:
        who = actor()
        async with self:
            self.errand_id = activation_id
        try:
            await in_slow_thread(errand, services().desk, activation_id, who.user_id)
        finally:
            async with self:
                self.errand_id = 0
                await self._read_mine(who)
                self._stamp()

    async def _read_mine(self, who: Actor) -> None:
        raise NotImplementedError
