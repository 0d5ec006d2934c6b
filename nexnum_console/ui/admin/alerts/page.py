"""Alerts, open and settled."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.alerts.state import AlertsState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout
from nexnum_console.ui.shell.typed_deed import typed_question

PATH = "/console/alerts"


def page() -> rx.Component:
    """Search, filter, settle what was dealt with."""
    return console_layout(
        AlertsState,
        PATH,
        "Alerts",
        rx.el.div(
            rx.el.h1("Alerts", class_name="grow"),
            rx.cond(
                AlertsState.open > 0,
                rx.el.a(
                    icon("alert"),
                    "Open: ",
                    AlertsState.open,
                    href=f"{PATH}?state=open",
                    class_name="btn btn--secondary btn--sm",
                    custom_attrs={"data-open": AlertsState.open},
                ),
            ),
            class_name="head",
        ),
        data_table(AlertsState, symbol="alert", selectable=True, batch=[_acts()]),
        _settle(),
        account=account_bar(AlertsState.email),
    )


def _acts() -> rx.Component:
    return rx.cond(
        AlertsState.may_manage,
        button("Settle", size="sm", symbol="check", on_click=AlertsState.ask_settle),
    )


def _settle() -> rx.Component:
    return typed_question(
        AlertsState,
        "Settle these alerts?",
        "They are closed for everyone; what goes on raises a new one. The audit log keeps why.",
        lambda data: AlertsState.settle_selected(
            data.to(dict[str, str])["reason"], data.to(dict[str, str])["word"]
        ),
        label="Settle",
        reason="What was done",
    )
