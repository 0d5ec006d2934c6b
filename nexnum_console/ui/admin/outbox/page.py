"""The outbox and its dead letters."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.outbox.state import WORD, OutboxState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.dialog import confirm_typed
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout

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
    reason = rx.el.div(
        rx.el.label("Reason", html_for="drop-reason"),
        rx.el.input(
            id="drop-reason", name="reason", class_name="input", required=True, max_length=300
        ),
        rx.cond(
            OutboxState.wrong != "", rx.el.p(OutboxState.wrong, class_name="fault", role="alert")
        ),
        class_name="field",
    )
    return confirm_typed(
        OutboxState.dropping,
        OutboxState.keep_all,
        "Give these messages up?",
        "Nobody will ever get them. What stands behind them goes on; the audit log keeps why.",
        WORD,
        lambda data: OutboxState.drop_selected(
            data.to(dict[str, str])["reason"], data.to(dict[str, str])["word"]
        ),
        reason,
        label="Drop",
    )
