"""The wallet."""

from __future__ import annotations

from collections.abc import Callable

import reflex as rx

from nexnum_console.reports.own_deposits import OwnDeposit
from nexnum_console.reports.own_penalties import OwnPenalty
from nexnum_console.ui.components.button import button, copy_button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import time_of
from nexnum_console.ui.components.field import area_field, text_field
from nexnum_console.ui.components.states import chip, notice
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
        rx.cond(StoreState.loaded, _coupon()),
        _listed("Deposits", WalletState.deposits, _deposit),
        _listed("Penalties", WalletState.penalties, _penalty),
        data_table(WalletState, symbol="wallet"),
        account=store_account(),
    )


def _listed(title: str, rows: rx.Var, row: Callable[[rx.Var], rx.Component]) -> rx.Component:
    shown = card(
        title,
        rx.el.ul(rx.foreach(rows, row), class_name="card__body stack"),
        custom_attrs={"data-testid": title.lower()},
    )
    return rx.cond(rows.length() > 0, shown)


def _head(one: rx.Var[OwnDeposit] | rx.Var[OwnPenalty]) -> rx.Component:
    return rx.el.div(
        rx.el.b(one.title, class_name="grow"),
        rx.el.span(one.amount, class_name="num"),
        chip(one.tone, one.icon, one.word),
        class_name="row",
    )


def _coupon() -> rx.Component:
    form = rx.el.form(
        text_field("Coupon", "code", required=True, max_length=48, auto_complete="off"),
        button("Redeem", kind="primary", type="submit"),
        button("Not now", kind="ghost", on_click=WalletState.ask_coupon),
        on_submit=lambda data: WalletState.redeem_coupon(data.to(dict[str, str])["code"]),
        class_name="row row--end",
    )
    ask = button("Redeem a coupon", symbol="plus", size="sm", on_click=WalletState.ask_coupon)
    return rx.el.div(rx.cond(WalletState.redeeming, form, ask))


def _deposit(one: rx.Var[OwnDeposit]) -> rx.Component:
    transfer = rx.el.p(
        "Send ",
        rx.el.b(one.amount, class_name="num"),
        " to: ",
        one.how,
        rx.el.br(),
        "Write on it: ",
        rx.el.code(one.ticket),
        " ",
        copy_button("Copy", one.ticket, kind="ghost", size="sm"),
        class_name="small",
    )
    return rx.el.li(
        _head(one),
        rx.el.p("Asked for at ", time_of(one.at_ms), class_name="small low"),
        rx.cond(one.ticket != "", transfer),
        rx.cond(one.note != "", rx.el.p(one.note, class_name="small mid")),
        rx.cond(
            one.pay != "",
            rx.el.div(rx.el.a("Pay now", href=one.pay, class_name="btn btn--primary btn--sm")),
        ),
        key=one.id.to_string(),
        class_name="stack stack--tight",
    )


def _penalty(one: rx.Var[OwnPenalty]) -> rx.Component:
    return rx.el.li(
        _head(one),
        rx.el.p(one.day, ": ", one.counted, class_name="small mid"),
        _said("You said: ", one.appeal),
        _said("Answer: ", one.decision),
        rx.cond(one.open, _appeal(one)),
        class_name="stack stack--tight",
    )


def _said(who: str, words: rx.Var[str]) -> rx.Component:
    return rx.cond(words != "", rx.el.p(rx.el.b(who), words, class_name="small"))


def _appeal(one: rx.Var[OwnPenalty]) -> rx.Component:
    form = rx.el.form(
        area_field(
            "Why it is wrong",
            "text",
            help_text="10 to 1000 characters. An admin reads it and answers here, once.",
            required=True,
            min_length=10,
            max_length=1000,
        ),
        rx.el.div(
            button("Send the appeal", kind="primary", type="submit"),
            button("Not now", kind="ghost", on_click=WalletState.ask_appeal(0)),
            class_name="row",
        ),
        on_submit=lambda data: WalletState.appeal_penalty(data.to(dict[str, str])["text"]),
        class_name="stack",
    )
    ask = button("Appeal it", size="sm", on_click=WalletState.ask_appeal(one.id))
    return rx.cond(WalletState.appealing == one.id, form, ask)
