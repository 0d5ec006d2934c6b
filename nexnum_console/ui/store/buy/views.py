"""What the store page looks like."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.shelf import CountryRow, Pair, ServiceTile
from nexnum_console.reports.store import LedgerLine
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import time_of
from nexnum_console.ui.components.icon import flag, icon, tile
from nexnum_console.ui.components.states import empty, loading
from nexnum_console.ui.store.buy.offers import offers
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.buy.top_up_form import top_up_form


def wallet_strip(*, explained: bool = True) -> rx.Component:
    """What is free, what is held, what would come back; and the way to add money."""
    wallet = StoreState.wallet
    told = "A hold is charged when the carrier hands over the number."
    told += " If no code comes, the charge returns by itself."
    return rx.el.section(
        rx.el.dl(
            _figure("Available", wallet.available_label, "available"),
            _figure("Held", wallet.held_label, "held"),
            _figure("Refundable", wallet.waiting_label, "refundable"),
        ),
        rx.el.p(told if explained else "", class_name="caption mid grow wide-only"),
        rx.cond(
            StoreState.can_deposit,
            button("Top up", symbol="plus", on_click=StoreState.toggle_top_up),
        ),
        rx.cond(StoreState.topping_up, top_up_form()),
        id="wallet",
        class_name="card strip",
        custom_attrs={"aria-label": "Wallet"},
    )


def finder() -> rx.Component:
    """One box for service and country, and the services it found."""
    return rx.el.section(
        rx.el.div(
            rx.el.h1("Buy a number", class_name="grow"),
            rx.cond(
                StoreState.favourites.length() > 0,
                rx.el.label(
                    rx.el.input(
                        type="checkbox",
                        role="switch",
                        checked=StoreState.quick,
                        on_change=lambda _: StoreState.toggle_quick(),
                    ),
                    "Quick buy of favourites",
                    class_name="row small mid",
                ),
            ),
            class_name="head",
        ),
        rx.el.div(
            icon("search"),
            rx.el.input(
                class_name="input",
                placeholder="Service or country, for example Telegram Brazil",
                on_change=StoreState.search.debounce(200),
                auto_complete="off",
                max_length=120,
                custom_attrs={
                    "aria-label": "Service or country",
                    "data-sync": StoreState.words,
                },
            ),
            class_name="inputwrap",
            role="search",
        ),
        rx.cond(
            StoreState.favourites.length() > 0,
            rx.el.nav(
                rx.el.span("Favourites"),
                rx.foreach(StoreState.favourites, _favourite),
                class_name="rail",
                custom_attrs={"aria-label": "Favourites"},
            ),
        ),
        rx.cond(
            StoreState.recent.length() > 0,
            rx.el.nav(
                rx.el.span("Recent"),
                rx.foreach(StoreState.recent, _pair_link),
                class_name="rail",
                custom_attrs={"aria-label": "Recent"},
            ),
        ),
        rx.el.nav(
            rx.el.span(rx.cond(StoreState.words != "", "Found", "Popular")),
            rx.foreach(StoreState.services, _service_link),
            class_name="rail",
            custom_attrs={"aria-label": "Services"},
        ),
        class_name="find",
    )


def _favourite(pair: rx.Var[Pair]) -> rx.Component:
    """A link, or with quick buy a button that names its price and is its cap."""
    buy = rx.el.button(
        tile(pair.initials, pair.tile, "tile--sm"),
        flag(pair.flag),
        "Buy for ",
        pair.price,
        type="button",
        disabled=StoreState.buying,
        on_click=StoreState.buy_now(
            StoreState.order_key, pair.service, pair.country, pair.price_micro
        ),
        custom_attrs={
            "aria-label": "Buy " + pair.name + ", " + pair.country_name + " for " + pair.price
        },
    )
    return rx.cond(StoreState.quick & (pair.price_micro > 0), buy, _pair_link(pair))


def _pair_link(pair: rx.Var[Pair]) -> rx.Component:
    return rx.el.a(
        tile(pair.initials, pair.tile, "tile--sm"),
        pair.name,
        flag(pair.flag),
        rx.el.span(pair.price, class_name="num low"),
        href=pair.href,
        custom_attrs={"aria-label": pair.name + ", " + pair.country_name + ", " + pair.price},
    )


def shop() -> rx.Component:
    """Countries of the chosen service, offers of the chosen country."""
    return rx.cond(
        StoreState.service.code != "",
        rx.el.div(_places(), offers(), class_name="split"),
        card(
            "Choose a service",
            rx.cond(
                StoreState.loaded & (StoreState.services.length() == 0),
                empty(
                    "box",
                    "Nothing is for sale yet",
                    "The catalogue is empty. It fills when a provider is synced.",
                ),
                rx.cond(
                    StoreState.loaded,
                    empty(
                        "search",
                        "What do you want to verify?",
                        "Pick a service above or type its name.",
                    ),
                    loading(),
                ),
            ),
        ),
    )


def ledger() -> rx.Component:
    """The newest wallet lines, in words."""
    return card(
        "Wallet, newest lines",
        rx.cond(
            StoreState.lines.length() > 0,
            rx.el.ul(rx.foreach(StoreState.lines, _ledger_line), class_name="lines"),
            empty(
                "wallet", "No money has moved yet", "Deposits, charges and refunds are listed here."
            ),
        ),
    )


def _figure(label: str, value: rx.Var[str], key: str) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(value, custom_attrs={"data-wallet": key}))


def _service_link(service: rx.Var[ServiceTile]) -> rx.Component:
    return rx.el.a(
        tile(service.initials, service.tile, "tile--sm"),
        service.name,
        href="/store?service=" + service.code + StoreState.words_link,
        custom_attrs={
            "aria-current": rx.cond(
                service.code == StoreState.service.code, "true", rx.Var("undefined")
            )
        },
    )


def _places() -> rx.Component:
    service = StoreState.service
    return rx.el.section(
        rx.el.div(
            tile(service.initials, service.tile),
            rx.el.div(
                rx.el.h2(service.name),
                rx.el.p(StoreState.countries_label),
                class_name="grow",
            ),
            class_name="card__head",
            style={"padding_bottom": "8px"},
        ),
        rx.cond(
            StoreState.countries.length() > 0,
            rx.el.nav(
                rx.foreach(StoreState.countries, _place_link),
                class_name="places",
                custom_attrs={"aria-label": "Countries"},
            ),
            empty("box", "Sold out", "No carrier has a number for this service now."),
        ),
        class_name="card",
        style={"overflow": "hidden"},
    )


def _place_link(place: rx.Var[CountryRow]) -> rx.Component:
    return rx.el.a(
        flag(place.flag),
        rx.el.span(
            rx.el.b(place.name),
            rx.el.small(
                rx.cond(place.success != "", place.success + ", ", ""), place.stock, " in stock"
            ),
            class_name="cut",
        ),
        rx.el.span(place.price, class_name="price"),
        href="/store?service="
        + StoreState.service.code
        + "&country="
        + place.iso2
        + StoreState.words_link
        + "&sort="
        + StoreState.sort,
        custom_attrs={
            "aria-current": rx.cond(
                place.iso2 == StoreState.country.iso2, "true", rx.Var("undefined")
            )
        },
    )


def _ledger_line(line: rx.Var[LedgerLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(line.icon), class_name=line.tone),
        rx.el.span(line.title),
        rx.el.span(line.amount, class_name="amount"),
        rx.el.small(line.detail),
        time_of(line.at_ms),
    )
