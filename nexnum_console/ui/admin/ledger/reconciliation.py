"""Reconciliation: what providers and gateways say against what we booked."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.reconciliation_page import FloatRow, GatewayRow
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.ledger.frame import ledger_frame
from nexnum_console.ui.admin.ledger.reconciliation_state import ReconciliationState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.field import money_field, select_field, text_field
from nexnum_console.ui.components.states import chip, empty, loading


def page() -> rx.Component:
    """Providers, gateways, and what the operator has to say about them."""
    return ledger_frame(
        ReconciliationState,
        "reconciliation",
        _providers(),
        _gateways(),
        side=(rx.cond(ReconciliationState.loaded, _verdict()),),
        layers=(_settle(), _booking()),
    )


def _verdict() -> rx.Component:
    number = ReconciliationState.shown.differences
    return rx.cond(
        number == 0,
        chip("ok", "check", "No difference"),
        chip("danger", "alert", number.to_string() + " unexplained"),
    )


def _providers() -> rx.Component:
    table = rx.el.table(
        heads(
            "Provider account",
            "State",
            ">Started at",
            ">− spent",
            ">+ given back",
            ">+ sent there",
            ">= our books",
            ">It says",
            ">Difference",
            ">± in flight",
            "",
        ),
        rx.el.tbody(rx.foreach(ReconciliationState.shown.floats, _float)),
        class_name="table",
        custom_attrs={"data-testid": "floats"},
    )
    none = empty("plug", "No provider yet", "Each account's balance is compared here.")
    return card(
        "Balances with providers",
        rx.cond(
            ReconciliationState.shown.floats.length() > 0,
            rx.el.div(table, class_name="tablewrap"),
            rx.cond(ReconciliationState.loaded, none, loading(4)),
        ),
        side=[_book("top_up", "Book money sent to one")],
    )


def _book(wish: str, words: str) -> rx.Component:
    return rx.cond(
        ReconciliationState.may_manage,
        button(words, size="sm", symbol="plus", on_click=ReconciliationState.ask_booking(wish)),
    )


def _float(row: rx.Var[FloatRow]) -> rx.Component:
    act = button(
        "Take as right",
        size="sm",
        on_click=ReconciliationState.ask_baseline(row.account),
        custom_attrs={"aria-label": "Take as right what " + row.provider + " says"},
    )
    return rx.el.tr(
        rx.el.th(rx.el.a(row.provider, href=row.href, class_name="quiet"), scope="row"),
        labelled("State", chip(row.tone, row.icon, row.word)),
        labelled("Started at", _aged(row.start, row.start_ms), "r num"),
        labelled("Spent", row.spent, "r num"),
        labelled("Given back", row.returned, "r num"),
        labelled("Sent there", row.sent, "r num"),
        labelled("Our books", row.books, "r num"),
        labelled("It says", _aged(row.says, row.says_ms), "r num"),
        labelled("Difference", row.difference, "r num"),
        labelled("In flight", row.in_flight, "r num"),
        rx.el.td(rx.cond(ReconciliationState.may_manage & (row.account > 0), act), class_name="r"),
    )


def _aged(words: rx.Var[str], ms: rx.Var[int]) -> rx.Component:
    return rx.el.span(words, rx.cond(ms > 0, rx.el.span(ago(ms), class_name="sub")))


def _gateways() -> rx.Component:
    table = rx.el.table(
        heads("Gateway", "What", "State", ">Booked", ">Told of by its rows", ">Difference"),
        rx.el.tbody(rx.foreach(ReconciliationState.shown.gateways, _gateway)),
        class_name="table table--compact",
        custom_attrs={"data-testid": "gateways"},
    )
    none = empty(
        "wallet",
        "No real money has come yet",
        "Deposits, refunds, payouts and disputes of each gateway are compared here. Play money of"
        " the sandbox is not.",
    )
    return card(
        "Clearing accounts of gateways",
        rx.cond(
            ReconciliationState.shown.gateways.length() > 0,
            rx.el.div(table, class_name="tablewrap"),
            rx.cond(ReconciliationState.loaded, none, loading(4)),
        ),
        side=[_book("payout", "Book a payout")],
    )


def _gateway(row: rx.Var[GatewayRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.gateway, scope="row"),
        labelled("What", row.what),
        labelled("State", chip(row.tone, row.icon, row.word)),
        labelled("Booked", row.booked, "r num"),
        labelled("Told of", row.explained, "r num"),
        labelled("Difference", row.difference, "r num"),
    )


def _settle() -> rx.Component:
    form = rx.el.form(
        rx.el.p(
            ReconciliationState.settling_name,
            " says it holds ",
            rx.el.b(ReconciliationState.settling_says),
            " of ours. From now on our books start there; the difference until now stays in the"
            " audit log with your reason.",
        ),
        text_field(
            "Reason", "reason", error=ReconciliationState.wrong, required=True, max_length=300
        ),
        id="settle-form",
        on_submit=lambda data: ReconciliationState.take_as_right(data.to(dict[str, str])["reason"]),
        class_name="stack",
    )
    return dialog(
        ReconciliationState.settling > 0,
        ReconciliationState.close_questions,
        "Take this balance as right?",
        form,
        foot=[button("Take as right", kind="primary", type="submit", form="settle-form")],
    )


def _booking() -> rx.Component:
    payout = ReconciliationState.booking == "payout"
    return dialog(
        ReconciliationState.booking != "",
        ReconciliationState.close_questions,
        rx.cond(payout, "A gateway paid out", "Money was sent to a provider"),
        rx.cond(payout, _payout(), _top_up()),
        foot=[button("Book it", kind="primary", type="submit", form="booking-form")],
    )


def _payout() -> rx.Component:
    gateways = rx.foreach(ReconciliationState.gateways, lambda one: rx.el.option(one, value=one))
    return rx.el.form(
        select_field(
            "Gateway",
            "whom",
            [gateways],
            help_text="Its clearing account goes down, the bank goes up.",
        ),
        money_field("Amount", "amount", ReconciliationState.currency, required=True),
        _reference(),
        id="booking-form",
        on_submit=lambda data: ReconciliationState.book_payout(
            data.to(dict[str, str])["whom"],
            data.to(dict[str, str])["amount"],
            data.to(dict[str, str])["reference"],
        ),
        class_name="stack",
    )


def _top_up() -> rx.Component:
    accounts = rx.foreach(
        ReconciliationState.shown.accounts,
        lambda one: rx.el.option(one.words, value=one.account),
    )
    return rx.el.form(
        select_field(
            "Provider account",
            "account",
            [accounts],
            help_text="The bank goes down, its float goes up. Book it when its balance shows it;"
            " until then that is a difference.",
        ),
        money_field("Amount", "amount", ReconciliationState.currency, required=True),
        text_field(
            "Arrived there",
            "arrived",
            help_text="In the account’s own currency, if that is another one; else empty.",
            input_mode="decimal",
            auto_complete="off",
            max_length=24,
        ),
        _reference(),
        id="booking-form",
        on_submit=lambda data: ReconciliationState.book_top_up(
            data.to(dict[str, str])["account"],
            data.to(dict[str, str])["amount"],
            data.to(dict[str, str])["arrived"],
            data.to(dict[str, str])["reference"],
        ),
        class_name="stack",
    )


def _reference() -> rx.Component:
    return text_field(
        "Reference of the transfer",
        "reference",
        help_text="The same reference is booked once.",
        error=ReconciliationState.wrong,
        required=True,
        auto_complete="off",
        max_length=80,
    )
