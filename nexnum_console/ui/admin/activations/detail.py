"""One activation, told in order."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.activation_story import AttemptLine, LedgerLeg, SmsLine
from nexnum_console.reports.routing import ChoiceLine
from nexnum_console.ui.admin.activations.detail_state import ActivationState
from nexnum_console.ui.admin.facts import fact_list, fact_strip, heads, labelled, missing_record
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.icon import flag, tile
from nexnum_console.ui.components.states import chip, loading
from nexnum_console.ui.components.timeline import timeline
from nexnum_console.ui.shell.layouts import account_bar, console_layout


def page() -> rx.Component:
    """What happened, the tries, the choice, the money, the messages."""
    return console_layout(
        ActivationState,
        "/console/activations",
        ActivationState.title,
        rx.cond(
            ActivationState.missing != "",
            missing_record("activation", "/console/activations", "All activations"),
            rx.cond(ActivationState.loaded, _whole(), loading(8)),
        ),
        account=account_bar(ActivationState.email),
    )


def _whole() -> rx.Component:
    state = chip(ActivationState.chip, ActivationState.chip_icon, ActivationState.chip_word)
    return rx.fragment(
        rx.el.div(
            tile(ActivationState.initials, ActivationState.tile, "tile--lg"),
            rx.el.div(
                rx.el.h1(ActivationState.title, state, class_name="row"),
                rx.el.p(flag(ActivationState.flag), ActivationState.what, class_name="row mid"),
                class_name="grow",
            ),
            class_name="head head--record",
        ),
        fact_strip(ActivationState.facts),
        rx.el.div(
            rx.el.div(_happened(), _why(), _ledger(), class_name="span8 stack"),
            rx.el.div(
                _messages(),
                card("Record", fact_list(ActivationState.record)),
                class_name="span4 stack",
            ),
            class_name="board",
        ),
    )


def _happened() -> rx.Component:
    return card(
        "What happened", rx.el.div(timeline(ActivationState.steps), class_name="card__body")
    )


def _why() -> rx.Component:
    table = rx.el.table(
        heads("Try", "Carrier", "Outcome", "Why", "Order there", ">Cap", ">Took", ">Sent"),
        rx.el.tbody(rx.foreach(ActivationState.attempts, _attempt)),
        class_name="table",
    )
    return card(
        "Attempts and the choice",
        rx.el.p(ActivationState.choice, class_name="card__body mid"),
        rx.cond(ActivationState.attempts.length() > 0, rx.el.div(table, class_name="tablewrap")),
        rx.cond(ActivationState.considered.length() > 0, _considered()),
    )


def _considered() -> rx.Component:
    table = rx.el.table(
        heads("Thought of", ">Price", ">Success", ">Drawn", ">Wait", ">Could lead", "Why"),
        rx.el.tbody(rx.foreach(ActivationState.considered, _candidate)),
        class_name="table",
        custom_attrs={"data-testid": "considered"},
    )
    return rx.el.div(table, class_name="tablewrap")


def _candidate(line: rx.Var[ChoiceLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.provider, scope="row"),
        labelled("Price", line.price, "r num"),
        labelled("Success", rx.cond(line.believed != "", line.believed, "–"), "r num"),
        labelled("Drawn", rx.cond(line.drawn != "", line.drawn, "–"), "r num"),
        labelled("Wait", rx.cond(line.wait != "", line.wait, "–"), "r num"),
        labelled("Could lead", rx.cond(line.led != "", line.led, "–"), "r num"),
        labelled("Why", rx.el.span(line.words, class_name="prose")),
    )


def _attempt(line: rx.Var[AttemptLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.number, scope="row"),
        labelled("Carrier", line.provider),
        labelled("Outcome", chip(line.tone, line.icon, line.word)),
        labelled("Why", rx.cond(line.why != "", line.why, "–")),
        labelled("Order there", rx.cond(line.order != "", line.order, "–"), "num"),
        labelled("Cap", line.cap, "r num"),
        labelled("Took", line.latency, "r num"),
        labelled("Sent", moment(line.at_ms), "r"),
    )


def _ledger() -> rx.Component:
    foot = rx.el.tr(
        rx.el.th("Total", scope="row"),
        labelled("Debit", ActivationState.total, "r num"),
        labelled("Credit", ActivationState.total, "r num"),
        rx.el.td(),
    )
    table = rx.el.table(
        heads("Account", ">Debit", ">Credit", ">Balance after"),
        rx.el.tbody(rx.foreach(ActivationState.legs, _leg)),
        rx.cond(ActivationState.balanced, rx.el.tfoot(foot)),
        class_name="table ledger",
    )
    verdict = rx.cond(
        ActivationState.balanced,
        chip("ok", "check", "Sums to 0.00"),
        chip("danger", "alert", "Does not sum to zero"),
    )
    return card("Ledger lines", rx.el.div(table, class_name="tablewrap"), side=[verdict])


def _leg(leg: rx.Var[LedgerLeg]) -> rx.Component:
    title = rx.el.th(
        leg.title, " · ", moment(leg.at_ms), scope="rowgroup", custom_attrs={"colSpan": 4}
    )
    return rx.fragment(
        rx.cond(leg.title != "", rx.el.tr(title, class_name="ledger__journal")),
        rx.el.tr(
            rx.el.th(leg.account, scope="row"),
            labelled("Debit", leg.debit, "r num"),
            labelled("Credit", leg.credit, "r num"),
            labelled("Balance after", leg.after, "r num"),
        ),
    )


def _messages() -> rx.Component:
    return card(
        "Messages",
        rx.cond(
            ActivationState.messages.length() > 0,
            rx.el.div(rx.foreach(ActivationState.messages, _sms), class_name="card__body stack"),
            rx.el.p("No SMS has come.", class_name="card__body mid"),
        ),
    )


def _sms(line: rx.Var[SmsLine]) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.b(line.sender),
            rx.cond(line.late, chip("warn", "clock", "Late")),
            rx.el.span(moment(line.at_ms), class_name="end"),
            class_name="row caption",
        ),
        rx.el.p(line.text),
        rx.cond(line.code != "", rx.el.p("Code read: ", rx.el.b(line.code), class_name="caption")),
        class_name="sms",
    )
