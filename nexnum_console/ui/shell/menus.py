"""The menus around a page: sidebar, drawer of a phone, tab bars, the way here, health."""

from __future__ import annotations

import reflex as rx

from nexnum_console import __version__
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import brand, icon
from nexnum_console.ui.shell.navigation import place_of, way_to
from nexnum_console.ui.shell.shell_state import NavItem, ShellState

DRAWER = "places"


def sidebar(current: str) -> rx.Component:
    """The console's places by group, and the shop; a rail of icons on narrow screens."""
    return rx.el.aside(
        brand("Console"),
        rx.el.button(
            icon("search"),
            rx.el.span("Search or jump to"),
            rx.el.kbd("⌘K", class_name="mac-only"),
            rx.el.kbd("Ctrl K", class_name="pc-only"),
            type="button",
            class_name="cmdk",
            custom_attrs={
                "data-opens": "palette",
                "aria-label": "Search or jump to",
                "aria-keyshortcuts": "Meta+K Control+K",
            },
        ),
        _places(current, "Console"),
        rx.cond(ShellState.health.word != "", _foot()),
        class_name="side",
    )


def drawer_of_places(current: str) -> rx.Component:
    """All places, for phones; opened in the browser by a Menu button."""
    return rx.el.dialog(
        rx.el.div(
            brand("Console"),
            button(
                icon("x"),
                kind="ghost",
                size="sm icon",
                class_name="end",
                custom_attrs={"data-shuts": "", "aria-label": "Close the menu"},
            ),
            class_name="drawer__head",
        ),
        _places(current, "All places"),
        id=DRAWER,
        class_name="drawer drawer--left",
        custom_attrs={"data-local": "", "aria-label": "Menu"},
    )


def console_tabs(current: str) -> rx.Component:
    """The most used places of the console at the bottom of a phone, and the menu of all."""
    return rx.el.nav(
        rx.foreach(ShellState.console_tabs, lambda item: _link(item, current)),
        rx.el.button(
            icon("menu"),
            rx.el.span("Menu"),
            type="button",
            custom_attrs={"data-opens": DRAWER},
        ),
        class_name="tabbar",
        custom_attrs={"aria-label": "Console, phone"},
    )


def store_links(current: str) -> rx.Component:
    """The store's places in its top bar."""
    return rx.el.nav(
        rx.foreach(ShellState.store, lambda item: _link(item, current, bare=True)),
        class_name="wide-only",
        custom_attrs={"aria-label": "Main"},
    )


def store_tabs(current: str) -> rx.Component:
    """The store's places at the bottom of a phone."""
    return rx.el.nav(
        rx.foreach(ShellState.store_tabs, lambda item: _link(item, current)),
        class_name="tabbar",
        custom_attrs={"aria-label": "Main, phone"},
    )


def crumbs(current: str, title: str | rx.Var[str]) -> rx.Component:
    """The way here from the registry; the last step is the page itself."""
    if isinstance(title, rx.Var):
        place = place_of(current)
        way = [*way_to(current, place.title if place else "")[:-1]]
        way += [(place.title, place.path)] if place else []
        steps = [rx.el.a(words, href=href) for words, href in way]
        steps.append(rx.el.span(title, class_name="cut", custom_attrs={"aria-current": "page"}))
    else:
        steps = [
            rx.el.a(words, href=href)
            if href
            else rx.el.span(words, class_name="cut", custom_attrs={"aria-current": "page"})
            for words, href in way_to(current, title)
        ]
    between: list[rx.Component] = []
    for step in steps:
        between += [rx.el.span("/", custom_attrs={"aria-hidden": "true"}), step]
    return rx.el.nav(
        *between[1:], class_name="crumbs", custom_attrs={"aria-label": "Where you are"}
    )


def health_chip() -> rx.Component:
    """Sandbox or live, and whether all answers; leads to the overview's health part."""
    health = ShellState.health
    return rx.cond(
        health.word != "",
        rx.el.a(
            icon(health.icon),
            rx.el.span(health.word),
            href="/console#health",
            title=health.text,
            class_name="chip chip--lg health chip--" + health.tone,
            custom_attrs={"data-testid": "health", "aria-label": health.word + ". " + health.text},
        ),
    )


def search_button() -> rx.Component:
    """The palette's button in a top bar, where there is no sidebar."""
    return button(
        icon("search"),
        kind="ghost",
        size="icon",
        class_name="searchbtn",
        custom_attrs={"data-opens": "palette", "aria-label": "Search or jump to"},
    )


def _foot() -> rx.Component:
    health = ShellState.health
    return rx.el.p(
        rx.el.span(class_name="dot dot--sm " + health.tone),
        rx.el.span(f"{__version__} · ", health.workers),
        class_name="side__foot",
        title=health.text,
    )


def _places(current: str, label: str) -> rx.Component:
    return rx.el.nav(
        rx.foreach(ShellState.console, lambda item: _entry(item, current)),
        rx.cond(ShellState.store.length() > 0, rx.el.p("Store", class_name="group")),
        rx.foreach(ShellState.store, lambda item: _entry(item, current)),
        class_name="side__places",
        custom_attrs={"aria-label": label},
    )


def _entry(item: rx.Var[NavItem], current: str) -> rx.Component:
    return rx.fragment(
        rx.cond(item.heading != "", rx.el.p(item.heading, class_name="group")),
        _link(item, current, class_name="nav"),
    )


def _link(
    item: rx.Var[NavItem], current: str, *, class_name: str = "", bare: bool = False
) -> rx.Component:
    lead = [] if bare else [icon(item.icon)]
    return rx.el.a(
        *lead,
        rx.el.span(item.title),
        href=item.path,
        class_name=class_name,
        title=item.title,
        custom_attrs={"aria-current": rx.cond(item.path == current, "page", "false")},
    )
