"""State of the wallet page: its ledger is a list, the balances are the store's."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.reports.listing import Listing
from nexnum_console.reports.money_lists import LEDGER
from nexnum_console.ui.shell.gate import OF_THE_PAGE, actor, requires
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.store.buy.state import StoreState


class WalletState(ListingState, rx.State):
    """Every line of the asking person's wallet."""

    LISTING: ClassVar[Listing] = LEDGER
    CAPABILITY: ClassVar[str] = LEDGER.capability

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def refresh(self) -> rx.event.EventSpec:
        """A push said that something of mine changed: lines and balances again."""
        await self._show(actor())
        return StoreState.refresh
