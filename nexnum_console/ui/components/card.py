"""Cards and their heads."""

from __future__ import annotations

import reflex as rx


def card(title: str | rx.Var[str], *body: rx.Component, side: list | None = None, **props):
    """A section with a heading; ``side`` stands at the right of it."""
    classes = f"card {props.pop('class_name', '')}".strip()
    head = rx.el.div(rx.el.h2(title, class_name="grow"), *(side or []), class_name="card__head")
    return rx.el.section(head, *body, class_name=classes, **props)
