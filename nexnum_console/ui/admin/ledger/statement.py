"""Statements: the house's and any user's, over days, as a page and as a file."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.statement_page import StatementRow
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.ledger.frame import ledger_frame
from nexnum_console.ui.admin.ledger.statement_state import StatementState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.field import text_field
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import chip, loading


def page() -> rx.Component:
    """Choose whose and when; read it; take the file."""
    shown = StatementState.shown
    return ledger_frame(
        StatementState,
        "statement",
        _choice(),
        rx.cond(
            StatementState.loaded,
            rx.match(
                shown.kind,
                ("house", _house()),
                ("user", _user()),
                rx.el.p(StatementState.wrong, class_name="fault", role="alert"),
            ),
            loading(8),
        ),
    )


def _choice() -> rx.Component:
    return rx.el.form(
        text_field(
            "User’s e-mail",
            "user",
            help_text="Empty for the house.",
            default_value=StatementState.whose,
            type="email",
            auto_complete="off",
            max_length=254,
        ),
        text_field("From", "since", type="date", default_value=StatementState.since, required=True),
        text_field(
            "Until, the day with it",
            "until",
            type="date",
            default_value=StatementState.until,
            required=True,
        ),
        button("Show the statement", type="submit", symbol="search"),
        on_submit=lambda data: StatementState.choose_statement(
            data.to(dict[str, str])["user"],
            data.to(dict[str, str])["since"],
            data.to(dict[str, str])["until"],
        ),
        # What the address says replaces what stands in the fields.
        key=StatementState.whose + StatementState.since + StatementState.until,
        class_name="card card__body choices",
    )


def _side() -> list[rx.Component]:
    shown = StatementState.shown
    return [
        rx.cond(
            shown.off == "",
            chip("ok", "check", "Adds up to the cent"),
            chip("danger", "alert", shown.off),
        ),
        rx.el.a(
            icon("download"),
            "CSV",
            href=shown.file,
            download=True,
            reload_document=True,
            class_name="btn btn--secondary btn--sm",
            custom_attrs={"aria-label": "Download the statement as CSV"},
        ),
    ]


def _house() -> rx.Component:
    shown = StatementState.shown
    return rx.el.div(
        card(
            "Earned and spent",
            _table(shown.rows, "What", "With", ">Amount"),
            side=_side(),
            class_name="span6",
        ),
        card(
            "Where the money is now, and was not before",
            _table(shown.balances, "What", "With", ">Grew by"),
            class_name="span6",
        ),
        class_name="board",
        custom_attrs={"data-statement": "house"},
    )


def _table(rows: rx.Var[list[StatementRow]], *titles: str) -> rx.Component:
    table = rx.el.table(
        heads(*titles), rx.el.tbody(rx.foreach(rows, _house_row)), class_name="table table--compact"
    )
    return rx.el.div(table, class_name="tablewrap")


def _house_row(row: rx.Var[StatementRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.title, scope="row"),
        labelled("With", rx.cond(row.part != "", row.part, "–")),
        labelled("Amount", row.amount, "r num"),
        class_name=rx.cond(row.strong, "sum", ""),
    )


def _user() -> rx.Component:
    shown = StatementState.shown
    table = rx.el.table(
        heads("What", ">Lines", ">Available", ">Held"),
        rx.el.tbody(rx.foreach(shown.rows, _user_row)),
        class_name="table table--compact",
    )
    return card(
        "Wallet of " + shown.title,
        rx.el.div(table, class_name="tablewrap"),
        side=[rx.el.a("The user", href=shown.user_href, class_name="link small"), *_side()],
        custom_attrs={"data-statement": "user"},
    )


def _user_row(row: rx.Var[StatementRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.title, scope="row"),
        labelled("Lines", rx.cond(row.note != "", row.note, "–"), "r num"),
        labelled("Available", row.amount, "r num"),
        labelled("Held", row.held, "r num"),
        class_name=rx.cond(row.strong, "sum", ""),
    )
