"""Composition root: pages, gate, API and push, on one port."""

from __future__ import annotations

import reflex as rx

from nexnum_console.api import site_files
from nexnum_console.api.app import create_api
from nexnum_console.api.deps import cookie_name
from nexnum_console.ui import site
from nexnum_console.ui.shell import layouts, serving
from nexnum_console.ui.theme import STYLESHEETS

app = rx.App(
    stylesheets=STYLESHEETS,
    reset_style=False,
    toaster=None,
    html_lang="en",
    head_components=[
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.meta(name="color-scheme", content="dark"),
        rx.el.script(src="/live.js", defer=True),
        rx.el.script(src="/layers.js", defer=True),
        rx.el.script(src="/palette.js", defer=True),
        rx.el.script(src="/connection.js", defer=True),
        rx.el.script(src="/lists.js", defer=True),
        rx.el.script(src="/arrivals.js", defer=True),
        rx.el.script(src="/lab.js", defer=True),
    ],
    app_wraps={
        (55, "ErrorBoundary"): lambda stateful: layouts.error_boundary(),
        (5, "Overlay"): lambda stateful: layouts.connection_banner() if stateful else None,
    },
    api_transformer=serving.one_port(create_api, cookie_name, site_files.INDEXED),
    backend_exception_handler=serving.report_failure,
    frontend_exception_handler=serving.report_browser_failure,
)

site.add_pages(app)
serving.guard(app, cookie_name)
app.register_lifespan_task(serving.push_hub)
