"""The card of one number: where it stands, the code the moment it exists, the way back."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.store import NumberCard
from nexnum_console.ui.components.button import button, copy_button
from nexnum_console.ui.components.clock import countdown, ring, time_of
from nexnum_console.ui.components.icon import flag, icon, tile
from nexnum_console.ui.components.states import chip
from nexnum_console.ui.store.buy.state import StoreState

NEWEST = 2


def newest_cards(beside: rx.Component) -> rx.Component:
    """The two newest live numbers and the way to the rest; ``beside`` stands by a single one."""
    more = rx.el.p(
        rx.el.a(
            "All ",
            StoreState.numbers.length(),
            " numbers are in the vault",
            href="/store/vault",
            class_name="link",
        ),
        class_name="small",
    )
    return rx.cond(
        StoreState.numbers.length() > 0,
        rx.el.div(
            rx.el.section(
                rx.foreach(StoreState.numbers[:NEWEST], _card),
                rx.cond(StoreState.numbers.length() == 1, beside),
                class_name="pair",
                custom_attrs={"aria-label": "Your numbers"},
            ),
            rx.cond(StoreState.numbers.length() > NEWEST, more),
            class_name="stack",
        ),
    )


def number_cards() -> rx.Component:
    """Every live number, two beside each other."""
    return rx.cond(
        StoreState.numbers.length() > 0,
        rx.el.section(
            rx.foreach(StoreState.numbers, _card),
            class_name="pair",
            custom_attrs={"aria-label": "Your numbers"},
        ),
    )


def _card(card: rx.Var[NumberCard]) -> rx.Component:
    got = card.code != ""
    return rx.el.article(
        _head(card),
        rx.cond(card.phone != "", _hero(card, got)),
        rx.cond(card.acquired_ms > 0, _steps(card, got)),
        rx.cond(
            card.sms_text != "",
            rx.el.div(
                rx.el.p(
                    rx.el.b(card.sms_sender, class_name="mid"),
                    rx.el.span(time_of(card.sms_ms), class_name="end"),
                    class_name="row caption",
                ),
                rx.el.p(card.sms_text),
                class_name="sms",
            ),
            rx.el.div(rx.el.p(card.story, class_name="small low"), class_name="sms sms--next"),
        ),
        _actions(card),
        class_name=rx.cond(got, "card number number--got", "card number"),
        custom_attrs={"data-activation": card.id, "data-state": card.state},
    )


def _head(card: rx.Var[NumberCard]) -> rx.Component:
    return rx.el.div(
        tile(card.initials, card.tile, "tile--lg"),
        rx.el.div(
            rx.el.h2(card.service_name),
            rx.el.p(
                flag(card.flag),
                rx.el.span(
                    card.country_name,
                    rx.cond(card.operator != "", " · " + card.operator, ""),
                    " · " + card.price,
                    class_name="cut",
                ),
                class_name="row small low",
            ),
            class_name="grow",
        ),
        chip(card.chip, card.chip_icon, card.chip_word),
        class_name="number__head",
    )


def _hero(card: rx.Var[NumberCard], got: rx.Var[bool]) -> rx.Component:
    live = (card.state == "waiting") | (card.state == "received") | (card.state == "cancelling")
    clock = rx.cond(
        got,
        ring(card.acquired_ms, card.expires_ms, "for another", "ring ring--done"),
        ring(card.acquired_ms, card.expires_ms, "left"),
    )
    return rx.el.div(
        rx.cond(live, clock, rx.el.span(icon("check", "icon--lg"), class_name="empty__icon")),
        rx.cond(got, _arrived(card), _number(card)),
        class_name="number__hero",
    )


def _number(card: rx.Var[NumberCard]) -> rx.Component:
    return rx.el.div(
        rx.el.p(card.phone_pretty, class_name="tel", custom_attrs={"data-testid": "phone"}),
        rx.el.p("National ", card.national, class_name="small low num"),
        rx.cond(
            card.state == "waiting",
            rx.el.div(
                copy_button("Copy number", card.phone),
                copy_button("Without " + card.dial, card.phone_bare),
                class_name="copies",
            ),
        ),
    )


def _arrived(card: rx.Var[NumberCard]) -> rx.Component:
    return rx.el.div(
        rx.el.p(card.code, class_name="code", custom_attrs={"data-testid": "code"}),
        rx.el.p("for ", card.phone_pretty, class_name="small low num"),
        rx.el.div(
            copy_button("Copy code", card.code),
            copy_button("Copy number", card.phone),
            class_name="copies",
        ),
    )


def _steps(card: rx.Var[NumberCard], got: rx.Var[bool]) -> rx.Component:
    waits = card.state == "waiting"
    return rx.el.ol(
        rx.el.li(rx.el.b("Ordered"), time_of(card.created_ms), class_name="done"),
        rx.el.li(rx.el.b("Ready"), time_of(card.acquired_ms), class_name="done"),
        rx.el.li(
            rx.el.b(rx.cond(got, "SMS", rx.cond(waits, "Waiting", "No SMS"))),
            rx.cond(got, time_of(card.sms_ms), rx.fragment()),
            class_name=rx.cond(got, "done", rx.cond(waits, "now", "")),
        ),
        rx.el.li(
            rx.el.b("Code"),
            rx.cond(waits, rx.fragment("until ", time_of(card.expires_ms)), card.sms_after),
            class_name=rx.cond(got, "done", ""),
        ),
        class_name="steps",
    )


def _actions(card: rx.Var[NumberCard]) -> rx.Component:
    return rx.match(
        card.state,
        ("waiting", _while_waiting(card)),
        ("received", _with_code(card)),
        ("cancelling", rx.fragment()),
        ("buying", rx.fragment()),
        ("confirming", rx.fragment()),
        rx.el.div(_same(card), class_name="acts"),
    )


def _while_waiting(card: rx.Var[NumberCard]) -> rx.Component:
    busy = StoreState.errand_id == card.id
    return rx.el.div(
        rx.el.span(
            button(
                "Cancel in",
                countdown(card.cancel_ms),
                class_name="locked",
                custom_attrs={"aria-disabled": "true"},
            ),
            button(
                "Cancel and refund ",
                card.price,
                class_name="unlocked",
                busy=busy,
                on_click=StoreState.cancel_number(card.id),
            ),
            custom_attrs={"data-lock": card.cancel_ms},
        ),
        button(
            "Report: already used",
            kind="ghost",
            symbol="alert",
            disabled=busy,
            on_click=StoreState.report_number(card.id),
        ),
        rx.el.span(
            icon("message", "icon--sm"),
            "The SMS appears here by itself",
            class_name="caption row end wide-only",
        ),
        class_name="acts",
    )


def _with_code(card: rx.Var[NumberCard]) -> rx.Component:
    busy = StoreState.errand_id == card.id
    return rx.el.div(
        rx.cond(
            card.another,
            button(
                "Ask for another code",
                symbol="refresh",
                busy=busy,
                on_click=StoreState.ask_another(card.id),
            ),
        ),
        button(
            "Finish this number",
            kind="ghost",
            disabled=busy,
            on_click=StoreState.finish_number(card.id),
        ),
        _same(card),
        class_name="acts",
    )


def _same(card: rx.Var[NumberCard]) -> rx.Component:
    return rx.el.a(
        icon("cart"),
        "Buy the same",
        href="/store?service=" + card.service + "&country=" + card.country,
        class_name="btn btn--ghost",
    )
