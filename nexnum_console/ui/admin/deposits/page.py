"""Deposits: the list, and the opened one with its story and what may be done."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.deposits_list import StoryLine
from nexnum_console.ui.admin.deposits.frame import question, record_card, till_frame
from nexnum_console.ui.admin.deposits.state import DepositsState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.field import money_field, text_field
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.table import data_table


def page() -> rx.Component:
    """Search, filter, open one; confirm it, pay it back."""
    return till_frame(
        DepositsState,
        "deposits",
        rx.cond(DepositsState.record.no != "", _record()),
        data_table(DepositsState, symbol="wallet"),
        layers=(_confirm(), _refund()),
    )


def _record() -> rx.Component:
    record = DepositsState.record
    acts = rx.cond(
        DepositsState.may_manage,
        rx.el.div(
            rx.cond(
                record.confirmable,
                button(
                    "Confirm the payment",
                    kind="primary",
                    symbol="check",
                    on_click=DepositsState.ask_deed("confirm"),
                ),
            ),
            rx.cond(
                record.request != "",
                rx.el.a(
                    icon("users"),
                    "What the second admin decides",
                    href=record.request,
                    class_name="btn btn--secondary",
                ),
            ),
            rx.cond(
                record.left != "",
                button("Pay back", symbol="undo", on_click=DepositsState.ask_deed("refund")),
            ),
            class_name="row",
        ),
    )
    story = rx.el.ol(rx.foreach(record.story, _line), class_name="card__body timeline")
    return record_card(record, record.facts, story, acts=acts)


def _line(line: rx.Var[StoryLine]) -> rx.Component:
    title = rx.cond(
        line.href != "", rx.el.a(rx.el.b(line.title), href=line.href), rx.el.b(line.title)
    )
    return rx.el.li(
        rx.el.span(icon(line.icon), class_name="timeline__icon timeline__icon--" + line.tone),
        rx.el.span(title, moment(line.at_ms), class_name="timeline__title"),
        rx.cond(line.detail != "", rx.el.p(line.detail)),
    )


def _confirm() -> rx.Component:
    record = DepositsState.record
    return question(
        DepositsState,
        "confirm",
        "Confirm this payment?",
        rx.fragment(
            rx.el.b(record.email),
            " asked for ",
            rx.el.b(record.amount),
            ". Write what arrived, as the bank shows it: another amount goes to suspense. A"
            " reference is booked once; above the limit in Settings another admin must agree.",
        ),
        lambda data: DepositsState.confirm_deposit(
            data.to(dict[str, str])["amount"],
            data.to(dict[str, str])["reference"],
            data.to(dict[str, str])["reason"],
        ),
        money_field("Amount that arrived", "amount", record.currency, required=True),
        text_field(
            "Reference of the transfer",
            "reference",
            required=True,
            min_length=3,
            max_length=120,
            auto_complete="off",
        ),
        foot=button("Confirm the payment", kind="primary", type="submit", form="deed-form"),
        reason="How do you know",
    )


def _refund() -> rx.Component:
    record = DepositsState.record
    return question(
        DepositsState,
        "refund",
        "Pay this deposit back?",
        rx.fragment(
            rx.el.b(record.email),
            " is debited first, then the gateway is asked. At most ",
            rx.el.b(record.left),
            " is left to pay back, and no more than the wallet has.",
            rx.cond(
                record.gift != "",
                rx.fragment(
                    " A coupon gave ",
                    rx.el.b(record.gift),
                    " for it; the same share of that is taken out of the wallet.",
                ),
            ),
        ),
        lambda data: DepositsState.refund_deposit(
            DepositsState.key,
            data.to(dict[str, str])["amount"],
            data.to(dict[str, str])["reason"],
        ),
        money_field("Amount", "amount", record.currency, required=True, default_value=record.left),
        foot=button(
            "Pay back", kind="danger", type="submit", form="deed-form", busy=DepositsState.busy
        ),
    )
