"""State of the list of one's orders."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.reports.history_list import HISTORY
from nexnum_console.reports.listing import Listing
from nexnum_console.ui.shell.listing_state import ListingState


class HistoryState(ListingState, rx.State):
    """Everything the asking person has ordered."""

    LISTING: ClassVar[Listing] = HISTORY
    CAPABILITY: ClassVar[str] = HISTORY.capability
