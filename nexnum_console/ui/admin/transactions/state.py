"""State of the list of transactions."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.reports.listing import Listing
from nexnum_console.reports.money_lists import TRANSACTIONS
from nexnum_console.ui.shell.listing_state import ListingState


class TransactionsState(ListingState, rx.State):
    """Every journal of the ledger."""

    LISTING: ClassVar[Listing] = TRANSACTIONS
    CAPABILITY: ClassVar[str] = TRANSACTIONS.capability
