"""Composition root: pages, gate, API and push, on one port."""

from __future__ import annotations

import reflex as rx

from nexnum_console.api.app import create_api
from nexnum_console.api.deps import cookie_name
from nexnum_console.ui.admin.overview import page as overview
from nexnum_console.ui.admin.overview.state import OverviewState
from nexnum_console.ui.public import pages as doors
from nexnum_console.ui.public.state import DoorState, FrontState
from nexnum_console.ui.shell import layouts, serving
from nexnum_console.ui.store.buy import page as store
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.theme import STYLESHEETS

DESCRIPTION = "Temporary phone numbers for verification, with a receipt for every cent."

app = rx.App(
    stylesheets=STYLESHEETS,
    reset_style=False,
    toaster=None,
    html_lang="en",
    head_components=[
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.meta(name="color-scheme", content="dark"),
        rx.el.script(src="/live.js", defer=True),
    ],
    app_wraps={
        (55, "ErrorBoundary"): lambda stateful: layouts.error_boundary(),
        (5, "Overlay"): lambda stateful: layouts.connection_banner() if stateful else None,
    },
    api_transformer=serving.one_port(create_api, cookie_name),
    backend_exception_handler=serving.report_failure,
    frontend_exception_handler=serving.report_browser_failure,
)

app.add_page(doors.front, "/", title="NexNum", description=DESCRIPTION, on_load=FrontState.load)
app.add_page(doors.login, "/login", title="Log in · NexNum", on_load=DoorState.load)
app.add_page(doors.register, "/register", title="Create account · NexNum", on_load=DoorState.load)
app.add_page(doors.welcome, "/welcome", title="First admin · NexNum", on_load=DoorState.load)
app.add_page(store.page, "/store", title="Buy a number · NexNum", on_load=StoreState.load)
app.add_page(
    overview.page, "/console", title="Overview · NexNum Console", on_load=OverviewState.load
)
serving.guard(app, cookie_name)
app.register_lifespan_task(serving.push_hub)
