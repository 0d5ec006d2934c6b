"""What every page of the lab has: the provider's head, its tabs, and the page around them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from nexnum_console.reports.lab_page import LabHead
from nexnum_console.ui.admin.facts import missing_record
from nexnum_console.ui.components.icon import tile
from nexnum_console.ui.components.states import chip, loading
from nexnum_console.ui.components.tabs import Tab, link_tabs
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PROVIDERS = "/console/providers"
TABS = (
    ("lab", "Lab", ""),
    ("mapping", "Mapping", "/mapping"),
    ("health", "Health", "/health"),
    ("versions", "Versions", "/versions"),
    ("keys", "Keys", "/keys"),
)


def lab_frame(state: Any, current: str, *body: rx.Component, layers: tuple = ()) -> rx.Component:
    """A page of the lab; ``current`` is the key of its tab."""
    head: LabHead = state.head
    there = head.name != ""
    return console_layout(
        state,
        PROVIDERS,
        rx.cond(there, head.title + " lab", "Provider lab"),
        rx.cond(
            there,
            rx.el.div(_head(head), _tabs(head, current), *body, class_name="lab stack"),
            rx.cond(
                state.loaded,
                missing_record("provider", PROVIDERS, "All providers"),
                loading(8),
            ),
        ),
        *layers,
        account=account_bar(state.email),
    )


def _head(head: Any) -> rx.Component:
    return rx.el.div(
        tile(head.initials, head.tile, "tile--lg"),
        rx.el.div(
            rx.el.h1(head.title),
            rx.el.p(head.name, " · ", head.currency, " · ", head.host, class_name="low small"),
            class_name="grow",
        ),
        rx.el.div(
            chip(head.chip, head.chip_icon, head.chip_word),
            rx.el.a(
                "Margin, routing, syncs", href=f"{PROVIDERS}/" + head.name, class_name="link small"
            ),
            class_name="row wrap",
        ),
        class_name="head",
    )


def _tabs(head: Any, current: str) -> rx.Component:
    base = f"{PROVIDERS}/" + head.name + "/lab"
    return link_tabs([Tab(key, title, base + end) for key, title, end in TABS], current)
