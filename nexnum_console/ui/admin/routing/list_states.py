"""States of routing's two lists."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.reports.listing import Listing
from nexnum_console.reports.routing_decisions import DECISIONS
from nexnum_console.reports.routing_learned import LEARNED
from nexnum_console.ui.shell.listing_state import ListingState


class LearnedState(ListingState, rx.State):
    """What is believed of each provider, by service and country."""

    LISTING: ClassVar[Listing] = LEARNED
    CAPABILITY: ClassVar[str] = LEARNED.capability


class DecisionsState(ListingState, rx.State):
    """Who was asked, and what became of it."""

    LISTING: ClassVar[Listing] = DECISIONS
    CAPABILITY: ClassVar[str] = DECISIONS.capability
