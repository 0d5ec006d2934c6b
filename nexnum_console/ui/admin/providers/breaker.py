"""The card “Circuit breaker” of a provider page, and the question why."""

from __future__ import annotations

from typing import Any

import reflex as rx

from nexnum_console.reports.provider_gate import CodeCount, GateCard
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.field import text_field
from nexnum_console.ui.components.states import chip


def breaker_card(state: Any) -> rx.Component:
    """Each account's state, why and since when, what its calls came to, and three buttons;
    ``state`` has BreakerPart mixed in."""
    return card(
        "Circuit breaker",
        rx.el.div(
            rx.foreach(state.gates, lambda gate: _account(state, gate)),
            class_name="card__body stack",
        ),
    )


def breaker_question(state: Any) -> rx.Component:
    """Why it is to be forced; without a reason nothing happens."""
    wish = state.wish

    def decide(data: rx.Var[dict[str, str]]):
        return state.decide_breaker(data.to(dict[str, str])["reason"])

    return dialog(
        wish != "",
        state.ask_breaker(0, ""),
        rx.match(
            wish,
            ("open", "Force the breaker open?"),
            ("closed", "Force the breaker closed?"),
            "Leave the breaker to itself?",
        ),
        rx.el.p(
            rx.match(
                wish,
                ("open", "No call goes out and nobody buys here, until you set it back."),
                ("closed", "Calls go out however they fare, until you set it back."),
                "It opens and closes by what calls come to; after having been open, a few calls"
                " show first how they fare.",
            )
        ),
        rx.el.form(
            text_field("Reason", "reason", required=True, max_length=240, auto_complete="off"),
            on_submit=decide,
            id="breaker-form",
            class_name="stack",
        ),
        foot=[
            button(
                rx.match(
                    wish, ("open", "Force open"), ("closed", "Force closed"), "Make automatic"
                ),
                kind="primary",
                type="submit",
                form="breaker-form",
            )
        ],
    )


def _account(state: Any, gate: rx.Var[GateCard]) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            chip(gate.chip, gate.icon, gate.word),
            " ",
            rx.cond(gate.since_ms > 0, ago(gate.since_ms)),
            class_name="row",
        ),
        rx.el.p(
            gate.meaning, rx.cond(gate.why != "", rx.fragment(" ", gate.why)), class_name="mid"
        ),
        rx.el.dl(
            _line("Calls it takes", gate.limit, gate.limit_note),
            _line("Under way", gate.at_once, ""),
            rx.foreach(gate.codes, _code),
            class_name="pairs",
        ),
        rx.cond(state.may_manage, _acts(state, gate)),
        class_name="stack",
        custom_attrs={"data-breaker": gate.label, "data-state": gate.word},
    )


def _line(label: str, value: rx.Var[str], note: rx.Var[str] | str) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(value, " ", rx.el.small(note)))


def _code(one: rx.Var[CodeCount]) -> rx.Component:
    return rx.el.div(rx.el.dt(one.code), rx.el.dd(one.count, " ", rx.el.small("last minute")))


def _acts(state: Any, gate: rx.Var[GateCard]) -> rx.Component:
    def ask(wish: str):
        return state.ask_breaker(gate.account_id, wish)

    return rx.el.div(
        rx.cond(gate.forced != "open", button("Force open", kind="danger", on_click=ask("open"))),
        rx.cond(gate.forced != "closed", button("Force closed", on_click=ask("closed"))),
        rx.cond(
            (gate.forced != "") | (gate.chip == "danger"),
            button("Automatic", on_click=ask("auto")),
        ),
        class_name="row",
    )
