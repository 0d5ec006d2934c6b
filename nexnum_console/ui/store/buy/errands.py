"""A buyer's wallet and numbers, and what they do about one: give it back, report it, end it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import reflex as rx

from nexnum_console.activations import aftercare
from nexnum_console.activations.aftercare import takes_another
from nexnum_console.activations.cancel import cancel, report
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.errors import CarrierSilent
from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import store as store_report
from nexnum_console.reports.store import LedgerLine, NumberCard, WalletView
from nexnum_console.ui.shell.arguments import RowId
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained, sentence
from nexnum_console.ui.shell.work import in_slow_thread, read

NO_WALLET = WalletView(0, "–", "–", "–", 0, "USD")


class NumberErrands(PageState, mixin=True):
    """What is the buyer's, read again after each errand; ``errand_id`` is the number of it."""

    wallet: WalletView = NO_WALLET
    lines: list[LedgerLine] = []
    numbers: list[NumberCard] = []
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
        try:
            await self._do(aftercare.resend, activation_id)
        except CarrierSilent as silent:
            async with self:
                self._say("warn", "Nobody knows yet", sentence(silent.message))
            return
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
        now = utc_now()
        desk = services().desk

        def query(unit: UnitOfWork) -> tuple[WalletView, list[LedgerLine], list[NumberCard]]:
            return (
                store_report.wallet(unit, who.user_id) or NO_WALLET,
                store_report.ledger_lines(unit, who.user_id),
                store_report.numbers(unit, who.user_id, now, partial(takes_another, unit, desk)),
            )

        self.wallet, self.lines, self.numbers = await read(query)
