"""Choices that are links: the URL knows which one is on, so back, share and reload keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

Text = str | rx.Var[str]


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice: ``key`` is compared with what is current; ``note`` is a count beside the word."""

    key: str
    title: Text
    href: Text
    note: Text = ""


def link_tabs(items: Sequence[Tab], current: Text, label: str = "Parts of this page"):
    """Tabs under a heading."""
    return _links(items, current, "tabs", label)


def segments(items: Sequence[Tab], current: Text, label: str):
    """A short choice of one, as the span of time."""
    return _links(items, current, "segments", label)


def _links(items: Sequence[Tab], current: Text, class_name: str, label: str) -> rx.Component:
    return rx.el.nav(
        *(_link(item, current) for item in items),
        class_name=class_name,
        custom_attrs={"aria-label": label},
    )


def _link(item: Tab, current: Text) -> rx.Component:
    if isinstance(current, rx.Var):
        here = {"aria-current": rx.cond(current == item.key, "page", "false")}
    else:
        here = {"aria-current": "page"} if current == item.key else {}
    note = [] if isinstance(item.note, str) and not item.note else [_note(item.note)]
    return rx.el.a(item.title, *note, href=item.href, custom_attrs=here)


def _note(note: Text) -> rx.Component:
    shown = rx.el.span(note, class_name="count")
    return rx.cond(note != "", shown) if isinstance(note, rx.Var) else shown
