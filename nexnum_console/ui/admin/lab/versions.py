"""Versions: who and why, text and results side by side, one press back."""

from __future__ import annotations

import reflex as rx

from nexnum_console.providers.config_changes import Line
from nexnum_console.reports.lab_page import ResultRow, VersionRow
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.lab.frame import PROVIDERS, lab_frame
from nexnum_console.ui.admin.lab.versions_state import VersionsState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.field import area_field
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import chip

PATH = f"{PROVIDERS}/[provider_name]/lab/versions"


def page() -> rx.Component:
    """The list, then what differs."""
    return lab_frame(
        VersionsState,
        "versions",
        _list(),
        _texts(),
        _results(),
        layers=(_back_dialog(),),
    )


def _list() -> rx.Component:
    table = rx.el.table(
        heads("Version", "State", "By", "When", "Why", ""),
        rx.el.tbody(rx.foreach(VersionsState.rows, _row)),
        class_name="table table--cards table--compact",
    )
    return card(
        "Versions",
        rx.el.div(table, class_name="tablewrap", tab_index=0),
        custom_attrs={"data-testid": "versions"},
    )


def _row(row: rx.Var[VersionRow]) -> rx.Component:
    back = button(
        "Roll back to v" + row.number.to(str),
        kind="danger",
        size="sm",
        symbol="undo",
        on_click=VersionsState.ask_back(row.number),
    )
    share = rx.cond(row.percent > 0, rx.el.span(" ", row.percent.to(str), " % of the calls"))
    compare = button(
        "Compare",
        kind="ghost",
        size="sm",
        on_click=VersionsState.compare(row.number, VersionsState.head.served),
        custom_attrs={"aria-label": "Compare v" + row.number.to(str) + " with the published one"},
    )
    return rx.el.tr(
        rx.el.th("v", row.number.to(str), scope="row"),
        labelled("State", rx.el.span(chip(row.chip, row.icon, row.state), share)),
        labelled("By", row.author),
        labelled("When", ago(row.at_ms)),
        labelled("Why", rx.cond(row.reason != "", row.reason, "–")),
        labelled(
            "",
            rx.el.span(
                rx.cond(row.number != VersionsState.head.served, compare),
                rx.cond(VersionsState.may_manage & (row.state == "archived"), back),
                class_name="row wrap",
            ),
            "r",
        ),
    )


def _between() -> rx.Component:
    return rx.el.span(
        "v",
        VersionsState.old.to(str),
        " → v",
        VersionsState.new.to(str),
        class_name="low small num",
    )


def _texts() -> rx.Component:
    table = rx.el.table(
        rx.el.tbody(rx.foreach(VersionsState.lines, _line)),
        class_name="labdiff",
        custom_attrs={"aria-label": "Both texts side by side"},
    )
    return card(
        "Text side by side",
        rx.el.div(table, class_name="tablewrap", tab_index=0),
        side=[_between()],
        custom_attrs={"data-testid": "text-diff"},
    )


def _line(line: rx.Var[Line]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.cond(line.old_number > 0, line.old_number.to(str), "")),
        rx.el.td(line.old),
        rx.el.td(rx.cond(line.new_number > 0, line.new_number.to(str), "")),
        rx.el.td(line.new),
        custom_attrs={"data-kind": line.kind},
    )


def _results() -> rx.Component:
    table = rx.el.table(
        heads("Operation", "Read before", "Read now", "What changes"),
        rx.el.tbody(rx.foreach(VersionsState.results, _result)),
        class_name="table table--cards table--compact",
    )
    none = rx.el.p(
        rx.cond(
            VersionsState.unread != "",
            VersionsState.unread,
            "No live exchange is kept yet; the next calls are.",
        ),
        class_name="card__body mid",
    )
    return card(
        "Results over the newest live exchanges",
        rx.cond(
            VersionsState.results.length() > 0,
            rx.el.div(table, class_name="tablewrap", tab_index=0),
            none,
        ),
        side=[
            _between(),
            rx.cond(
                VersionsState.differing > 0,
                chip("warn", "alert", VersionsState.differing.to(str) + " differ"),
                chip("ok", "check", VersionsState.results.length().to(str) + " the same"),
            ),
        ],
        custom_attrs={"data-testid": "result-diff"},
    )


def _result(one: rx.Var[ResultRow]) -> rx.Component:
    same = rx.el.span(icon("check", "icon--sm"), " same", class_name="ok nowrap")
    return rx.el.tr(
        rx.el.th(one.operation, scope="row"),
        labelled("Read before", rx.el.span(one.old, class_name="labwhy")),
        labelled("Read now", rx.el.span(one.new, class_name="labwhy")),
        labelled(
            "What changes",
            rx.cond(one.change == "", same, rx.el.span(one.change, class_name="warn labwhy")),
        ),
    )


def _back_dialog() -> rx.Component:
    number = VersionsState.back_to.to(str)
    return dialog(
        VersionsState.back_to > 0,
        VersionsState.ask_back(0),
        "Roll back to v" + number + "?",
        rx.el.p(
            "v",
            number,
            " serves every call again within 3 seconds. v",
            VersionsState.head.served.to(str),
            " stays in the list.",
        ),
        rx.el.form(
            area_field("Why", "reason", max_length=500, rows=2),
            button("Roll back to v" + number, kind="danger", symbol="undo", type="submit"),
            on_submit=lambda data: VersionsState.roll_back(data.to(dict[str, str])["reason"]),
            class_name="stack",
        ),
    )
