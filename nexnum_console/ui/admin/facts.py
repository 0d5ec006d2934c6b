"""Parts of the page of one record: its facts, small tables, and that there is none."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.activation_story import Fact
from nexnum_console.ui.components.states import empty


def fact_strip(facts: rx.Var[list[Fact]]) -> rx.Component:
    """The few that one looks for first."""
    return rx.el.dl(rx.foreach(facts, _fact), class_name="card factstrip")


def fact_list(facts: rx.Var[list[Fact]]) -> rx.Component:
    """The rest, one under the other."""
    return rx.el.dl(rx.foreach(facts, _fact), class_name="card__body factlist")


def heads(*titles: str) -> rx.Component:
    """The head of a small table; ``>`` before a title puts it to the right."""
    return rx.el.thead(
        rx.el.tr(
            *(
                rx.el.th(
                    title.removeprefix(">"),
                    scope="col",
                    class_name="r" if title.startswith(">") else "",
                )
                for title in titles
            )
        )
    )


def labelled(label: str, value: rx.Component | rx.Var | str, class_name: str = "") -> rx.Component:
    """A cell that carries its column's title into the cards of a phone."""
    return rx.el.td(value, class_name=class_name, custom_attrs={"data-label": label})


def missing_record(kind: str, path: str, way: str) -> rx.Component:
    """There is no such record."""
    return empty(
        "search",
        f"No such {kind}",
        f"The address names a {kind} that does not exist.",
        rx.el.a(way, href=path, class_name="btn btn--secondary"),
    )


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    value = rx.cond(
        fact.href != "", rx.el.a(fact.value, href=fact.href, class_name="link"), fact.value
    )
    return rx.el.div(rx.el.dt(fact.label), rx.el.dd(value))
