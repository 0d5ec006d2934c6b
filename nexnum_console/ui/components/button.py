"""Buttons: a verb and its object; one primary per view."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.icon import icon


def button(
    *children: rx.Component | rx.Var | str,
    kind: str = "secondary",
    size: str = "",
    symbol: str | None = None,
    busy: rx.Var[bool] | None = None,
    **props,
) -> rx.Component:
    """``kind`` primary, secondary, ghost or danger; ``size`` sm, lg or empty for medium."""
    classes = " ".join(
        [
            "btn",
            f"btn--{kind}",
            *(f"btn--{part}" for part in size.split()),
            props.pop("class_name", ""),
        ]
    ).strip()
    lead: list[rx.Component] = [icon(symbol)] if symbol else []
    if busy is not None:
        spinner = rx.el.span(class_name="spin", custom_attrs={"aria-hidden": "true"})
        lead = [rx.cond(busy, spinner, lead[0] if lead else rx.fragment())]
        props["disabled"] = busy | props["disabled"] if "disabled" in props else busy
    props.setdefault("type", "button")
    return rx.el.button(*lead, *children, class_name=classes, **props)


def copy_button(
    label: str | rx.Var[str], text: rx.Var[str], *, kind: str = "secondary", symbol: str = "copy"
) -> rx.Component:
    """Copies ``text`` in the browser; ``assets/live.js`` does it, no server is asked."""
    return button(
        rx.el.span(label),
        kind=kind,
        symbol=symbol,
        custom_attrs={"data-copy": text},
    )
