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
from nexnum_console.ui.shell.navigation import LISTED, STORE, Place
from nexnum_console.ui.shell.page_state import PageState
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
            rx.el.nav(
                *(_nav_link(place, current) for place in STORE),
                class_name="wide-only",
                custom_attrs={"aria-label": "Main"},
            ),
            account,
            class_name="top",
        ),
        _main(state, store_notice(), *body, undo=undo),
        rx.el.nav(
            *(_nav_link(place, current, with_icon=True) for place in STORE),
            rx.el.a(icon("wallet"), "Wallet", href="/store#wallet"),
            class_name="tabbar",
            custom_attrs={"aria-label": "Main, phone"},
        ),
        class_name="store",
    )


def console_layout(
    state: type[PageState],
    current: str,
    title: str,
    *body: rx.Component,
    account: rx.Component,
    undo: Any = None,
) -> rx.Component:
    """Sidebar, top bar with the way here, content. ``undo`` is the event of a notice's action."""
    crumbs = rx.el.nav(
        rx.el.span("Console"),
        rx.el.span("/", custom_attrs={"aria-hidden": "true"}),
        rx.el.span(title, custom_attrs={"aria-current": "page"}),
        class_name="crumbs",
        custom_attrs={"aria-label": "Where you are"},
    )
    return rx.el.div(
        _skip(),
        rx.el.aside(
            brand("Console"),
            rx.el.nav(
                *(_nav_link(place, current, with_icon=True, class_name="nav") for place in LISTED),
                rx.el.p("Shop", class_name="group"),
                *(_nav_link(place, current, with_icon=True, class_name="nav") for place in STORE),
                class_name="stack stack--tight",
                custom_attrs={"aria-label": "Console"},
            ),
            class_name="side",
        ),
        rx.el.div(rx.el.header(crumbs, account, class_name="top"), _main(state, *body, undo=undo)),
        rx.el.nav(
            *(_nav_link(place, current, with_icon=True) for place in (*LISTED, *STORE)),
            class_name="tabbar",
            custom_attrs={"aria-label": "Console, phone"},
        ),
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
        class_name="account end",
    )


def connection_banner() -> rx.Component:
    """Shown while the server cannot be reached; it goes away by itself."""
    return rx.cond(
        has_connection_errors,
        rx.el.div(
            rx.el.span(class_name="spin"),
            "The connection is lost. Trying again; nothing you bought is affected.",
            class_name="offline",
            role="alert",
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
        notice(state.notice, state.dismiss_notice, undo),
        *body,
        id="main",
        class_name="main",
    )


def _skip() -> rx.Component:
    return rx.el.a("Skip to content", href="#main", class_name="skip")


def _nav_link(
    place: Place, current: str, *, with_icon: bool = False, class_name: str = ""
) -> rx.Component:
    here = {"aria-current": "page"} if place.path == current else {}
    lead = [icon(place.icon)] if with_icon else []
    return rx.el.a(
        *lead, rx.el.span(place.title), href=place.path, class_name=class_name, custom_attrs=here
    )
