"""State of the audit log."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.reports.audit_list import AUDIT
from nexnum_console.reports.listing import Listing
from nexnum_console.ui.shell.listing_state import ListingState


class AuditState(ListingState, rx.State):
    """Every change that staff made."""

    LISTING: ClassVar[Listing] = AUDIT
    CAPABILITY: ClassVar[str] = AUDIT.capability
