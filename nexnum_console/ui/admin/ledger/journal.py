"""One journal: its entries, and the proof that nobody touched them."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.journal import PATH as JOURNALS
from nexnum_console.reports.journal import Leg, Promise
from nexnum_console.ui.admin.facts import fact_list, fact_strip, heads, labelled, missing_record
from nexnum_console.ui.admin.ledger import frame
from nexnum_console.ui.admin.ledger.journal_state import JournalState
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import chip, loading
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH = f"{JOURNALS}/[journal_id]"


def page() -> rx.Component:
    """Entries on the left, proof and record on the right."""
    return console_layout(
        JournalState,
        frame.PATH,
        rx.cond(JournalState.number > 0, "Journal " + JournalState.number.to_string(), "Journal"),
        rx.cond(
            JournalState.missing != "",
            missing_record("journal", "/console/transactions", "All transactions"),
            rx.cond(JournalState.loaded, _whole(), loading(8)),
        ),
        account=account_bar(JournalState.email),
    )


def _whole() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.div(
                rx.el.h1(
                    JournalState.title,
                    chip(JournalState.chip, JournalState.chip_icon, JournalState.chip_word),
                    class_name="row",
                ),
                rx.el.p(
                    "Journal ",
                    JournalState.number,
                    " · ",
                    moment(JournalState.at_ms),
                    class_name="mid",
                ),
                class_name="grow",
            ),
            _neighbours(),
            class_name="head head--record",
        ),
        fact_strip(JournalState.facts),
        rx.el.div(
            rx.el.div(_entries(), _proof(), class_name="span8 stack"),
            rx.el.div(card("Record", fact_list(JournalState.record)), class_name="span4 stack"),
            class_name="board",
        ),
    )


def _neighbours() -> rx.Component:
    def way(href: rx.Var[str], symbol: str, words: str) -> rx.Component:
        return rx.cond(
            href != "",
            rx.el.a(icon(symbol), words, href=href, class_name="btn btn--ghost btn--sm"),
        )

    return rx.el.nav(
        way(JournalState.before, "left", "Before it"),
        way(JournalState.next, "right", "After it"),
        class_name="row",
        custom_attrs={"aria-label": "Journals of the same wallet"},
    )


def _entries() -> rx.Component:
    foot = rx.el.tr(
        rx.el.th("Total", scope="row"),
        labelled("Debit", JournalState.debits, "r num"),
        labelled("Credit", JournalState.credits, "r num"),
        rx.el.td(),
    )
    table = rx.el.table(
        heads("Account", ">Debit", ">Credit", ">Balance after"),
        rx.el.tbody(rx.foreach(JournalState.legs, _leg)),
        rx.el.tfoot(foot),
        class_name="table ledger",
    )
    return card(
        "Entries",
        rx.el.div(table, class_name="tablewrap"),
        side=[rx.el.span("Sums to ", JournalState.total, class_name="mid small num")],
    )


def _leg(leg: rx.Var[Leg]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.a(leg.account, href=leg.href, class_name="quiet"),
            " ",
            rx.el.code(leg.code, class_name="wide-only"),
            scope="row",
        ),
        labelled("Debit", leg.debit, "r num"),
        labelled("Credit", leg.credit, "r num"),
        labelled("Balance after", leg.after, "r num"),
    )


def _proof() -> rx.Component:
    lines = rx.el.ul(rx.foreach(JournalState.promises, _promise), class_name="card__body proofs")
    return card(
        "Proof",
        lines,
        side=[rx.el.span("computed again just now", class_name="low small")],
        custom_attrs={"data-testid": "journal-proof"},
    )


def _promise(one: rx.Var[Promise]) -> rx.Component:
    return rx.el.li(
        chip(one.tone, one.icon, one.title), rx.el.span(one.detail, class_name="mid small num")
    )
