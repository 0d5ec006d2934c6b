"""How far a piece of work is."""

from __future__ import annotations

import reflex as rx


def progress(
    percent: rx.Var[int] | int,
    label: str | rx.Var[str],
    note: str | rx.Var[str] = "",
    tone: str | rx.Var[str] = "",
) -> rx.Component:
    """A bar from 0 to 100 with its name and, at the right, what is left; ``tone`` warn, danger."""
    width = percent.to_string() + "%" if isinstance(percent, rx.Var) else f"{percent}%"
    return rx.el.div(
        rx.el.div(
            rx.el.span(label, class_name="cut"),
            rx.el.span(note, class_name="low num nowrap"),
            class_name="progressbar__words",
        ),
        rx.el.div(
            rx.el.i(style={"width": width}),
            class_name="bar bar--" + tone,
            role="progressbar",
            custom_attrs={
                "aria-label": label,
                "aria-valuemin": "0",
                "aria-valuemax": "100",
                "aria-valuenow": percent,
            },
        ),
        class_name="progressbar",
    )
