"""The store page."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.shell.layouts import account_bar, store_layout
from nexnum_console.ui.store.buy.number_card import number_cards
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.buy.views import finder, ledger, shop, wallet_strip


def page() -> rx.Component:
    """Wallet, live numbers, what is for sale, newest wallet lines."""
    balance = rx.el.a(
        icon("wallet"),
        rx.el.span(StoreState.wallet.available_label, class_name="hi"),
        href="/store#wallet",
        class_name="chip chip--lg num",
        custom_attrs={"aria-label": "Wallet, available"},
    )
    console = rx.cond(
        StoreState.is_staff,
        rx.el.a("Console", href="/console", class_name="btn btn--ghost btn--sm"),
    )
    return store_layout(
        StoreState,
        "/store",
        wallet_strip(),
        number_cards(ledger()),
        finder(),
        shop(),
        rx.cond(StoreState.numbers.length() % 2 == 0, ledger()),
        account=account_bar(StoreState.email, console, balance),
    )
