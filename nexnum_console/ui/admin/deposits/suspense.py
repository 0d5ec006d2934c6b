"""Suspense: money that fits nothing, and whose it is."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.deposits.frame import question, record_card, till_frame
from nexnum_console.ui.admin.deposits.suspense_state import SuspenseState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.field import money_field, text_field
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.table import data_table


def page() -> rx.Component:
    """Open one: give it to a user, or send it back."""
    return till_frame(
        SuspenseState,
        "suspense",
        rx.cond(SuspenseState.record.id > 0, _record()),
        data_table(SuspenseState, symbol="alert"),
        layers=(_assign(), _return()),
    )


def _record() -> rx.Component:
    record = SuspenseState.record
    waits = rx.el.div(
        rx.el.span("A second admin must agree to whose it is.", class_name="why"),
        rx.el.a(
            icon("users"),
            "What the second admin decides",
            href=record.request,
            class_name="btn btn--secondary",
        ),
        class_name="row",
    )
    assigns = button(
        "Assign to a user",
        kind="primary",
        symbol="users",
        on_click=SuspenseState.ask_deed("assign"),
    )
    deeds = rx.el.div(
        rx.cond(record.returning, rx.fragment(), assigns),
        button("Send back", symbol="undo", on_click=SuspenseState.ask_deed("return")),
        class_name="row",
    )
    acts = rx.cond(
        record.open,
        rx.cond(record.request != "", waits, rx.cond(SuspenseState.may_manage, deeds)),
    )
    return record_card(record, record.facts, acts=acts)


def _assign() -> rx.Component:
    record = SuspenseState.record
    worth = money_field(
        "Worth in the wallets’ currency",
        "worth",
        SuspenseState.currency,
        help_text="What the user is credited; the difference is booked as an exchange.",
        required=True,
    )
    return question(
        SuspenseState,
        "assign",
        "Whose money is this?",
        rx.fragment(
            rx.el.b(record.amount),
            " becomes the user’s at once; above the limit in Settings another admin must agree"
            " first. A line of the ledger tells of it, with your name.",
        ),
        lambda data: SuspenseState.assign_suspense(
            data.to(dict[str, str])["user"],
            rx.cond(record.foreign, data.to(dict[str, str])["worth"], ""),
            data.to(dict[str, str])["reason"],
        ),
        text_field(
            "User’s e-mail",
            "user",
            type="email",
            default_value=record.likely,
            help_text=rx.cond(record.likely != "", "Who asked for its deposit.", ""),
            required=True,
            auto_complete="off",
            max_length=254,
        ),
        rx.cond(record.foreign, worth),
        foot=button("Assign", kind="primary", type="submit", form="deed-form"),
        reason="How do you know",
    )


def _return() -> rx.Component:
    record = SuspenseState.record
    return question(
        SuspenseState,
        "return",
        "Send this money back?",
        rx.cond(
            record.gateway == "manual",
            "You transfer it back yourself; this keeps your word that it is done.",
            "The gateway is asked to pay it back to whoever paid it.",
        ),
        lambda data: SuspenseState.return_suspense(data.to(dict[str, str])["reason"]),
        foot=button(
            "Send back " + record.amount,
            kind="danger",
            type="submit",
            form="deed-form",
            busy=SuspenseState.busy,
        ),
    )
