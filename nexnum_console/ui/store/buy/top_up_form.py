"""The deposit form: amounts at a click, another one, the way to pay, a coupon."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.own_deposits import WayToPay
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.field import field, select_field, text_field
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.buy.topping_up import QUICK_AMOUNTS


def quick_amounts(*, size: str = "", **props) -> rx.Component:
    """A button for each usual amount; a click asks for the deposit."""
    return rx.el.div(
        *(
            button(
                f"Add {amount}",
                size=size,
                disabled=StoreState.depositing,
                on_click=StoreState.top_up(
                    StoreState.deposit_key, StoreState.way.gateway, amount, ""
                ),
            )
            for amount in QUICK_AMOUNTS
        ),
        class_name="amounts",
        **props,
    )


def top_up_form() -> rx.Component:
    """With a coupon there is one way to send it, so that no click leaves the code behind."""
    return rx.el.form(
        rx.cond(StoreState.ways.length() > 1, _ways()),
        rx.cond(~StoreState.with_coupon, quick_amounts(size="lg")),
        text_field(
            rx.cond(StoreState.with_coupon, "Amount", "Or another amount"),
            "amount",
            tall=True,
            input_mode="decimal",
            placeholder="12.50",
            required=True,
            max_length=12,
        ),
        rx.cond(
            StoreState.with_coupon,
            field("Coupon", "coupon", max_length=48, auto_complete="off"),
        ),
        button(
            rx.cond(StoreState.way.instant, "Add this amount", "Go on to pay"),
            size="lg",
            type="submit",
            disabled=StoreState.depositing,
        ),
        rx.cond(
            ~StoreState.with_coupon,
            button("I have a coupon", kind="ghost", size="lg", on_click=StoreState.bring_coupon),
        ),
        rx.el.p(StoreState.way.told, class_name="caption"),
        on_submit=lambda data: StoreState.top_up(
            StoreState.deposit_key,
            StoreState.way.gateway,
            data.to(dict[str, str])["amount"],
            rx.cond(StoreState.with_coupon, data.to(dict[str, str])["coupon"], ""),
        ),
        class_name="topup",
    )


def _ways() -> rx.Component:
    def option(one: rx.Var[WayToPay]) -> rx.Component:
        return rx.el.option(one.title, value=one.gateway)

    return select_field(
        "Pay by",
        "gateway",
        [rx.foreach(StoreState.ways, option)],
        value=StoreState.way.gateway,
        on_change=StoreState.choose_way,
    )
