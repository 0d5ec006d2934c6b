"""Labelled inputs."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML


def field(label: str, name: str, *, help_text: str = "", **props) -> rx.Component:
    """An input with its label and, where needed, a line of help."""
    described = {"aria-describedby": f"{name}-help"} if help_text else {}
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name, name=name, class_name="input input--lg", custom_attrs=described, **props
        ),
        *([rx.el.p(help_text, id=f"{name}-help", class_name="help")] if help_text else []),
        class_name="field",
    )


class PlainForm(BaseHTML):
    """A form the browser itself posts: it works before and without any script."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


def plain_form(*children: rx.Component, action: str, **props) -> rx.Component:
    """A posting form to one of our own routes."""
    return PlainForm.create(*children, action=action, method="post", **props)
