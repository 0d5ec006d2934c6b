"""The frame of pages for everybody: bar, content, footer."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.icon import brand

_LINKS = (("Features", "/#features"), ("Prices", "/pricing"), ("Questions", "/#questions"))


def public_frame(*body: rx.Component, class_name: str) -> rx.Component:
    """A public page."""
    return rx.el.div(
        rx.el.a("Skip to content", href="#main", class_name="skip"),
        rx.el.div(class_name="glow"),
        rx.el.header(
            brand(),
            rx.el.nav(
                *(rx.el.a(title, href=href) for title, href in _LINKS),
                rx.el.a("API", href="/api/docs", reload_document=True),
                class_name="wide-only",
                custom_attrs={"aria-label": "Main"},
            ),
            rx.el.div(
                rx.el.a("Log in", href="/login", class_name="btn btn--ghost"),
                rx.el.a("Create account", href="/register", class_name="btn btn--secondary"),
                class_name="account end",
            ),
            class_name="top",
        ),
        rx.el.main(*body, id="main", class_name="main"),
        _foot(),
        class_name=class_name,
    )


def _foot() -> rx.Component:
    groups = (
        ("Product", (*_LINKS, ("Log in", "/login"), ("Create account", "/register"))),
        ("Developers", (("API reference", "/api/docs"), ("Health", "/api/health"))),
    )
    return rx.el.footer(
        rx.el.div(
            brand(),
            rx.el.p(
                "Temporary numbers for verification. Use them lawfully and within the rules of"
                " each service."
            ),
        ),
        *(
            rx.el.nav(
                rx.el.h2(title),
                *(
                    rx.el.a(name, href=href, reload_document=href.startswith("/api/"))
                    for name, href in links
                ),
                custom_attrs={"aria-label": title},
            )
            for title, links in groups
        ),
        class_name="foot",
    )
