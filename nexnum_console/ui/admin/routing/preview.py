"""What the simulator says of the weights that were tried, and the way to save them."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.routing_preview import Figure, LaneLine, ShareLine
from nexnum_console.ui.admin.routing.state import RoutingState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.field import text_field
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import empty


def preview_card() -> rx.Component:
    """Empty until weights are tried."""
    return card(
        "What it would have changed",
        rx.cond(
            RoutingState.verdict.title != "",
            rx.el.div(
                _verdict(),
                _changes(),
                rx.cond(RoutingState.figures.length() > 0, _estimate()),
                _save(),
                class_name="card__body stack",
                custom_attrs={"data-testid": "preview"},
            ),
            empty(
                "activity",
                "Not tried yet",
                "Change a weight and try it on past orders: who would have been asked first, and"
                " what it would have earned.",
            ),
        ),
    )


def _verdict() -> rx.Component:
    verdict = RoutingState.verdict
    return rx.el.div(
        icon(verdict.icon),
        rx.el.div(rx.el.b(verdict.title), rx.el.p(verdict.text), class_name="grow"),
        class_name="notice notice--" + verdict.kind,
        role="status",
        custom_attrs={"data-testid": "verdict"},
    )


def _changes() -> rx.Component:
    return rx.fragment(
        rx.cond(
            RoutingState.changes.length() > 0,
            rx.el.ul(
                rx.foreach(RoutingState.changes, rx.el.li),
                class_name="routing__changes",
                custom_attrs={"aria-label": "Changes"},
            ),
            rx.el.p("These are the weights that hold.", class_name="mid small"),
        ),
        rx.foreach(RoutingState.notes, lambda note: rx.el.p(note, class_name="mid small")),
    )


def _estimate() -> rx.Component:
    return rx.fragment(
        rx.el.ul(
            rx.foreach(RoutingState.figures, _figure),
            class_name="moves",
            custom_attrs={"aria-label": "An order"},
        ),
        rx.el.div(
            rx.el.h3("Share of orders led"),
            rx.el.p(
                rx.el.i(class_name="shares__key"),
                "as it was",
                rx.el.i(class_name="shares__key shares__key--would"),
                "as it would be",
                class_name="row caption",
            ),
            class_name="row wrap routing__legend",
        ),
        rx.el.ul(
            rx.foreach(RoutingState.shares, _share),
            class_name="shares",
            custom_attrs={"data-testid": "shares"},
        ),
        rx.el.h3("Asked first most often"),
        rx.el.ul(
            rx.foreach(RoutingState.lanes, _lane),
            class_name="moves",
            custom_attrs={"data-testid": "lanes"},
        ),
    )


def _figure(line: rx.Var[Figure]) -> rx.Component:
    return _move(line.label, line.between, line.was, rx.el.b(line.would))


def _move(
    title: rx.Var[str], below: rx.Var[str] | rx.Component, was: rx.Var[str], would: rx.Component
) -> rx.Component:
    return rx.el.li(
        rx.el.span(title, rx.el.span(below, class_name="caption")),
        rx.el.span(was, " → ", would, class_name="num"),
    )


def _share(line: rx.Var[ShareLine]) -> rx.Component:
    return rx.el.li(
        rx.el.b(line.provider, class_name="cut"),
        rx.el.span(
            rx.el.span(
                rx.el.i(style={"width": line.was_width.to_string() + "%"}),
                class_name="bar shares__was",
            ),
            rx.el.span(
                rx.el.i(style={"width": line.would_width.to_string() + "%"}), class_name="bar"
            ),
            class_name="shares__bars",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.span(line.was, " → ", line.would, class_name="num"),
        rx.el.span(line.change, class_name="num small " + line.tone),
    )


def _lane(line: rx.Var[LaneLine]) -> rx.Component:
    orders = rx.fragment(line.orders, " orders")
    would = rx.cond(line.differs, rx.el.b(line.would), rx.el.span(line.would))
    return _move(line.what, orders, line.was, would)


def _save() -> rx.Component:
    return rx.el.form(
        rx.cond(
            RoutingState.changes.length() > 0,
            text_field(
                "Why", "why", max_length=240, help_text="Kept in the audit log with the change."
            ),
        ),
        rx.el.div(
            button("Discard", kind="ghost", on_click=RoutingState.drop_preview),
            rx.cond(
                RoutingState.changes.length() > 0,
                button("Save this policy", kind="primary", symbol="check", type="submit"),
            ),
            class_name="row wrap",
        ),
        on_submit=lambda data: RoutingState.save_policy(data.to(dict[str, str])["why"]),
        class_name="stack",
        custom_attrs={"aria-label": "Save the policy"},
    )
