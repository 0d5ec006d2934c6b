"""The list of users."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.users.state import UsersState
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """Search, filter, open one."""
    return console_layout(
        UsersState,
        "/console/users",
        "Users",
        rx.el.div(rx.el.h1("Users", class_name="grow"), class_name="head"),
        data_table(UsersState, symbol="users"),
        account=account_bar(UsersState.email),
    )
