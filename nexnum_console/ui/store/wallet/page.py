"""The wallet."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.states import notice
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import store_layout
from nexnum_console.ui.store.account import store_account
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.buy.views import wallet_strip
from nexnum_console.ui.store.wallet.state import WalletState


def page() -> rx.Component:
    """What is free, what is held, what would come back, and every line in words."""
    return store_layout(
        WalletState,
        "/store/wallet",
        rx.el.div(rx.el.h1("Wallet", class_name="grow"), class_name="head"),
        notice(StoreState.notice, StoreState.dismiss_notice),
        wallet_strip(explained=False),
        rx.el.p(
            "Held money is set aside for an order that is being bought; it becomes a charge when"
            " you get a number and comes back when you do not. A charge without a code is refunded"
            " by itself.",
            class_name="mid small lead",
        ),
        data_table(WalletState, symbol="wallet"),
        account=store_account(),
    )
