"""The console's first page."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.overview import Backlog, EventLine, Kpi, ProviderRow
from nexnum_console.ui.admin.overview.state import OverviewState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card, kpi
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.icon import icon, tile
from nexnum_console.ui.components.states import chip, empty, loading
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """Figures, providers with their sync, activity, backlog."""
    return console_layout(
        OverviewState,
        "/console",
        "Overview",
        rx.el.div(
            rx.el.h1("Overview", class_name="grow"),
            rx.el.span(
                rx.el.span(class_name="dot dot--live"),
                "Live · read ",
                ago(OverviewState.server_ms),
                class_name="row small mid",
            ),
            class_name="head",
        ),
        rx.el.dl(rx.foreach(OverviewState.kpis, _kpi), class_name="kpis"),
        rx.el.div(
            rx.el.div(_providers(), class_name="span12"),
            rx.el.div(_activity(), class_name="span8"),
            rx.el.div(_backlog(), class_name="span4"),
            class_name="board",
        ),
        account=account_bar(OverviewState.email),
    )


def _kpi(figure: rx.Var[Kpi]) -> rx.Component:
    return kpi(figure.label, figure.value, figure.note, figure.live, figure.key)


def _providers() -> rx.Component:
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
        "No provider yet",
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


def _activity() -> rx.Component:
    live = rx.el.span(
        rx.el.span(class_name="dot dot--sm dot--live"), "Live", class_name="chip chip--live"
    )
    return card(
        "Activity",
        rx.cond(
            OverviewState.events.length() > 0,
            rx.el.ul(rx.foreach(OverviewState.events, _event), class_name="lines"),
            rx.cond(
                OverviewState.loaded,
                empty(
                    "clock", "Nothing has happened yet", "Orders, codes and refunds appear here."
                ),
                loading(),
            ),
        ),
        side=[live],
    )


def _event(line: rx.Var[EventLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(line.icon), class_name=line.tone),
        rx.el.span(line.title),
        ago(line.at_ms),
        rx.el.small(line.detail),
    )


def _backlog() -> rx.Component:
    return card(
        "Queues and workers",
        rx.el.div(rx.foreach(OverviewState.backlog, _backlog_line), class_name="card__body queues"),
    )


def _backlog_line(line: rx.Var[Backlog]) -> rx.Component:
    return rx.el.div(
        rx.el.span(line.label, class_name="mid"),
        rx.el.span(line.value, class_name="num " + line.tone),
    )
