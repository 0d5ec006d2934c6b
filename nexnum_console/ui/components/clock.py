"""Moments that tick in the browser by the server's clock; ``assets/live.js`` writes them."""

from __future__ import annotations

import reflex as rx

CIRCUMFERENCE_RADIUS = "60"


def ago(moment_ms: rx.Var[int]) -> rx.Component:
    """``12 s ago``."""
    return rx.el.time(class_name="num nowrap", custom_attrs={"data-ago": moment_ms})


def time_of(moment_ms: rx.Var[int]) -> rx.Component:
    """``14:04:51`` in the reader's zone."""
    return rx.el.time(class_name="num nowrap", custom_attrs={"data-at": moment_ms})


def countdown(moment_ms: rx.Var[int]) -> rx.Component:
    """``4:03`` until the moment, then ``0:00``."""
    return rx.el.span(class_name="num", custom_attrs={"data-until": moment_ms})


def ring(
    start_ms: rx.Var[int], end_ms: rx.Var[int], caption: str | rx.Var[str], class_name="ring"
) -> rx.Component:
    """A ring that empties from ``start`` to ``end`` around the time left."""
    circle = {"cx": "66", "cy": "66", "r": CIRCUMFERENCE_RADIUS}
    return rx.el.span(
        rx.el.svg(
            rx.el.circle(class_name="track", **circle),
            rx.el.circle(class_name="left", **circle),
            width="132",
            height="132",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.span(
            rx.el.b(custom_attrs={"data-until": end_ms}),
            rx.el.small(caption),
        ),
        class_name=class_name,
        role="timer",
        custom_attrs={"data-ring-from": start_ms, "data-ring-until": end_ms},
    )


def server_clock(server_ms: rx.Var[int]) -> rx.Component:
    """Tells the page the server's time; once on each page."""
    return rx.el.span(hidden=True, custom_attrs={"data-server-ms": server_ms})
