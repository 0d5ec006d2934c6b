"""The vault."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.states import empty, notice
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import store_layout
from nexnum_console.ui.store.account import store_account
from nexnum_console.ui.store.buy.number_card import number_cards
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.vault.state import VaultState


def page() -> rx.Component:
    """Cards of the live numbers, and a list of them for acting on many."""
    first = empty(
        "phone",
        VaultState.LISTING.none_yet,
        VaultState.LISTING.nothing,
        rx.el.a("Buy a number", href="/store", class_name="btn btn--primary"),
    )
    return store_layout(
        VaultState,
        "/store/vault",
        rx.el.div(
            rx.el.h1("Vault", class_name="grow"),
            rx.el.label(
                rx.el.input(type="checkbox", custom_attrs={"data-opt-in": "sound"}),
                "Sound",
                class_name="row small mid",
            ),
            rx.el.label(
                rx.el.input(type="checkbox", custom_attrs={"data-opt-in": "notify"}),
                "Browser notice",
                class_name="row small mid",
            ),
            class_name="head",
        ),
        notice(StoreState.notice, StoreState.dismiss_notice),
        number_cards(),
        rx.cond(
            VaultState.outcomes.length() > 0,
            rx.el.div(
                rx.el.ul(rx.foreach(VaultState.outcomes, _outcome)),
                button("Close", kind="ghost", size="sm", on_click=VaultState.forget_outcomes),
                class_name="card card__body stack",
                role="status",
                custom_attrs={"data-testid": "outcomes"},
            ),
        ),
        data_table(
            VaultState,
            symbol="phone",
            selectable=True,
            batch=[
                button(
                    "Finish these numbers",
                    size="sm",
                    symbol="check",
                    busy=VaultState.working,
                    on_click=VaultState.finish_selected,
                ),
                button(
                    "Cancel these numbers",
                    kind="danger",
                    size="sm",
                    symbol="undo",
                    busy=VaultState.working,
                    on_click=VaultState.cancel_selected,
                ),
            ],
            first_use=first,
        ),
        account=store_account(),
    )


def _outcome(words: rx.Var[str]) -> rx.Component:
    return rx.el.li(words)
