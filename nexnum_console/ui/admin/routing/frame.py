"""What routing's pages have in common: the head and the tabs."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from nexnum_console.ui.components.tabs import Tab, link_tabs
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH: Final = "/console/routing"
_TABS: Final = (
    Tab("policy", "Policy", PATH),
    Tab("learned", "What was learned", f"{PATH}/learned"),
    Tab("decisions", "Decisions", f"{PATH}/decisions"),
)


def routing_frame(
    state: Any, current: str, title: str, *body: rx.Component, side: rx.Component | None = None
) -> rx.Component:
    """One of the pages; ``current`` is its tab, ``side`` stands right of the heading."""
    return console_layout(
        state,
        PATH,
        title,
        rx.el.div(rx.el.h1(title, class_name="grow"), *([side] if side else []), class_name="head"),
        link_tabs(_TABS, current),
        *body,
        account=account_bar(state.email),
    )
