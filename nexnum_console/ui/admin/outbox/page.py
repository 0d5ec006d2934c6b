"""The outbox and its dead letters."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.outbox.state import OutboxState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout
from nexnum_console.ui.shell.typed_deed import typed_question

PATH = "/console/outbox"


def page() -> rx.Component:
    """Search, filter, redrive or drop what could not be delivered."""
    return console_layout(
        OutboxState,
        PATH,
        "Outbox",
        rx.el.div(
            rx.el.h1("Outbox", class_name="grow"),
            rx.cond(OutboxState.dead > 0, _dead()),
            class_name="head",
        ),
        data_table(OutboxState, symbol="box", selectable=True, batch=[_acts()]),
        _drop(),
        account=account_bar(OutboxState.email),
    )


def _dead() -> rx.Component:
    return rx.el.div(
        rx.el.a(
            icon("alert"),
            "Dead letters: ",
            OutboxState.dead,
            href=f"{PATH}?state=dead",
            class_name="btn btn--secondary btn--sm",
            custom_attrs={"data-dead": OutboxState.dead},
        ),
        rx.cond(
            OutboxState.may_manage,
            button("Redrive all", size="sm", symbol="refresh", on_click=OutboxState.redrive_all),
        ),
        class_name="row",
    )


def _acts() -> rx.Component:
    return rx.cond(
        OutboxState.may_manage,
        rx.el.div(
            button("Redrive", size="sm", symbol="refresh", on_click=OutboxState.redrive_selected),
            button("Drop", kind="danger", size="sm", symbol="x", on_click=OutboxState.ask_drop),
            class_name="row",
        ),
    )


def _drop() -> rx.Component:
    return typed_question(
        OutboxState,
        "Give these messages up?",
        "Nobody will ever get them. What stands behind them goes on; the audit log keeps why.",
        lambda data: OutboxState.drop_selected(
            data.to(dict[str, str])["reason"], data.to(dict[str, str])["word"]
        ),
        label="Drop",
    )
