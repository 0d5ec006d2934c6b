"""The card that offers a number of a former order once more."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import flag, icon, tile
from nexnum_console.ui.store.buy.state import StoreState


def same_number() -> rx.Component:
    """What it costs, or why it is not to be had; nothing where none was asked for."""
    number = StoreState.again
    return rx.cond(
        number.id > 0,
        rx.el.section(
            rx.el.div(
                tile(number.initials, number.tile, "tile--lg"),
                rx.el.div(
                    rx.el.h2("Use ", number.phone, " again", class_name="num"),
                    rx.el.p(
                        flag(number.flag),
                        rx.el.span(
                            number.service_name, " · ", number.country_name, class_name="cut"
                        ),
                        class_name="row small low",
                    ),
                    class_name="grow",
                ),
                rx.el.a(
                    icon("x"),
                    href="/store",
                    class_name="btn btn--ghost btn--icon btn--sm",
                    custom_attrs={"aria-label": "Close, nothing is bought"},
                ),
                class_name="number__head",
            ),
            rx.cond(number.why != "", _refused(), _offered()),
            class_name="card number",
            custom_attrs={"aria-label": "The same number again"},
        ),
    )


def _refused() -> rx.Component:
    return rx.fragment(
        rx.el.p(StoreState.again.why, class_name="small warn"),
        rx.el.div(_another(), class_name="acts"),
    )


def _offered() -> rx.Component:
    number = StoreState.again
    buy = button(
        rx.cond(StoreState.taking_again, "Asking the carrier", "Take it for " + number.price),
        kind="primary",
        busy=StoreState.taking_again,
        on_click=StoreState.take_again(StoreState.order_key, number.id, number.price_micro),
    )
    short = rx.el.p(
        icon("wallet"), " ", number.missing, " more is needed.", class_name="small warn"
    )
    return rx.fragment(
        rx.el.p(
            "A new order on the number that served you before, at most ",
            rx.el.b(number.price),
            ". If its carrier has given the number away, nothing is charged. Balance after: ",
            number.balance_after,
            ".",
            class_name="small mid num",
        ),
        rx.el.div(rx.cond(number.missing == "", buy, short), _another(), class_name="acts"),
    )


def _another() -> rx.Component:
    return rx.el.a(
        icon("cart"), "Another number instead", href=StoreState.again.other, class_name="btn"
    )
