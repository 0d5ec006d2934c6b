"""Penalties: yesterday's preview, every charge, and what the user says to it."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.deposits.frame import question, record_card, till_frame
from nexnum_console.ui.admin.deposits.penalties_state import DueLine, PenaltiesState
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.table import data_table


def page() -> rx.Component:
    """Open one: uphold it, or give the money back."""
    return till_frame(
        PenaltiesState,
        "penalties",
        rx.cond(PenaltiesState.record.id > 0, _record()),
        rx.cond(PenaltiesState.due.length() > 0, _due()),
        data_table(PenaltiesState, symbol="alert"),
        layers=(_uphold(), _reverse()),
    )


def _record() -> rx.Component:
    record = PenaltiesState.record
    acts = rx.cond(
        PenaltiesState.may_manage & record.open,
        rx.el.div(
            button("Reverse it", symbol="undo", on_click=PenaltiesState.ask_deed("reverse")),
            button("Uphold it", symbol="check", on_click=PenaltiesState.ask_deed("uphold")),
            class_name="row",
        ),
    )
    says = rx.cond(
        record.appeal != "",
        rx.el.div(
            rx.el.div(
                rx.el.p(
                    rx.el.b("The user says"),
                    rx.el.span(moment(record.appeal_ms), class_name="end"),
                    class_name="row caption",
                ),
                rx.el.p(record.appeal),
                class_name="sms",
            ),
            class_name="card__body",
        ),
    )
    return record_card(record, record.facts, says, acts=acts)


def _due() -> rx.Component:
    table = rx.el.table(
        heads("User", "Rule", "Counted", ">Amount", "Hindrance"),
        rx.el.tbody(rx.foreach(PenaltiesState.due, _line)),
        class_name="table table--compact",
    )
    charge = rx.cond(
        PenaltiesState.may_manage & (PenaltiesState.chargeable > 0),
        button("Charge ", PenaltiesState.chargeable, size="sm", on_click=PenaltiesState.charge_day),
    )
    return card(
        "Due for " + PenaltiesState.day,
        rx.el.div(table, class_name="tablewrap"),
        side=[charge],
        custom_attrs={"data-testid": "due"},
    )


def _line(line: rx.Var[DueLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.email, scope="row"),
        labelled("Rule", line.rule),
        labelled("Counted", line.counted),
        labelled("Amount", line.amount, "r num"),
        labelled("Hindrance", rx.cond(line.hindrance != "", line.hindrance, "–")),
    )


def _uphold() -> rx.Component:
    return question(
        PenaltiesState,
        "uphold",
        "Uphold this penalty?",
        "Nothing moves, and it cannot be appealed again. The user reads your words.",
        lambda data: PenaltiesState.decide_penalty(False, data.to(dict[str, str])["reason"]),
        foot=button("Uphold it", kind="primary", type="submit", form="deed-form"),
        reason="Your answer to the user",
    )


def _reverse() -> rx.Component:
    record = PenaltiesState.record
    return question(
        PenaltiesState,
        "reverse",
        "Reverse this penalty?",
        rx.fragment(
            rx.el.b(record.email),
            " gets ",
            rx.el.b(record.amount),
            " back by a journal of its own. The user reads your words.",
        ),
        lambda data: PenaltiesState.decide_penalty(True, data.to(dict[str, str])["reason"]),
        foot=button("Give it back", kind="primary", type="submit", form="deed-form"),
        reason="Your answer to the user",
    )
