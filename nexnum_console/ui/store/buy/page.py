"""The store page."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.shell.layouts import store_layout
from nexnum_console.ui.store.account import store_account
from nexnum_console.ui.store.buy.number_card import newest_cards
from nexnum_console.ui.store.buy.same_number import same_number
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.buy.views import finder, ledger, shop, wallet_strip


def page() -> rx.Component:
    """Wallet, live numbers, what is for sale, newest wallet lines."""
    return store_layout(
        StoreState,
        "/store",
        wallet_strip(),
        same_number(),
        newest_cards(ledger()),
        finder(),
        shop(),
        rx.cond(StoreState.numbers.length() != 1, ledger()),
        account=store_account(),
    )
