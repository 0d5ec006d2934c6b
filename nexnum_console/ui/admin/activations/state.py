"""State of the list of activations."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.reports.activations_list import ACTIVATIONS
from nexnum_console.reports.listing import Listing
from nexnum_console.ui.shell.listing_state import ListingState


class ActivationsState(ListingState, rx.State):
    """Every order of every buyer."""

    LISTING: ClassVar[Listing] = ACTIVATIONS
    CAPABILITY: ClassVar[str] = ACTIVATIONS.capability
