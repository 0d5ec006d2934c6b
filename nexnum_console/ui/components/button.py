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
    why_not: str | rx.Var[str] = "",
    **props,
) -> rx.Component:
    """``kind`` primary, secondary, ghost or danger; ``size`` sm, lg or empty for medium.

    While ``why_not`` is not empty the button is off and the reason stands beside it.
    """
    if isinstance(why_not, rx.Var) or why_not:
        props |= {"kind": kind, "size": size, "symbol": symbol, "busy": busy}
        return _with_reason(children, why_not, **props)
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


def _with_reason(children: tuple, why_not: str | rx.Var[str], **props) -> rx.Component:
    off = why_not != "" if isinstance(why_not, rx.Var) else True
    reason = rx.el.span(why_not, class_name="why")
    shown = rx.cond(off, reason) if isinstance(why_not, rx.Var) else reason
    return rx.el.span(button(*children, disabled=off, **props), shown, class_name="withwhy")


def copy_button(
    label: str | rx.Var[str],
    text: rx.Var[str],
    *,
    kind: str = "secondary",
    size: str = "",
    symbol: str = "copy",
) -> rx.Component:
    """Copies ``text`` in the browser; ``assets/live.js`` does it, no server is asked."""
    return button(
        rx.el.span(label),
        kind=kind,
        size=size,
        symbol=symbol,
        custom_attrs={"data-copy": text},
    )
