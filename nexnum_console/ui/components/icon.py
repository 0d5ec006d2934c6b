"""Pictures: icons from one sprite, flags, tiles, the brand mark."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

SPRITE = "/icons.svg#"


class Use(BaseHTML):
    """SVG's reference to a symbol."""

    tag = "use"
    href: rx.Var[str]


def icon(name: str | rx.Var[str], size: str = "") -> rx.Component:
    """A line icon, hidden from screen readers: the word beside it says it."""
    return rx.el.svg(
        Use.create(href=SPRITE + name),
        class_name=f"icon {size}".strip(),
        custom_attrs={"aria-hidden": "true"},
    )


def flag(source: str | rx.Var[str]) -> rx.Component:
    """A country's flag; decoration beside the country's name."""
    return rx.el.img(src=source, class_name="flag", alt="", loading="lazy")


def tile(letters: rx.Var[str], colour: rx.Var[int], size: str = "") -> rx.Component:
    """Letters of a service or provider on its colour."""
    return rx.el.span(
        letters,
        class_name=f"tile {size} tile--" + colour.to_string(),
        custom_attrs={"aria-hidden": "true"},
    )


def brand(suffix: str = "") -> rx.Component:
    """The mark and the name."""
    name = rx.el.span("NexNum ", rx.el.small(suffix)) if suffix else rx.el.span("NexNum")
    return rx.el.a(
        rx.el.svg(
            rx.el.rect(width="24", height="24", rx="7"),
            rx.el.path(d="M7 17V7l10 10V7"),
            view_box="0 0 24 24",
            custom_attrs={"aria-hidden": "true"},
        ),
        name,
        href="/",
        class_name="brand",
        custom_attrs={"aria-label": "NexNum, front page"},
    )
