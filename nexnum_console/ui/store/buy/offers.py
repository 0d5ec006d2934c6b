"""Offers of a service in a country: compared, ordered, bought in place."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.shelf import SORTS, OfferRow
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.icon import flag, icon
from nexnum_console.ui.components.states import empty
from nexnum_console.ui.components.tabs import Tab, segments
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.buy.top_up_form import quick_amounts

PREFERENCES = (
    ("best", "Best"),
    ("cheapest", "Cheapest"),
    ("fastest", "Fastest"),
    ("reliable", "Most reliable"),
)
_HEADS = (
    ("Operator", ""),
    ("Success, 24 h", ""),
    ("Wait", "r"),
    ("Stock", "r"),
    ("Codes", ""),
    ("Cancel", ""),
    ("Price", "r"),
)


def offers() -> rx.Component:
    """The offers of the chosen country; without one, what would be here."""
    place = StoreState.country
    return rx.el.section(
        rx.cond(
            place.iso2 != "",
            rx.fragment(
                rx.el.div(
                    flag(place.flag),
                    rx.el.div(
                        rx.el.h2(place.name),
                        rx.el.p(
                            place.stock,
                            " in stock, prices and stock updated ",
                            ago(place.updated_ms),
                        ),
                        class_name="grow",
                    ),
                    _star(),
                    _orders(),
                    class_name="card__head card__head--wrap offers__head",
                ),
                _table(),
                rx.el.p(
                    "Success = numbers that got a code ÷ numbers that had time to, in 24 hours; the"
                    " count after the dot is the sample. Best = the lowest price for a code that"
                    " comes. The price is a cap: you never pay more.",
                    class_name="card__foot",
                ),
            ),
            empty("search", "Choose a country", "Prices, stock and operators are shown here."),
        ),
        class_name="card",
    )


def _orders() -> rx.Component:
    items = [Tab(name, name.capitalize(), StoreState.by[name]) for name in SORTS]
    return segments(items, StoreState.sort, "Order of offers")


def _table() -> rx.Component:
    heads = [rx.el.th(title, scope="col", class_name=side) for title, side in _HEADS]
    heads += [rx.el.th(rx.el.span("Choose", class_name="sr"), scope="col")]
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(rx.foreach(StoreState.offers, _row)),
            class_name="table table--tall offers",
        ),
        class_name="tablewrap",
    )


def _row(offer: rx.Var[OfferRow]) -> rx.Component:
    chosen = offer.operator == StoreState.chosen
    return rx.fragment(
        rx.el.tr(
            rx.el.th(
                rx.el.span(offer.title, rx.el.span(offer.note, class_name="sub")), scope="row"
            ),
            rx.el.td(_success(offer), custom_attrs={"data-label": "Success, 24 h"}),
            rx.el.td(offer.wait, class_name="r", custom_attrs={"data-label": "Median wait"}),
            rx.el.td(offer.stock, class_name="r", custom_attrs={"data-label": "Stock"}),
            rx.el.td(offer.codes, custom_attrs={"data-label": "Codes"}),
            rx.el.td(offer.cancel, custom_attrs={"data-label": "Cancel"}),
            rx.el.td(offer.price, class_name="r price", custom_attrs={"data-label": "Price"}),
            rx.el.td(_choice(offer, chosen), class_name="r choice"),
            class_name=rx.cond(chosen, "chosen", ""),
        ),
        rx.cond(chosen, rx.el.tr(rx.el.td(_confirm(offer), col_span=8), class_name="confirmrow")),
    )


def _success(offer: rx.Var[OfferRow]) -> rx.Component:
    return rx.el.span(
        rx.el.span(rx.el.b(offer.success), " ", rx.el.span(offer.sample, class_name="low")),
        rx.cond(
            offer.success != "",
            rx.el.i(
                rx.el.i(style={"width": offer.percent.to_string() + "%"}),
                class_name="share share--" + offer.tone,
                custom_attrs={"aria-hidden": "true"},
            ),
        ),
        class_name="nowrap num",
    )


def _choice(offer: rx.Var[OfferRow], chosen: rx.Var[bool]) -> rx.Component:
    close = button(
        icon("x"),
        kind="ghost",
        size="sm icon",
        on_click=StoreState.unchoose,
        custom_attrs={"aria-label": "Close the confirmation"},
    )
    choose = button("Choose", size="sm", on_click=StoreState.choose(offer.operator))
    return rx.cond(chosen, close, choose)


def _confirm(offer: rx.Var[OfferRow]) -> rx.Component:
    promised = StoreState.promised
    quoted = promised.id != ""
    price = rx.cond(quoted, promised.price, offer.price)
    most = rx.cond(quoted, promised.cap_micro, offer.price_micro)
    affordable = rx.cond(quoted, promised.affordable, offer.affordable)
    buy = button(
        rx.cond(StoreState.buying, "Asking the carrier", "Buy for " + price),
        kind="primary",
        size="lg",
        busy=StoreState.buying,
        on_click=StoreState.buy(StoreState.order_key, offer.operator, most),
    )
    return rx.el.div(
        rx.el.dl(
            rx.el.div(rx.el.dt("Total"), rx.el.dd(price)),
            rx.el.div(rx.el.dt("At most"), rx.el.dd(price)),
            rx.el.div(
                rx.el.dt("Balance after"),
                rx.el.dd(rx.cond(quoted, promised.balance_after, offer.balance_after)),
            ),
        ),
        rx.el.span(class_name="wide-only"),
        rx.el.div(
            rx.cond(affordable, buy, _short(rx.cond(quoted, promised.missing, offer.missing))),
            class_name="buy",
        ),
        _preferences(),
        rx.el.p(
            icon("shield", "icon--sm"),
            rx.el.span(
                "Held while we buy, charged when you have the number,"
                " refunded by itself if no code comes in time."
            ),
            class_name="note",
        ),
        class_name="confirm num",
    )


def _preferences() -> rx.Component:
    """Who is asked first, and what that costs at most, held for a minute."""
    promised = StoreState.promised
    choices = [
        rx.el.button(
            title,
            type="button",
            on_click=StoreState.prefer(key),
            custom_attrs={"aria-pressed": rx.cond(promised.strategy == key, "true", "false")},
        )
        for key, title in PREFERENCES
    ]
    return rx.el.div(
        rx.el.div(
            *choices,
            class_name="segments",
            role="group",
            custom_attrs={"aria-label": "Who is asked first"},
        ),
        rx.cond(
            promised.id != "",
            rx.el.p(
                rx.el.b(promised.first),
                " is asked first; this price holds for a minute.",
                class_name="small low",
            ),
        ),
        class_name="prefer",
    )


def _short(missing: rx.Var[str]) -> rx.Component:
    """Too little money: add some here, and the same purchase goes on."""
    return rx.el.div(
        rx.el.p(icon("wallet"), " ", missing, " more is needed.", class_name="small warn"),
        rx.cond(
            StoreState.can_deposit,
            quick_amounts(custom_attrs={"data-testid": "short"}),
        ),
        class_name="short",
    )


def _star() -> rx.Component:
    def star(class_name: str, pressed: str) -> rx.Component:
        return button(
            icon("star"),
            kind="ghost",
            size="sm icon",
            on_click=StoreState.toggle_favourite,
            class_name=class_name,
            custom_attrs={"aria-pressed": pressed, "aria-label": "Keep among the favourites"},
        )

    return rx.cond(StoreState.starred, star("is-starred", "true"), star("", "false"))
