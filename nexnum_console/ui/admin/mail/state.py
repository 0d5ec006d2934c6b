"""State of the list of letters."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.reports.listing import Listing
from nexnum_console.reports.mail_list import MAIL
from nexnum_console.ui.shell.listing_state import ListingState


class MailState(ListingState, rx.State):
    """The outbox, without what the letters say."""

    LISTING: ClassVar[Listing] = MAIL
    CAPABILITY: ClassVar[str] = MAIL.capability
