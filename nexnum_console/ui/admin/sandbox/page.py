"""The sandbox page: carriers and their faults, running orders, SMS by hand."""

from __future__ import annotations

from typing import Final

import reflex as rx

from nexnum_console.reports.sandbox import (
    FAULT_TITLES,
    PROFILE_WORDS,
    CarrierCard,
    FaultLine,
    OpenOrder,
)
from nexnum_console.ui.admin.sandbox.state import SandboxState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.clock import countdown
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.field import select_field, text_field
from nexnum_console.ui.components.icon import icon, tile
from nexnum_console.ui.components.states import chip, empty, error_state, loading
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH: Final = "/console/sandbox"
_SHARES: Final = [("100", "Always"), ("50", "Half"), ("30", "30 %"), ("10", "10 %")]
_COLUMNS: Final = ("Order", "Bought", "State", "Codes", "Since", "Ends in", "")


def page() -> rx.Component:
    """Only useful where the simulated carriers run; it says so elsewhere."""
    none = empty(
        "server",
        "No sandbox here",
        "This installation talks to real providers only. ./nexnum up starts simulated ones.",
    )
    silent = error_state(
        "The sandbox does not answer", SandboxState.unanswered, SandboxState.refresh
    )
    return console_layout(
        SandboxState,
        PATH,
        "Sandbox",
        rx.el.div(
            rx.el.h1("Sandbox", class_name="grow"),
            rx.cond(SandboxState.running, _pace()),
            class_name="head",
        ),
        rx.cond(
            ~SandboxState.loaded,
            rx.el.div(loading(), class_name="card"),
            rx.cond(
                SandboxState.running,
                rx.cond(
                    SandboxState.unanswered == "", _world(), rx.el.div(silent, class_name="card")
                ),
                rx.el.div(none, class_name="card"),
            ),
        ),
        _sms_dialog(),
        account=account_bar(SandboxState.email),
    )


def _pace() -> rx.Component:
    def one(name: str, words: str) -> rx.Component:
        return rx.el.button(
            words,
            type="button",
            on_click=SandboxState.use_profile(name),
            custom_attrs={
                "aria-pressed": rx.cond(SandboxState.world.profile == name, "true", "false")
            },
        )

    return rx.el.div(
        *(one(name, words) for name, words in PROFILE_WORDS.items()),
        class_name="paces",
        role="group",
        custom_attrs={"aria-label": "Pace of new orders"},
    )


def _world() -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.foreach(SandboxState.world.carriers, _carrier), class_name="rules"),
        _orders(),
        class_name="stack",
    )


def _carrier(row: rx.Var[CarrierCard]) -> rx.Component:
    facts = (
        ("Our balance there", row.balance),
        ("Numbers running", row.active),
        ("Orders ever", row.orders),
        ("Offers", row.offers),
    )
    return rx.el.section(
        rx.el.div(
            tile(row.letters, row.tile),
            rx.el.h2(row.name, class_name="grow"),
            rx.cond(
                row.faults.length() > 0,
                chip("warn", "alert", "Misbehaves"),
                chip("ok", "check", "Behaves"),
            ),
            class_name="card__head",
        ),
        rx.el.div(
            rx.el.dl(*(_fact(title, value) for title, value in facts), class_name="factrow"),
            rx.el.p(row.habits, class_name="caption"),
            rx.cond(
                row.faults.length() > 0,
                rx.el.ul(
                    rx.foreach(row.faults, lambda one: _fault(row.name, one)), class_name="faults"
                ),
                rx.el.p("No fault is set.", class_name="mid"),
            ),
            _fault_form(row.name),
            class_name="card__body stack",
        ),
        class_name="card",
        custom_attrs={"data-carrier": row.name},
    )


def _fact(title: str, value: rx.Var[str]) -> rx.Component:
    return rx.el.div(rx.el.dt(title), rx.el.dd(value, class_name="num"))


def _fault(carrier: rx.Var[str], one: rx.Var[FaultLine]) -> rx.Component:
    return rx.el.li(
        icon("bolt"),
        rx.el.div(
            rx.el.b(one.title),
            rx.el.p(one.detail, " · ", one.struck, class_name="caption"),
            class_name="grow",
        ),
        button(
            "End",
            kind="ghost",
            size="sm",
            on_click=SandboxState.clear_fault(carrier, one.name),
            custom_attrs={"aria-label": "End the fault " + one.title + " of " + carrier},
        ),
        class_name="row",
    )


def _fault_form(carrier: rx.Var[str]) -> rx.Component:
    # Each carrier's form stands on the same page: its fields need names of their own.
    fault, percent = "fault-" + carrier, "percent-" + carrier

    def send(data: rx.Var[dict[str, str]]):
        fields = data.to(dict[str, str])
        return SandboxState.set_fault(carrier, fields[fault], fields[percent])

    return rx.el.form(
        select_field("Fault", fault, list(FAULT_TITLES.items())),
        select_field("Strikes", percent, _SHARES),
        button("Set fault", type="submit", symbol="bolt"),
        on_submit=send,
        class_name="faultform",
    )


def _orders() -> rx.Component:
    heads = [
        rx.el.th(title or rx.el.span("Actions", class_name="sr"), scope="col") for title in _COLUMNS
    ]
    table = rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(rx.foreach(SandboxState.world.orders, _order)),
            class_name="table",
        ),
        class_name="tablewrap",
        tab_index=0,
    )
    return card(
        "Numbers that run at the carriers",
        rx.cond(
            SandboxState.world.orders.length() > 0,
            table,
            empty(
                "message",
                "Nothing is running",
                "Buy a number in the store; here you can play its SMS.",
                rx.el.a("Buy a number", href="/store", class_name="btn btn--secondary"),
            ),
        ),
        side=[
            rx.el.span(SandboxState.world.orders_label, class_name="caption"),
            button(
                "End all faults",
                size="sm",
                kind="ghost",
                on_click=SandboxState.clear_every_fault,
            ),
        ],
    )


def _order(row: rx.Var[OpenOrder]) -> rx.Component:
    name = rx.cond(
        row.ours > 0,
        rx.el.a("No. ", row.ours, href=row.href, class_name="quiet"),
        rx.el.span("not ours", class_name="low"),
    )
    cells = (
        ("Bought", rx.el.span(row.bought)),
        ("State", chip(row.tone, row.icon, row.word)),
        ("Codes", rx.el.span(rx.cond(row.codes != "", row.codes, "none yet"), class_name="num")),
        ("Since", moment(row.since_ms)),
        ("Ends in", countdown(row.ends_ms)),
    )
    return rx.el.tr(
        rx.el.th(
            name,
            rx.el.span(row.phone, " · ", row.carrier, " ", row.id, class_name="sub num"),
            scope="row",
        ),
        *(rx.el.td(body, custom_attrs={"data-label": title}) for title, body in cells),
        rx.el.td(
            button(
                "Send SMS",
                size="sm",
                symbol="message",
                on_click=SandboxState.write_to(row.id),
                custom_attrs={"aria-label": "Send an SMS to " + row.phone},
            ),
            class_name="r",
        ),
        custom_attrs={"data-order": row.id},
    )


def _sms_dialog() -> rx.Component:
    def send(data: rx.Var[dict[str, str]]):
        fields = data.to(dict[str, str])
        return SandboxState.send_sms(SandboxState.writing_to, fields["code"], fields["text"])

    return dialog(
        SandboxState.writing_to != "",
        SandboxState.stop_writing,
        "Send an SMS to order " + SandboxState.writing_to,
        rx.el.form(
            text_field("Code", "code", required=True, max_length=12, auto_complete="off"),
            text_field(
                "Text",
                "text",
                help_text="Left empty, the carrier makes one up around the code.",
                max_length=300,
                auto_complete="off",
            ),
            on_submit=send,
            id="sms-form",
            class_name="stack",
        ),
        foot=[button("Send SMS", kind="primary", type="submit", form="sms-form")],
    )
