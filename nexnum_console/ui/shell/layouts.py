"""The frames pages stand in: store, console, doors, front page; and what every page wears."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.vars.function import ArgsFunctionOperation
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_connection_errors

from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.clock import server_clock
from nexnum_console.ui.components.field import plain_form
from nexnum_console.ui.components.icon import brand, icon
from nexnum_console.ui.components.states import notice
from nexnum_console.ui.shell import menus
from nexnum_console.ui.shell.page_state import PageState
from nexnum_console.ui.shell.palette import palette, palette_notice
from nexnum_console.ui.shell.store_notice import store_notice


def store_layout(
    state: type[PageState],
    current: str,
    *body: rx.Component,
    account: rx.Component,
    undo: Any = None,
) -> rx.Component:
    """Top bar, content, and a tab bar on phones. ``undo`` is the event of a notice's action."""
    return rx.el.div(
        _skip(),
        rx.el.header(
            brand(),
            menus.store_links(current),
            rx.el.div(menus.search_button(), account, class_name="account end"),
            class_name="top",
        ),
        _main(state, store_notice(), *body, undo=undo),
        menus.store_tabs(current),
        palette(),
        class_name="store",
    )


def console_layout(
    state: type[PageState],
    current: str,
    title: str | rx.Var[str],
    *body: rx.Component,
    account: rx.Component,
    undo: Any = None,
) -> rx.Component:
    """Sidebar, top bar with the way here, content. ``undo`` is the event of a notice's action.

    ``current`` is the path of the place in the registry, also for pages below it; their own
    ``title`` is the last step of the way here.
    """
    return rx.el.div(
        _skip(),
        menus.sidebar(current),
        rx.el.div(
            rx.el.header(
                menus.crumbs(current, title),
                rx.el.div(
                    menus.search_button(), menus.health_chip(), account, class_name="account end"
                ),
                class_name="top",
            ),
            _main(state, *body, undo=undo),
        ),
        menus.console_tabs(current),
        menus.drawer_of_places(current),
        palette(),
        class_name="console",
    )


def door_layout(title: str, *body: rx.Component) -> rx.Component:
    """A single card in the middle: log in, register, first admin."""
    return rx.el.main(
        rx.el.div(
            brand(),
            rx.el.div(rx.el.h1(title), *body, class_name="card door__card"),
            class_name="door__out",
        ),
        id="main",
        class_name="door",
    )


def account_bar(email: rx.Var[str], *before: rx.Component) -> rx.Component:
    """Who is signed in, and the way out."""
    return rx.el.div(
        *before,
        rx.el.span(
            email[:2],
            class_name="avatar wide-only",
            role="img",
            title=email,
            custom_attrs={"aria-label": "Signed in as " + email},
        ),
        plain_form(
            button(
                icon("logout"),
                rx.el.span("Log out", class_name="wide-only"),
                kind="ghost",
                size="sm",
                type="submit",
                custom_attrs={"aria-label": "Log out"},
            ),
            action="/session/logout",
        ),
        class_name="account",
    )


def connection_banner() -> rx.Component:
    """Shown while the server cannot be reached; ``assets/connection.js`` does the rest.

    While it stands, buttons do nothing: Reflex would keep their events and send them later.
    """
    return rx.fragment(
        rx.cond(
            has_connection_errors,
            rx.el.div(
                rx.el.span(class_name="spin"),
                "Connection lost, trying again. What you typed is kept; buying is off until then.",
                class_name="offline",
                role="alert",
                custom_attrs={"data-offline-banner": ""},
            ),
        ),
        rx.el.div(
            icon("check"),
            "Connected again. Nothing was missed.",
            class_name="offline offline--over",
            role="status",
        ),
    )


def error_boundary(*children: rx.Component) -> rx.Component:
    """What people see when a page breaks: no trace, and a way on."""
    shown = rx.el.div(
        rx.el.div(
            rx.el.h1("This page broke"),
            rx.el.p("Your money and numbers are safe: they live on the server."),
            rx.el.a(
                "Load the page again", href="", reload_document=True, class_name="btn btn--primary"
            ),
            class_name="card door__card",
        ),
        class_name="door",
    )
    fallback = ArgsFunctionOperation.create(
        ("event_args",), rx.Var.create(shown), _var_type=rx.Component
    )
    return ErrorBoundary.create(*children, fallback_render=fallback)


def _main(state: type[PageState], *body: rx.Component, undo: Any = None) -> rx.Component:
    return rx.el.main(
        server_clock(state.server_ms),
        rx.el.div(
            notice(state.notice, state.dismiss_notice, undo), palette_notice(), class_name="toasts"
        ),
        *body,
        id="main",
        class_name="main",
    )


def _skip() -> rx.Component:
    return rx.el.a("Skip to content", href="#main", class_name="skip")
