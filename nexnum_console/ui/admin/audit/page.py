"""The audit log."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.audit.state import AuditState
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """Search, filter, open one."""
    return console_layout(
        AuditState,
        "/console/audit",
        "Audit log",
        rx.el.div(rx.el.h1("Audit log", class_name="grow"), class_name="head"),
        data_table(AuditState, symbol="book"),
        account=account_bar(AuditState.email),
    )
