"""Layers over the page: dialog, typed confirmation, drawer.

They are native ``<dialog>`` elements in the page's state: there while ``open_`` holds.
``assets/live.js`` shows what appears as a modal. Esc and a click beside it press what is marked
``data-close``, so the state closes it; the focus then returns to where it was.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import icon

_CLOSE = {"data-close": ""}


def dialog(
    open_: rx.Var[bool],
    close: Any,
    title: str | rx.Var[str],
    *body: rx.Component | rx.Var | str,
    foot: list[rx.Component] | None = None,
    wide: bool = False,
    dismiss: str = "Cancel",
) -> rx.Component:
    """A question in the middle of the page; ``foot`` stands right of the way out."""
    return _modal(
        open_,
        f"dialog{' dialog--wide' if wide else ''}",
        title,
        rx.el.h2(title),
        rx.el.div(*body, class_name="dialog__body"),
        rx.el.div(
            button(dismiss, kind="ghost", on_click=close, custom_attrs=_CLOSE),
            *(foot or []),
            class_name="dialog__foot",
        ),
    )


def confirm_typed(
    open_: rx.Var[bool],
    close: Any,
    title: str | rx.Var[str],
    text: str | rx.Var[str],
    word: str | rx.Var[str],
    submit: Any,
    *extra: rx.Component,
    label: str | rx.Var[str] = "Confirm",
    busy: rx.Var[bool] | None = None,
) -> rx.Component:
    """A dangerous act: nothing happens before ``word`` is typed.

    ``submit`` gets the form's data (``word`` and the names of the fields in ``extra``); the
    handler checks again, this is only the browser's part.
    """
    field = rx.el.div(
        rx.el.label("Type ", rx.el.code(word), " to confirm", html_for="confirm-word"),
        rx.el.input(
            id="confirm-word",
            name="word",
            class_name="input",
            required=True,
            auto_complete="off",
            spell_check=False,
            custom_attrs={"data-typed": word},
        ),
        class_name="field",
    )
    return _modal(
        open_,
        "dialog",
        title,
        rx.el.h2(title),
        rx.el.form(
            rx.el.div(rx.el.p(text), *extra, field, class_name="dialog__body"),
            rx.el.div(
                button("Cancel", kind="ghost", on_click=close, custom_attrs=_CLOSE),
                button(label, kind="danger", type="submit", busy=busy),
                class_name="dialog__foot",
            ),
            on_submit=submit,
            class_name="typed",
        ),
    )


def drawer(
    open_: rx.Var[bool],
    close: Any,
    title: str | rx.Var[str],
    *body: rx.Component | rx.Var | str,
    foot: list[rx.Component] | None = None,
) -> rx.Component:
    """A sheet at the right side of the page; at the bottom of a phone."""
    ways = [rx.el.div(*foot, class_name="dialog__foot")] if foot else []
    return _modal(
        open_,
        "drawer",
        title,
        rx.el.div(
            rx.el.h2(title, class_name="grow cut"),
            button(
                icon("x"),
                kind="ghost",
                size="sm icon",
                on_click=close,
                custom_attrs={**_CLOSE, "aria-label": "Close"},
            ),
            class_name="drawer__head",
        ),
        rx.el.div(*body, class_name="dialog__body"),
        *ways,
    )


def _modal(
    open_: rx.Var[bool], class_name: str, title: str | rx.Var[str], *parts: rx.Component
) -> rx.Component:
    return rx.cond(
        open_,
        rx.el.dialog(
            *parts,
            class_name=class_name,
            custom_attrs={"data-modal": "", "aria-label": title},
        ),
    )
