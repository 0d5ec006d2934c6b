"""What every page of the till has: its head, its tabs with what waits, the opened record."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from nexnum_console.reports.activation_story import Fact
from nexnum_console.ui.admin.facts import fact_strip
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.field import area_field
from nexnum_console.ui.components.states import chip
from nexnum_console.ui.components.tabs import Tab, link_tabs
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH: Final = "/console/deposits"


def till_frame(
    state: Any, current: str, *body: rx.Component, side: tuple = (), layers: tuple = ()
) -> rx.Component:
    """A page of the till; ``current`` is the key of its tab."""
    tabs = [
        Tab("deposits", "Deposits", PATH, state.waits.deposits),
        Tab("suspense", "Suspense", f"{PATH}/suspense", state.waits.suspense),
        Tab("approvals", "Approvals", f"{PATH}/approvals", state.waits.approvals),
        Tab("coupons", "Coupons", f"{PATH}/coupons"),
        Tab("penalties", "Penalties", f"{PATH}/penalties", state.waits.penalties),
    ]
    title = next(str(tab.title) for tab in tabs if tab.key == current)
    return console_layout(
        state,
        PATH,
        title,
        rx.el.div(rx.el.h1("Deposits", class_name="grow"), *side, class_name="head"),
        link_tabs(tabs, current),
        *body,
        *layers,
        account=account_bar(state.email),
    )


def record_card(
    record: Any, facts: rx.Var[list[Fact]], *body: rx.Component, acts: rx.Component | None = None
) -> rx.Component:
    """The opened line: what it is, its facts, what may be done with it."""
    head = rx.el.div(
        rx.el.h2(record.title, chip(record.tone, record.icon, record.word), class_name="row grow"),
        *([acts] if acts is not None else []),
        class_name="card__head",
    )
    return rx.el.section(
        head,
        fact_strip(facts),
        *body,
        class_name="card record-card",
        custom_attrs={"data-testid": "record"},
    )


def question(
    state: Any,
    deed: str,
    title: str | rx.Var[str],
    text: rx.Component | str | rx.Var[str],
    submit: Any,
    *fields: rx.Component,
    foot: rx.Component,
    reason: str = "Reason",
    wide: bool = False,
) -> rx.Component:
    """A dialog that does ``deed`` with a reason; ``submit`` gets the form's data.

    ``foot`` is the button that sends the form ``deed-form``.
    """
    form = rx.el.form(
        rx.el.p(text),
        *fields,
        area_field(
            reason,
            "reason",
            help_text="4 to 300 characters, kept for ever.",
            error=state.wrong,
            required=True,
            min_length=4,
            max_length=300,
        ),
        id="deed-form",
        on_submit=submit,
        class_name="stack",
    )
    open_ = state.asking == deed
    return dialog(open_, state.close_question, title, form, foot=[foot], wide=wide)
