"""Holds: what is set aside, and what will end it."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.ledger.frame import ledger_frame
from nexnum_console.ui.admin.ledger.state import HoldsState
from nexnum_console.ui.components.table import data_table


def page() -> rx.Component:
    """Search, filter, open the order."""
    return ledger_frame(HoldsState, "holds", data_table(HoldsState, symbol="lock"))
