"""The list of providers."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.providers.state import ProvidersState
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """Search, filter, open one."""
    return console_layout(
        ProvidersState,
        "/console/providers",
        "Providers",
        rx.el.div(
            rx.el.h1("Providers", class_name="grow"),
            rx.cond(
                ProvidersState.may_manage,
                rx.el.a(
                    "Add a provider",
                    href="/console/providers/new",
                    class_name="btn btn--primary",
                ),
            ),
            class_name="head",
        ),
        data_table(ProvidersState, symbol="plug"),
        account=account_bar(ProvidersState.email),
    )
