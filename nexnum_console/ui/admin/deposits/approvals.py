"""Approvals: what one person may not move alone, and the second person's word."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.deposits.approvals_state import ApprovalsState
from nexnum_console.ui.admin.deposits.frame import question, record_card, till_frame
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.table import data_table


def page() -> rx.Component:
    """Open one: approve, refuse, take back."""
    return till_frame(
        ApprovalsState,
        "approvals",
        rx.cond(ApprovalsState.record.id > 0, _record()),
        data_table(ApprovalsState, symbol="users"),
        layers=(_approve(), _refuse()),
    )


def _record() -> rx.Component:
    record = ApprovalsState.record
    others = rx.el.div(
        button(
            "Approve " + record.amount,
            kind="primary",
            symbol="check",
            on_click=ApprovalsState.ask_deed("approve"),
        ),
        button("Refuse", symbol="x", on_click=ApprovalsState.ask_deed("refuse")),
        class_name="row",
    )
    own = rx.el.div(
        rx.el.span("You asked for this; another admin approves it.", class_name="why"),
        button("Take it back", symbol="undo", on_click=ApprovalsState.ask_deed("refuse")),
        class_name="row",
    )
    about_me = rx.el.span("It is about your own balance; another admin decides.", class_name="why")
    acts = rx.cond(
        ApprovalsState.may_manage & record.open,
        rx.cond(ApprovalsState.about_me, about_me, rx.cond(ApprovalsState.mine, own, others)),
    )
    return record_card(record, record.facts, acts=acts)


def _approve() -> rx.Component:
    record = ApprovalsState.record
    return question(
        ApprovalsState,
        "approve",
        rx.match(
            record.kind,
            ("deposit", "Did this money arrive?"),
            ("suspense", "Is this money theirs?"),
            "Approve this correction?",
        ),
        rx.match(
            record.kind,
            (
                "deposit",
                rx.fragment(
                    "Look for it yourself. ",
                    rx.el.b(record.amount),
                    " is booked for ",
                    rx.el.b(record.email),
                    " at once, with both names; what is not as asked for goes to suspense.",
                ),
            ),
            (
                "suspense",
                rx.fragment(
                    "Look at the payment yourself. ",
                    rx.el.b(record.amount),
                    " from suspense is ",
                    rx.el.b(record.email),
                    "’s at once, with both names.",
                ),
            ),
            rx.fragment(
                "The balance of ",
                rx.el.b(record.email),
                " changes by ",
                rx.el.b(record.amount),
                ". It is booked at once, with both names, and is never undone: only corrected.",
            ),
        ),
        lambda data: ApprovalsState.decide_request(True, data.to(dict[str, str])["reason"]),
        foot=button("Approve " + record.amount, kind="primary", type="submit", form="deed-form"),
        reason="Why it is right",
    )


def _refuse() -> rx.Component:
    return question(
        ApprovalsState,
        "refuse",
        rx.cond(ApprovalsState.mine, "Take this request back?", "Refuse this request?"),
        "Nothing moves. Whoever asked sees your reason.",
        lambda data: ApprovalsState.decide_request(False, data.to(dict[str, str])["reason"]),
        foot=button(
            rx.cond(ApprovalsState.mine, "Take it back", "Refuse"),
            kind="danger",
            type="submit",
            form="deed-form",
        ),
    )
