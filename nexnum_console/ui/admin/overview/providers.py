"""The providers on the overview: how each is, its sync, its switch."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.overview import ProviderRow
from nexnum_console.ui.admin.overview.state import OverviewState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.icon import tile
from nexnum_console.ui.components.states import chip, empty, loading


def providers() -> rx.Component:
    """The table, or what is missing for one."""
    heads = [rx.el.th("Provider", scope="col"), rx.el.th("Status", scope="col")]
    heads += [
        rx.el.th(text, scope="col", class_name="r")
        for text in ("Balance", "Offers", "Success", "Last sync")
    ]
    heads += [rx.el.th(rx.el.span("Actions", class_name="sr"), scope="col")]
    table = rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(rx.foreach(OverviewState.providers, _provider_row)),
            class_name="table table--tall",
        ),
        class_name="tablewrap",
        tab_index=0,
    )
    none = empty(
        "plug",
        "No providers yet",
        "Numbers come from providers. Start the product with its demo data, or add a config.",
    )
    return card(
        "Providers",
        rx.cond(
            OverviewState.providers.length() > 0,
            table,
            rx.cond(OverviewState.loaded, none, loading()),
        ),
    )


def _provider_row(row: rx.Var[ProviderRow]) -> rx.Component:
    failed = rx.cond(
        row.sync_error != "",
        rx.el.span(row.sync_error, class_name="sub danger cut", title=row.sync_error),
    )
    return rx.el.tr(
        rx.el.th(
            rx.el.span(
                tile(row.initials, row.tile),
                rx.el.span(row.title, rx.el.span(row.name, class_name="sub")),
                class_name="row",
            ),
            scope="row",
        ),
        rx.el.td(
            chip(row.chip, row.chip_icon, row.chip_word), custom_attrs={"data-label": "Status"}
        ),
        rx.el.td(
            row.balance,
            class_name=rx.cond(row.balance_low, "r warn", "r hi"),
            custom_attrs={"data-label": "Balance"},
        ),
        rx.el.td(
            row.offers,
            class_name="r",
            custom_attrs={"data-label": "Offers", "data-offers": row.name},
        ),
        rx.el.td(
            rx.el.span(row.success, rx.el.span(row.success_note, class_name="sub")),
            class_name="r",
            custom_attrs={"data-label": "Success"},
        ),
        rx.el.td(
            rx.cond(row.syncing, _progress(row), rx.el.span(ago(row.synced_ms), failed)),
            class_name="r",
            custom_attrs={"data-label": "Last sync", "data-synced": row.name},
        ),
        rx.el.td(_actions(row), class_name="r"),
        custom_attrs={"data-provider": row.name},
    )


def _progress(row: rx.Var[ProviderRow]) -> rx.Component:
    return rx.el.span(
        rx.el.span(row.sync_step, class_name="cut"),
        rx.el.span(
            rx.el.i(style={"width": row.sync_percent.to_string() + "%"}),
            class_name="bar",
            role="progressbar",
            custom_attrs={"aria-label": "Sync of " + row.title, "aria-valuenow": row.sync_percent},
        ),
        class_name="progress",
    )


def _actions(row: rx.Var[ProviderRow]) -> rx.Component:
    waiting = row.syncing | (OverviewState.asked_sync == row.name)
    return rx.cond(
        OverviewState.may_manage,
        rx.el.span(
            button(
                "Sync now",
                size="sm",
                symbol="refresh",
                busy=waiting,
                disabled=~row.enabled,
                on_click=OverviewState.sync(row.name),
            ),
            rx.el.button(
                type="button",
                role="switch",
                class_name="switch",
                on_click=OverviewState.set_enabled(row.name, ~row.enabled),
                custom_attrs={
                    "aria-checked": rx.cond(row.enabled, "true", "false"),
                    "aria-label": row.title + " sells",
                },
            ),
            class_name="row end",
            style={"justify_content": "flex-end"},
        ),
    )
