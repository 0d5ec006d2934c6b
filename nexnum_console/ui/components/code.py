"""Text of machines: requests, answers, references."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.button import button


def code_block(text: str | rx.Var[str], label: str | rx.Var[str]) -> rx.Component:
    """A block that scrolls by itself, with a button that copies it."""
    copy = button(
        kind="ghost",
        size="sm icon",
        symbol="copy",
        class_name="codeblock__copy",
        custom_attrs={"data-copy": text, "aria-label": "Copy: " + label},
    )
    return rx.el.div(
        rx.el.pre(
            text,
            tab_index=0,
            role="region",
            custom_attrs={"aria-label": label},
        ),
        copy,
        class_name="codeblock",
    )
