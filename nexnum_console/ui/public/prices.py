"""The price list, on a page of its own and on the front page."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.prices import PriceLine
from nexnum_console.ui.components.clock import ago, server_clock
from nexnum_console.ui.components.icon import flag, icon, tile
from nexnum_console.ui.components.states import empty, loading, notice
from nexnum_console.ui.public.frame import public_frame
from nexnum_console.ui.public.state import FrontState


def pricing() -> rx.Component:
    """Every service with its cheapest country."""
    return public_frame(
        notice(FrontState.notice, FrontState.dismiss_notice),
        rx.el.section(
            rx.el.h1("Prices"),
            rx.el.p(
                "Each service with its cheapest country, from the live catalogue. A success rate"
                " stands beside the number of orders it was measured on, over 24 hours.",
                class_name="mid lead",
            ),
            rx.el.div(
                icon("search"),
                rx.el.input(
                    type="search",
                    default_value=FrontState.words,
                    placeholder="Service or country",
                    on_change=FrontState.search.debounce(150),
                    class_name="input input--lg",
                    max_length=120,
                    custom_attrs={"aria-label": "Search prices"},
                ),
                class_name="inputwrap",
                role="search",
            ),
            price_table(rx.el.span(FrontState.found, role="status")),
            class_name="band band--first",
        ),
        class_name="store front",
    )


def price_table(foot: rx.Component) -> rx.Component:
    """The lines of the state as a table."""
    heads = (
        ("Service", ""),
        ("Cheapest in", ""),
        ("Success, 24 h", "r"),
        ("Median wait", "r"),
        ("Countries", "r"),
        ("From", "r"),
    )
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(*(rx.el.th(text, scope="col", class_name=side) for text, side in heads))
        ),
        rx.el.tbody(rx.foreach(FrontState.lines, _line)),
        class_name="table table--rows table--brief prices",
    )
    nothing = rx.cond(
        FrontState.words != "",
        empty("search", "No service like that", "Try another name or a country."),
        empty("search", "No prices yet", "They appear as soon as a carrier is connected."),
    )
    return rx.el.div(
        server_clock(FrontState.server_ms),
        rx.cond(
            FrontState.lines.length() > 0,
            rx.el.div(table, class_name="tablewrap"),
            rx.cond(FrontState.loaded, nothing, loading(6)),
        ),
        rx.el.p(
            rx.el.span("Read ", ago(FrontState.server_ms), class_name="grow"),
            foot,
            class_name="pager",
        ),
        class_name="card list",
    )


def _line(line: rx.Var[PriceLine]) -> rx.Component:
    def cell(label: str, *body, class_name: str = "r num") -> rx.Component:
        return rx.el.td(*body, class_name=class_name, custom_attrs={"data-label": label})

    return rx.el.tr(
        rx.el.th(
            rx.el.a(
                tile(line.initials, line.tile, "tile--sm"),
                line.name,
                href=line.href,
                class_name="cell record",
            ),
            scope="row",
        ),
        cell(
            "Cheapest in",
            rx.el.span(flag(line.flag), line.country, class_name="cell"),
            class_name="",
        ),
        cell("Success, 24 h", line.success),
        cell("Median wait", line.wait),
        cell("Countries", line.countries, class_name="r num second"),
        cell("From", rx.el.b(line.price, class_name="hi"), class_name="r num price"),
    )
