"""Open questions and what is done about them."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.questions_list import Tallied
from nexnum_console.ui.admin.questions.state import QuestionsState, VerdictChoice
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.field import select_field
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.table import data_table
from nexnum_console.ui.shell.layouts import account_bar, console_layout
from nexnum_console.ui.shell.typed_deed import typed_question

PATH = QuestionsState.LISTING.path


def page() -> rx.Component:
    """What is not known yet, who is at it, and what a person may decide."""
    return console_layout(
        QuestionsState,
        PATH,
        QuestionsState.LISTING.title,
        rx.el.div(
            rx.el.h1(QuestionsState.LISTING.title, class_name="grow"),
            rx.el.div(rx.foreach(QuestionsState.kinds, _kind), class_name="row"),
            class_name="head",
        ),
        data_table(QuestionsState, symbol="eye", selectable=True, batch=[_acts()]),
        _settle(),
        account=account_bar(QuestionsState.email),
    )


def _kind(one: rx.Var[Tallied]) -> rx.Component:
    return rx.el.a(
        icon(one.icon),
        one.word,
        rx.el.b(one.number, class_name="num"),
        href=one.href,
        class_name="btn btn--secondary btn--sm",
        custom_attrs={"data-kind": one.kind},
    )


def _acts() -> rx.Component:
    return rx.cond(
        QuestionsState.may_settle,
        rx.el.div(
            button("Look now", size="sm", symbol="refresh", on_click=QuestionsState.look_now),
            button(
                "Settle by hand",
                kind="danger",
                size="sm",
                symbol="check",
                on_click=QuestionsState.ask_verdict,
            ),
            class_name="row",
        ),
    )


def _settle() -> rx.Component:
    verdicts = [rx.foreach(QuestionsState.verdicts, _verdict)]
    return typed_question(
        QuestionsState,
        "Settle by hand",
        "Only if the provider's own site told you. Money moves at once and no worker asks again;"
        " the audit log keeps why.",
        lambda data: QuestionsState.answer_selected(
            data.to(dict[str, str])["verdict"],
            data.to(dict[str, str])["reason"],
            data.to(dict[str, str])["word"],
        ),
        select_field("What is the answer?", "verdict", verdicts, required=True),
        label="Settle",
    )


def _verdict(one: rx.Var[VerdictChoice]) -> rx.Component:
    return rx.el.option(one.label, value=one.value)
