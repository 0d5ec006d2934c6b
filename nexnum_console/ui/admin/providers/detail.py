"""One provider: how it answers, what it costs, its syncs, and what staff may change."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.provider_detail import ErrorLine, Fact, PriceExample
from nexnum_console.ui.admin.facts import heads, labelled, missing_record
from nexnum_console.ui.admin.providers.breaker import breaker_card, breaker_question
from nexnum_console.ui.admin.providers.state import ProviderState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.field import text_field
from nexnum_console.ui.components.figures import bars
from nexnum_console.ui.components.icon import flag, tile
from nexnum_console.ui.components.progress import progress
from nexnum_console.ui.components.states import chip, loading
from nexnum_console.ui.components.timeline import timeline
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH = "/console/providers"


def page() -> rx.Component:
    """Head with its acts, figures and errors on the left, changes and syncs on the right."""
    there = ProviderState.row.name != ""
    return console_layout(
        ProviderState,
        PATH,
        rx.cond(there, ProviderState.row.title, "Provider"),
        rx.cond(
            there,
            _whole(),
            rx.cond(
                ProviderState.loaded,
                missing_record("provider", PATH, "All providers"),
                loading(8),
            ),
        ),
        _switch_off(),
        breaker_question(ProviderState),
        account=account_bar(ProviderState.email),
    )


def _whole() -> rx.Component:
    return rx.el.div(
        _head(),
        _syncing(),
        rx.el.div(
            rx.el.div(_facts(), _delivery(), _errors(), class_name="span8 stack"),
            rx.el.div(
                breaker_card(ProviderState), _margin(), _rank(), _runs(), class_name="span4 stack"
            ),
            class_name="board",
        ),
        class_name="provider",
        custom_attrs={"data-provider": ProviderState.row.name},
    )


def _head() -> rx.Component:
    row = ProviderState.row
    return rx.el.div(
        rx.el.div(
            rx.el.h1(
                tile(row.initials, row.tile),
                row.title,
                chip(row.chip, row.chip_icon, row.chip_word),
                class_name="row",
            ),
            rx.el.p(row.name, class_name="mid"),
            class_name="grow",
        ),
        rx.el.a(
            "Open the lab", href=f"{PATH}/" + row.name + "/lab", class_name="btn btn--secondary"
        ),
        rx.cond(ProviderState.may_manage, _acts()),
        class_name="head head--record",
    )


def _acts() -> rx.Component:
    row = ProviderState.row
    return rx.el.div(
        button(
            "Sync now",
            symbol="refresh",
            busy=row.syncing | ProviderState.asked_sync,
            disabled=~row.enabled,
            on_click=ProviderState.sync_now,
        ),
        rx.cond(
            row.enabled,
            button("Turn off", kind="danger", symbol="ban", on_click=ProviderState.ask_off),
            button("Turn on", kind="primary", symbol="check", on_click=ProviderState.ask_off),
        ),
        class_name="row",
    )


def _syncing() -> rx.Component:
    row = ProviderState.row
    under_way = rx.el.div(
        progress(
            row.sync_percent,
            "Reading the catalogue: " + row.sync_step,
            row.sync_percent.to_string() + " %",
        ),
        class_name="card card__body syncing",
        custom_attrs={"data-testid": "sync-progress"},
    )
    waits = rx.el.p(
        "A sync is queued; a worker begins it as soon as one is free.",
        class_name="caption syncing",
        role="status",
    )
    return rx.cond(row.syncing, under_way, rx.cond(ProviderState.asked_sync, waits))


def _facts() -> rx.Component:
    facts = rx.foreach(ProviderState.shown.facts, _fact)
    return card("What it holds and sells", rx.el.dl(facts, class_name="card__body pairs"))


def _delivery() -> rx.Component:
    success = rx.cond(
        ProviderState.shown.success.length() > 0,
        bars(ProviderState.shown.success, "Target, 24 h · sample size after the rate"),
        rx.el.p("Nobody to judge yet: no number had the time to get a code.", class_name="mid"),
    )
    answers = rx.el.dl(rx.foreach(ProviderState.shown.answers, _fact), class_name="pairs")
    return card("Does it deliver?", rx.el.div(success, answers, class_name="card__body stack"))


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.label),
        rx.el.dd(
            fact.value,
            " ",
            rx.el.small(
                fact.note,
                rx.cond(fact.at_ms > 0, rx.fragment(" ", ago(fact.at_ms))),
            ),
        ),
    )


def _errors() -> rx.Component:
    lines = rx.el.ul(rx.foreach(ProviderState.shown.errors, _error), class_name="errorlist")
    none = rx.el.p("No purchase was declined or left unanswered.", class_name="card__body mid")
    return card("Newest errors", rx.cond(ProviderState.shown.errors.length() > 0, lines, none))


def _error(line: rx.Var[ErrorLine]) -> rx.Component:
    order = rx.el.a("No. ", line.activation, href=line.href, class_name="link")
    return rx.el.li(
        rx.el.span(rx.el.b(line.code), " · ", order),
        ago(line.at_ms),
        rx.cond(line.text != "", rx.el.small(line.text)),
    )


def _margin() -> rx.Component:
    value = ProviderState.shown.margin
    form = rx.el.form(
        text_field(
            "Margin, a factor",
            "margin",
            help_text="Price = cost × rate × margin, rounded up to the cent.",
            error=ProviderState.margin_fault,
            default_value=value,
            input_mode="decimal",
            auto_complete="off",
            max_length=12,
            on_change=ProviderState.preview_margin.debounce(200),
        ),
        button("Set margin", kind="primary", type="submit"),
        on_submit=lambda data: ProviderState.set_margin(data.to(dict[str, str])["margin"]),
        # What another admin set replaces what stands in the field.
        key="margin-" + value,
        class_name="rule__form",
    )
    examples = rx.cond(ProviderState.examples.length() > 0, _examples())
    known = rx.el.p("× ", rx.el.b(value), class_name="num")
    return card(
        "Margin",
        rx.el.div(
            rx.cond(ProviderState.may_manage, rx.fragment(form, examples), known),
            class_name="card__body stack",
        ),
    )


def _examples() -> rx.Component:
    words = "Three of its prices; nothing is changed yet."
    return rx.el.div(
        rx.el.p(words, class_name="caption"),
        rx.el.table(
            heads("Number", ">Now", ">Then"),
            rx.el.tbody(rx.foreach(ProviderState.examples, _example)),
            class_name="table table--compact table--plain examples",
        ),
        class_name="tablewrap",
        tab_index=0,
        custom_attrs={"data-testid": "price-examples"},
    )


def _example(one: rx.Var[PriceExample]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.span(flag(one.flag), one.what, class_name="cell"),
            rx.el.span(one.where, ", costs ", one.cost, class_name="sub"),
            scope="row",
        ),
        labelled("Now", one.before, "r num"),
        labelled("Then", rx.el.span(one.after, class_name=one.tone), "r num"),
    )


def _rank() -> rx.Component:
    value = ProviderState.shown.rank
    form = rx.el.form(
        text_field(
            "Rank",
            "rank",
            help_text="At equal prices the lower rank is asked first, then more stock.",
            default_value=value,
            input_mode="numeric",
            auto_complete="off",
            max_length=4,
        ),
        button("Set rank", type="submit"),
        on_submit=lambda data: ProviderState.set_rank(data.to(dict[str, str])["rank"]),
        key="rank-" + value,
        class_name="rule__form",
    )
    known = rx.el.p("Rank ", rx.el.b(value), class_name="num")
    return card(
        "Routing",
        rx.el.div(rx.cond(ProviderState.may_manage, form, known), class_name="card__body"),
    )


def _runs() -> rx.Component:
    none = rx.el.p("It was never synced.", class_name="mid")
    shown = rx.cond(ProviderState.shown.runs.length() > 0, timeline(ProviderState.shown.runs), none)
    return card("Newest syncs", rx.el.div(shown, class_name="card__body"))


def _switch_off() -> rx.Component:
    return dialog(
        ProviderState.switching_off,
        ProviderState.ask_off,
        "Turn " + ProviderState.row.title + " off?",
        rx.el.p("Its offers leave the store at once and no new purchase goes through it."),
        rx.el.p("Running numbers are served to their end, and no money moves."),
        foot=[
            button("Turn off", kind="danger", symbol="ban", on_click=ProviderState.switch_off),
        ],
        dismiss="Keep it on",
    )
