"""Chips, notices, and the states of a list: loading, empty."""

from __future__ import annotations

from typing import Any

import reflex as rx

from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.shell.page_state import Notice


def chip(
    kind: rx.Var[str] | str, symbol: rx.Var[str] | str, word: rx.Var[str] | str, **props
) -> rx.Component:
    """Status as icon, word and colour; without a symbol a dot that pulses while live."""
    mark = rx.cond(symbol != "", icon(symbol), rx.el.span(class_name="dot dot--sm dot--live"))
    return rx.el.span(mark, word, class_name="chip chip--" + kind, **props)


def notice(shown: rx.Var[Notice], dismiss: rx.EventHandler, act: Any = None) -> rx.Component:
    """What a handler has to say; stays until it is dismissed or replaced.

    ``act`` is the event behind ``shown.action``: undo, or the next step.
    """
    follow = [
        rx.cond(
            shown.action != "",
            rx.el.button(shown.action, type="button", class_name="link", on_click=act),
        )
    ]
    return rx.el.div(
        rx.cond(
            shown.kind != "",
            rx.el.div(
                icon(shown.icon),
                rx.el.div(rx.el.b(shown.title), rx.el.p(shown.text), class_name="grow"),
                *(follow if act is not None else []),
                button(
                    icon("x"),
                    kind="ghost",
                    size="sm icon",
                    on_click=dismiss,
                    custom_attrs={"aria-label": "Dismiss this notice"},
                ),
                class_name="notice notice--" + shown.kind,
                custom_attrs={"data-testid": "notice"},
            ),
        ),
        class_name="notices",
        role="status",
        custom_attrs={"aria-live": "polite"},
    )


def error_state(
    title: str | rx.Var[str],
    text: str | rx.Var[str],
    retry: Any,
    reference: str | rx.Var[str] = "",
) -> rx.Component:
    """Something could not be read: what it means, the reference to quote, and another try."""
    named = isinstance(reference, rx.Var) or bool(reference)
    return rx.el.div(
        rx.el.span(icon("alert", "icon--lg"), class_name="empty__icon"),
        rx.el.h3(title),
        rx.el.p(text, *([" ", rx.el.code(reference)] if named else [])),
        button("Try again", symbol="refresh", on_click=retry),
        class_name="empty",
        role="alert",
    )


def banner(kind: str, symbol: str, *words: rx.Component | rx.Var | str) -> rx.Component:
    """A state of the whole page that lasts; ``kind`` warn, danger or ok."""
    return rx.el.div(icon(symbol), *words, class_name=f"banner banner--{kind}", role="status")


def empty(symbol: str, title: str, text: str | rx.Var[str], *more: rx.Component) -> rx.Component:
    """A list without rows: what would be here, and the way to it."""
    return rx.el.div(
        rx.el.span(icon(symbol, "icon--lg"), class_name="empty__icon"),
        rx.el.h3(title),
        rx.el.p(text),
        *more,
        class_name="empty",
    )


def loading(lines: int = 3) -> rx.Component:
    """Rows to come."""
    bars = [
        rx.el.div(class_name="skeleton", style={"width": f"{92 - 14 * n}%"}) for n in range(lines)
    ]
    return rx.el.div(*bars, class_name="card__body stack", custom_attrs={"aria-busy": "true"})
