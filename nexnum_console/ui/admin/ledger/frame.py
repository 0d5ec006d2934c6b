"""What every page of the ledger has: its head, its tabs, and the page around them."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from nexnum_console.ui.components.tabs import Tab, link_tabs
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH: Final = "/console/ledger"
TABS: Final = (
    ("balances", "Balances", ""),
    ("holds", "Holds", "/holds?state=open"),
    ("proof", "Proof", "/proof"),
    ("statement", "Statements", "/statement"),
    ("reconciliation", "Reconciliation", "/reconciliation"),
)


def ledger_frame(
    state: Any, current: str, *body: rx.Component, side: tuple = (), layers: tuple = ()
) -> rx.Component:
    """A page of the ledger; ``current`` is the key of its tab, ``side`` stands by the head."""
    title = next(title for key, title, _ in TABS if key == current)
    return console_layout(
        state,
        PATH,
        title if current != "balances" else "Ledger",
        rx.el.div(rx.el.h1("Ledger", class_name="grow"), *side, class_name="head"),
        link_tabs([Tab(key, name, f"{PATH}{end}") for key, name, end in TABS], current),
        *body,
        *layers,
        account=account_bar(state.email),
    )
