"""One user."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.person import AuditLine, OrderLine, SeenLogin
from nexnum_console.reports.store import LedgerLine
from nexnum_console.ui.admin.facts import fact_strip, heads, labelled, missing_record
from nexnum_console.ui.admin.users.detail_state import UserState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.dialog import confirm_typed
from nexnum_console.ui.components.field import text_field
from nexnum_console.ui.components.icon import flag, icon
from nexnum_console.ui.components.states import chip, loading
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """Who, money, orders, ledger, logins, and what staff may do."""
    return console_layout(
        UserState,
        "/console/users",
        UserState.address,
        rx.cond(
            UserState.missing != "",
            missing_record("user", "/console/users", "All users"),
            rx.cond(UserState.loaded, _whole(), loading(8)),
        ),
        _adjust(),
        _ban(),
        account=account_bar(UserState.email),
    )


def _whole() -> rx.Component:
    acts = rx.el.div(
        rx.cond(
            UserState.may_adjust,
            button("Correct the balance", symbol="wallet", on_click=UserState.open_adjust),
        ),
        rx.cond(
            UserState.may_ban,
            rx.cond(
                UserState.banned,
                button("Let in again", symbol="undo", on_click=UserState.open_ban),
                button("Ban", kind="danger", symbol="ban", on_click=UserState.open_ban),
            ),
        ),
        class_name="row",
    )
    return rx.fragment(
        rx.el.div(
            rx.el.div(
                rx.el.h1(
                    UserState.address,
                    chip(UserState.chip, UserState.chip_icon, UserState.chip_word),
                    class_name="row",
                ),
                rx.el.p(
                    UserState.role, " · registered ", moment(UserState.since_ms), class_name="mid"
                ),
                class_name="grow",
            ),
            acts,
            class_name="head head--record",
        ),
        fact_strip(UserState.facts),
        rx.el.div(
            rx.el.div(_orders(), _lines(), class_name="span8 stack"),
            rx.el.div(_logins(), _audit(), class_name="span4 stack"),
            class_name="board",
        ),
    )


def _orders() -> rx.Component:
    table = rx.el.table(
        heads("Order", "Service", "Country", "State", ">Price", ">When"),
        rx.el.tbody(rx.foreach(UserState.orders, _order)),
        class_name="table",
    )
    return card(
        "Newest orders",
        rx.cond(
            UserState.orders.length() > 0,
            rx.el.div(table, class_name="tablewrap"),
            rx.el.p("No number has been ordered.", class_name="card__body mid"),
        ),
        side=[
            rx.el.a(
                "All orders",
                href="/console/activations?q=" + UserState.address,
                class_name="link small",
            )
        ],
    )


def _order(line: rx.Var[OrderLine]) -> rx.Component:
    link = rx.el.a(
        "No. ", line.id, href="/console/activations/" + line.id.to_string(), class_name="record"
    )
    return rx.el.tr(
        rx.el.th(link, scope="row"),
        labelled("Service", line.service),
        labelled("Country", rx.el.span(flag(line.flag), line.country, class_name="cell")),
        labelled("State", chip(line.chip, line.chip_icon, line.chip_word)),
        labelled("Price", line.price, "r num"),
        labelled("When", moment(line.at_ms), "r"),
    )


def _lines() -> rx.Component:
    table = rx.el.table(
        heads("What", "Detail", ">Balance", ">When"),
        rx.el.tbody(rx.foreach(UserState.lines, _line)),
        class_name="table",
    )
    return card(
        "Ledger",
        rx.cond(
            UserState.lines.length() > 0,
            rx.el.div(table, class_name="tablewrap"),
            rx.el.p("No money has moved.", class_name="card__body mid"),
        ),
        side=[
            rx.el.a(
                "All transactions",
                href="/console/transactions?q=" + UserState.address,
                class_name="link small",
            )
        ],
    )


def _line(line: rx.Var[LedgerLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.el.span(icon(line.icon), line.title, class_name="cell"), scope="row"),
        labelled("Detail", rx.el.span(line.detail, class_name="cut")),
        labelled("Balance", line.amount, "r num"),
        labelled("When", moment(line.at_ms), "r"),
    )


def _logins() -> rx.Component:
    def one(line: rx.Var[SeenLogin]) -> rx.Component:
        return rx.el.li(
            rx.el.b(line.device),
            rx.el.p(line.ip, " · since ", moment(line.since_ms), class_name="caption"),
        )

    return card(
        "Logged in",
        rx.cond(
            UserState.logins.length() > 0,
            rx.el.ul(rx.foreach(UserState.logins, one), class_name="logins"),
            rx.el.p("Nowhere now.", class_name="card__body mid"),
        ),
    )


def _audit() -> rx.Component:
    def one(line: rx.Var[AuditLine]) -> rx.Component:
        return rx.el.li(
            rx.el.b(line.title),
            rx.el.p(line.reason),
            rx.el.p(line.by, " · ", moment(line.at_ms), class_name="caption"),
        )

    return card(
        "What staff did",
        rx.cond(
            UserState.audit.length() > 0,
            rx.el.ul(rx.foreach(UserState.audit, one), class_name="logins"),
            rx.el.p("Nothing yet.", class_name="card__body mid"),
        ),
    )


def _adjust() -> rx.Component:
    amount = rx.el.div(
        rx.el.label("Amount in ", UserState.currency, html_for="adjust-amount"),
        rx.el.input(
            id="adjust-amount",
            name="amount",
            class_name="input",
            required=True,
            max_length=16,
            placeholder="12.50, or -12.50",
            input_mode="text",
            auto_complete="off",
            on_change=UserState.preview.debounce(200),
        ),
        rx.el.p(
            rx.cond(UserState.planned != "", UserState.planned, "Has " + UserState.available),
            class_name="help",
            role="status",
        ),
        class_name="field",
    )
    return confirm_typed(
        UserState.adjusting,
        UserState.close_dialogs,
        "Correct the balance",
        "A correction is a line of its own in the ledger, for ever, with your name and reason.",
        UserState.address,
        lambda data: UserState.adjust(
            UserState.key,
            data.to(dict[str, str])["amount"],
            data.to(dict[str, str])["reason"],
            data.to(dict[str, str])["word"],
        ),
        amount,
        _reason(),
        _wrong(),
        label="Correct the balance",
    )


def _ban() -> rx.Component:
    return confirm_typed(
        UserState.banning,
        UserState.close_dialogs,
        rx.cond(UserState.banned, "Let this person in again?", "Ban this person?"),
        rx.cond(
            UserState.banned,
            "They may log in again; nothing else changes.",
            "Every session ends at once. Numbers that run go on to their end, and money stays.",
        ),
        UserState.address,
        lambda data: UserState.set_banned(
            data.to(dict[str, str])["reason"], data.to(dict[str, str])["word"]
        ),
        _reason(),
        _wrong(),
        label=rx.cond(UserState.banned, "Let in again", "Ban"),
    )


def _reason() -> rx.Component:
    return text_field("Reason", "reason", required=True, max_length=300)


def _wrong() -> rx.Component:
    return rx.cond(
        UserState.wrong != "", rx.el.p(UserState.wrong, class_name="fault", role="alert")
    )
