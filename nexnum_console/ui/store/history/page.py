"""The list of one's orders."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.states import empty
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import store_layout
from nexnum_console.ui.store.account import store_account
from nexnum_console.ui.store.history.state import HistoryState


def page() -> rx.Component:
    """Search, filter, export, buy again."""
    first = empty(
        "clock",
        HistoryState.LISTING.none_yet,
        HistoryState.LISTING.nothing,
        rx.el.a("Buy a number", href="/store", class_name="btn btn--primary"),
    )
    return store_layout(
        HistoryState,
        "/store/history",
        rx.el.div(rx.el.h1("History", class_name="grow"), class_name="head"),
        data_table(HistoryState, symbol="clock", first_use=first),
        account=store_account(),
    )
