"""The ledger's balances: the house's accounts, and every wallet."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.ledger_book import AccountLine
from nexnum_console.ui.admin.facts import fact_strip, heads, labelled
from nexnum_console.ui.admin.ledger.frame import PATH, ledger_frame
from nexnum_console.ui.admin.ledger.state import BookState
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.states import chip, empty, loading
from nexnum_console.ui.components.table import data_table


def page() -> rx.Component:
    """Each balance leads to the lines that make it."""
    return ledger_frame(
        BookState,
        "balances",
        rx.cond(BookState.loaded, fact_strip(BookState.book.facts), loading(2)),
        rx.el.div(
            rx.el.div(
                _accounts(
                    "What the house has and owes",
                    BookState.book.balances,
                    BookState.book.standing,
                ),
                class_name="span6",
            ),
            rx.el.div(
                _accounts(
                    "What it earned and what it cost",
                    BookState.book.result,
                    BookState.book.earned,
                ),
                class_name="span6",
            ),
            class_name="board",
        ),
        rx.el.div(data_table(BookState, symbol="wallet"), id="wallets"),
        side=(_verdict(),),
    )


def _verdict() -> rx.Component:
    off, broken = BookState.book.off, BookState.book.broken
    sums = rx.cond(
        off == "",
        chip("ok", "check", "All accounts sum to 0.00"),
        chip("danger", "alert", "Accounts miss zero by " + off),
    )
    proof = rx.el.a(chip("danger", "alert", "Broken: " + broken), href=f"{PATH}/proof")
    return rx.cond(BookState.loaded, rx.cond(broken == "", sums, proof))


def _accounts(title: str, lines: rx.Var[list[AccountLine]], total: rx.Var[str]) -> rx.Component:
    foot = rx.el.tr(
        rx.el.th("Together", scope="row"),
        rx.el.td(),
        rx.el.td(),
        labelled("Balance", total, "r num"),
        class_name="sum",
    )
    table = rx.el.table(
        heads("Account", "With", ">Lines", ">Balance"),
        rx.el.tbody(rx.foreach(lines, _account), foot),
        class_name="table table--compact",
    )
    none = empty("book", "Nothing booked yet", "An account appears with its first line.")
    return card(
        title,
        rx.cond(
            lines.length() > 0,
            rx.el.div(table, class_name="tablewrap"),
            rx.cond(BookState.loaded, none, loading(4)),
        ),
        custom_attrs={"data-accounts": title},
    )


def _account(line: rx.Var[AccountLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.el.a(line.title, href=line.href, class_name="quiet"), scope="row"),
        labelled("With", rx.cond(line.part != "", line.part, "–")),
        labelled("Lines", rx.cond(line.moves != "", line.moves, "–"), "r num"),
        labelled(
            "Balance",
            rx.el.a(line.amount, href=line.href, class_name="quiet num " + line.tone),
            "r num",
        ),
    )
