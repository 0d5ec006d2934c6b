"""The list of activations."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.activations.state import ActivationsState
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """Search, filter, open one."""
    return console_layout(
        ActivationsState,
        "/console/activations",
        "Activations",
        rx.el.div(rx.el.h1("Activations", class_name="grow"), class_name="head"),
        data_table(ActivationsState, symbol="message"),
        account=account_bar(ActivationsState.email),
    )
