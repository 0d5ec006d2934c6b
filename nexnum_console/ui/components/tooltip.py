"""A line of help that appears while its part is pointed at or focused."""

from __future__ import annotations

import reflex as rx


def tip(part: rx.Component, text: str | rx.Var[str], key: str) -> rx.Component:
    """``part`` with ``text`` above it; ``key`` is unique on the page and ties them together."""
    return rx.el.span(
        part,
        rx.el.span(text, id=f"tip-{key}", role="tooltip", class_name="tip"),
        class_name="tipped",
        custom_attrs={"aria-describedby": f"tip-{key}"},
    )
