"""The lines that make a balance."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.ledger_book import LINES_PATH as PATH
from nexnum_console.ui.admin.facts import fact_strip, missing_record
from nexnum_console.ui.admin.ledger import frame
from nexnum_console.ui.admin.ledger.state import LinesState
from nexnum_console.ui.components.states import loading
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout

__all__ = ["PATH", "page"]


def page() -> rx.Component:
    """An account's head, and its entries with the balance after each."""
    return console_layout(
        LinesState,
        frame.PATH,
        rx.cond(LinesState.title != "", LinesState.title, "Lines"),
        rx.cond(
            LinesState.missing != "",
            missing_record("account", frame.PATH, "All balances"),
            rx.cond(LinesState.loaded, _whole(), loading(8)),
        ),
        account=account_bar(LinesState.email),
    )


def _whole() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.div(
                rx.el.h1(LinesState.title),
                rx.el.p(rx.el.code(LinesState.code), class_name="mid"),
                class_name="grow",
            ),
            class_name="head head--record",
        ),
        fact_strip(LinesState.facts),
        data_table(LinesState, symbol="book"),
    )
