"""The list of letters."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.mail.state import MailState
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """Search, filter, see what could not be delivered."""
    return console_layout(
        MailState,
        "/console/mail",
        "Mail",
        rx.el.div(rx.el.h1("Mail", class_name="grow"), class_name="head"),
        data_table(MailState, symbol="mail"),
        account=account_bar(MailState.email),
    )
