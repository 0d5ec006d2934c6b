"""The list of transactions."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.transactions.state import TransactionsState
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """Search, filter, open one."""
    return console_layout(
        TransactionsState,
        "/console/transactions",
        "Transactions",
        rx.el.div(rx.el.h1("Transactions", class_name="grow"), class_name="head"),
        data_table(TransactionsState, symbol="wallet"),
        account=account_bar(TransactionsState.email),
    )
