"""Labelled inputs with help below and the fault beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from nexnum_console.ui.components.icon import icon

Text = str | rx.Var[str]


def field(label: str, name: str, *, help_text: str = "", **props) -> rx.Component:
    """A tall input with its label and, where needed, a line of help: doors and the store."""
    return text_field(label, name, help_text=help_text, tall=True, **props)


def text_field(
    label: Text,
    name: str,
    *,
    help_text: Text = "",
    error: Text = "",
    tall: bool = False,
    **props,
) -> rx.Component:
    """An input of one line. ``error`` takes the place of the help while it is not empty."""
    size = " input--lg" if tall else ""
    control = rx.el.input(
        id=name,
        name=name,
        class_name=f"input{size}",
        custom_attrs=_described(name, help_text, error, props),
        **props,
    )
    return _field(label, name, control, help_text, error)


def area_field(
    label: Text, name: str, *, help_text: Text = "", error: Text = "", **props
) -> rx.Component:
    """An input of several lines."""
    control = rx.el.textarea(
        id=name,
        name=name,
        class_name="input input--area",
        custom_attrs=_described(name, help_text, error, props),
        **props,
    )
    return _field(label, name, control, help_text, error)


def money_field(
    label: Text,
    name: str,
    currency: Text,
    *,
    help_text: Text = "",
    error: Text = "",
    **props,
) -> rx.Component:
    """An amount as people write it (``12.50``), with its currency; the server reads it exactly."""
    control = rx.el.span(
        rx.el.input(
            id=name,
            name=name,
            class_name="input num",
            input_mode="decimal",
            auto_complete="off",
            max_length=24,
            custom_attrs=_described(name, help_text, error, props),
            **props,
        ),
        rx.el.span(currency, class_name="inputwrap__unit"),
        class_name="inputwrap inputwrap--unit",
    )
    return _field(label, name, control, help_text, error)


def select_field(
    label: Text,
    name: str,
    options: Sequence[tuple[str, str]] | list[rx.Component],
    *,
    help_text: Text = "",
    error: Text = "",
    **props,
) -> rx.Component:
    """A choice of one; ``options`` are (value, words), or ready ``rx.el.option`` parts."""
    choices = [
        rx.el.option(one[1], value=one[0]) if isinstance(one, tuple) else one for one in options
    ]
    control = rx.el.span(
        rx.el.select(
            *choices,
            id=name,
            name=name,
            class_name="select",
            custom_attrs=_described(name, help_text, error, props),
            **props,
        ),
        icon("chevron"),
        class_name="selectwrap",
    )
    return _field(label, name, control, help_text, error)


def switch_field(
    label: Text,
    checked: rx.Var[bool],
    on_change: Any,
    *,
    help_text: Text = "",
    **props,
) -> rx.Component:
    """Something that is on or off at once; ``on_change`` is the event of a press."""
    return rx.el.div(
        rx.el.button(
            type="button",
            role="switch",
            class_name="switch",
            on_click=on_change,
            custom_attrs={
                "aria-checked": rx.cond(checked, "true", "false"),
                "aria-label": label,
            },
            **props,
        ),
        rx.el.span(
            label, *([rx.el.span(help_text, class_name="help")] if _some(help_text) else [])
        ),
        class_name="switchrow",
    )


def check_field(label: Text, name: str, **props) -> rx.Component:
    """A box to tick in a form."""
    return rx.el.label(
        rx.el.input(type="checkbox", name=name, class_name="check", **props),
        rx.el.span(label),
        class_name="switchrow",
    )


class PlainForm(BaseHTML):
    """A form the browser itself posts: it works before and without any script."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


def plain_form(*children: rx.Component, action: str, **props) -> rx.Component:
    """A posting form to one of our own routes."""
    return PlainForm.create(*children, action=action, method="post", **props)


def _field(
    label: Text, name: str, control: rx.Component, help_text: Text, error: Text
) -> rx.Component:
    lines = []
    if _some(error):
        fault = rx.el.p(
            icon("alert", "icon--sm"), error, id=f"{name}-error", class_name="fault", role="alert"
        )
        lines.append(rx.cond(error != "", fault) if isinstance(error, rx.Var) else fault)
    if _some(help_text):
        words = rx.el.p(help_text, id=f"{name}-help", class_name="help")
        lines.append(rx.cond(error == "", words) if isinstance(error, rx.Var) else words)
    return rx.el.div(rx.el.label(label, html_for=name), control, *lines, class_name="field")


def _described(name: str, help_text: Text, error: Text, props: dict) -> dict:
    attrs = dict(props.pop("custom_attrs", {}))
    by = [f"{name}-error"] * _some(error) + [f"{name}-help"] * _some(help_text)
    if by:
        attrs["aria-describedby"] = " ".join(by)
    if isinstance(error, rx.Var):
        attrs["aria-invalid"] = rx.cond(error != "", "true", "false")
    elif error:
        attrs["aria-invalid"] = "true"
    return attrs


def _some(text: Text) -> bool:
    return isinstance(text, rx.Var) or bool(text)
