"""Who is signed in and what they have: the right end of the store's bar."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.shell.layouts import account_bar
from nexnum_console.ui.store.buy.state import StoreState


def store_account() -> rx.Component:
    """The way to the console for staff, the balance, the way out."""
    balance = rx.el.a(
        icon("wallet"),
        rx.el.span(StoreState.wallet.available_label, class_name="hi"),
        href="/store/wallet",
        class_name="chip chip--lg num",
        custom_attrs={"aria-label": "Wallet, available " + StoreState.wallet.available_label},
    )
    console = rx.cond(
        StoreState.is_staff,
        rx.el.a("Console", href="/console", class_name="btn btn--ghost btn--sm"),
    )
    return account_bar(StoreState.email, console, balance)
