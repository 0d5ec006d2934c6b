"""Cells of the data table, one way of showing for each kind of column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import reflex as rx

from nexnum_console.reports.listing import Column
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.clock import ago, countdown
from nexnum_console.ui.components.icon import flag, icon, tile
from nexnum_console.ui.components.states import chip

Value = rx.Var[dict[str, Any]]


def cell(column: Column, value: Value, href: rx.Var[str] | None) -> rx.Component:
    """One cell; the first of a row heads it and leads to its record by ``href``."""
    body = _BODIES[column.kind](value)
    side = " ".join(["r"] * column.right + ["nophone"] * column.wide)
    if href is not None:
        body = rx.cond(href != "", rx.el.a(body, href=href, class_name="record"), body)
        return rx.el.th(body, scope="row", class_name=side)
    return rx.el.td(body, class_name=side, custom_attrs={"data-label": column.title})


def moment(ms: rx.Var[int]) -> rx.Component:
    """``14:04:51`` today, ``23 Nov 14:04`` before; the whole moment in its title."""
    return rx.el.time(class_name="num nowrap", custom_attrs={"data-when": ms})


def _text(value: Value) -> rx.Component:
    return rx.el.span(
        rx.cond(value["flag"], flag(value["flag"].to(str))),
        rx.cond(value["icon"], icon(value["icon"].to(str))),
        rx.el.span(
            _linked(value),
            rx.cond(value["sub"], rx.el.span(value["sub"].to(str), class_name="sub")),
            class_name="cut",
        ),
        class_name="cell " + value["tone"].to(str),
    )


def _prose(value: Value) -> rx.Component:
    return rx.el.span(
        rx.el.span(value["text"].to(str), title=value["text"].to(str)),
        rx.cond(value["sub"], rx.el.span(value["sub"].to(str), class_name="sub")),
        class_name="prose " + value["tone"].to(str),
    )


def _linked(value: Value) -> rx.Component:
    text = value["text"].to(str)
    return rx.cond(
        value["href"],
        rx.el.a(text, href=value["href"].to(str), class_name="quiet"),
        rx.el.span(text),
    )


def _tile(value: Value) -> rx.Component:
    return rx.el.span(
        tile(value["letters"].to(str), value["tile"].to(int), "tile--sm"),
        rx.el.span(
            _linked(value),
            rx.cond(value["sub"], rx.el.span(value["sub"].to(str), class_name="sub")),
        ),
        class_name="cell",
    )


def _chip(value: Value) -> rx.Component:
    return chip(value["tone"].to(str), value["icon"].to(str), value["text"].to(str))


def _number(value: Value) -> rx.Component:
    return rx.el.span(
        rx.el.span(_linked(value), class_name="num " + value["tone"].to(str)),
        rx.cond(value["sub"], rx.el.span(value["sub"].to(str), class_name="sub")),
    )


def _time(value: Value) -> rx.Component:
    return rx.cond(value["ms"], moment(value["ms"].to(int)), rx.el.span("–", class_name="low"))


def _until(value: Value) -> rx.Component:
    return rx.cond(value["ms"], countdown(value["ms"].to(int)), rx.el.span("–", class_name="low"))


def _age(value: Value) -> rx.Component:
    return rx.cond(value["ms"], ago(value["ms"].to(int)), rx.el.span("–", class_name="low"))


def _copied(value: Value) -> rx.Component:
    text = value["text"].to(str)
    copy = button(
        icon("copy"),
        kind="ghost",
        size="sm icon",
        custom_attrs={"data-copy": text, "aria-label": "Copy " + text},
    )
    return rx.cond(
        text,
        rx.el.span(rx.el.span(text, class_name="mono"), copy, class_name="cell"),
        rx.el.span("–", class_name="low"),
    )


_BODIES: Final[dict[str, Callable[[Value], rx.Component]]] = {
    "text": _text,
    "prose": _prose,
    "tile": _tile,
    "chip": _chip,
    "number": _number,
    "time": _time,
    "until": _until,
    "age": _age,
    "phone": _copied,
    "code": _copied,
}
