"""Rails of favourites and of what was bought last."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.habits import Habit
from nexnum_console.ui.components.field import switch_field
from nexnum_console.ui.components.icon import flag, icon, tile
from nexnum_console.ui.store.buy.state import StoreState


def quick_switch() -> rx.Component:
    """Favourites buy with one click, or lead to their offers."""
    return switch_field("Quick buy", StoreState.quick, StoreState.toggle_quick)


def habits() -> rx.Component:
    """Nothing for who has bought nothing yet."""
    return rx.cond(
        (StoreState.favourites.length() > 0) | (StoreState.recent.length() > 0),
        rx.el.nav(
            rx.cond(StoreState.favourites.length() > 0, rx.el.span("Favourites")),
            rx.foreach(StoreState.favourites, _favourite),
            rx.cond(StoreState.recent.length() > 0, rx.el.span("Recent")),
            rx.foreach(StoreState.recent, _link),
            class_name="rail",
            custom_attrs={"aria-label": "Favourites and recent"},
        ),
    )


def _favourite(habit: rx.Var[Habit]) -> rx.Component:
    return rx.cond(StoreState.quick, _one_click(habit), _link(habit))


def _one_click(habit: rx.Var[Habit]) -> rx.Component:
    busy = StoreState.quick_buying == habit.service + " " + habit.country
    limit = rx.cond(habit.why_not != "", habit.why_not, "up to " + habit.cap)
    return rx.el.button(
        rx.cond(busy, rx.el.span(class_name="spin"), icon("bolt")),
        habit.service_name,
        flag(habit.flag),
        rx.el.span(limit, class_name="low num"),
        type="button",
        disabled=(StoreState.quick_buying != "") | (habit.why_not != ""),
        on_click=StoreState.quick_buy(StoreState.quick_key, habit.service, habit.country),
        custom_attrs={
            "aria-label": "Buy "
            + habit.service_name
            + " in "
            + habit.country_name
            + " for "
            + limit
        },
    )


def _link(habit: rx.Var[Habit]) -> rx.Component:
    return rx.el.a(
        tile(habit.initials, habit.tile, "tile--sm"),
        habit.service_name,
        flag(habit.flag),
        href=habit.href,
        custom_attrs={"aria-label": habit.service_name + " in " + habit.country_name},
    )
