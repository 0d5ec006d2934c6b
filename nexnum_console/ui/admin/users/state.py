"""State of the list of users."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.reports.listing import Listing
from nexnum_console.reports.users_list import USERS
from nexnum_console.ui.shell.listing_state import ListingState


class UsersState(ListingState, rx.State):
    """Everybody who has an account."""

    LISTING: ClassVar[Listing] = USERS
    CAPABILITY: ClassVar[str] = USERS.capability
