"""Figures and charts, drawn as SVG from what ``reports.figures`` prepared.

Paths stretch with their box and strokes do not; labels, marks and tooltips are text placed by per
cent, so they stay sharp. Every chart has its numbers as a table below it.
"""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.figures import (
    AreaChart,
    BarRow,
    Column,
    Kpi,
    Line,
    Reading,
    Spark,
    Tick,
)
from nexnum_console.ui.components.icon import icon


def kpi_card(figure: rx.Var[Kpi]) -> rx.Component:
    """A figure with its move and course; stands in a ``rx.el.dl(class_name="kpis")``.

    The whole card leads to ``href`` when there is one.
    """
    moved = rx.cond(
        figure.delta != "",
        rx.el.span(
            rx.cond(figure.delta_icon != "", icon(figure.delta_icon, "icon--sm")),
            rx.cond(
                figure.delta_icon != "",
                rx.el.span(
                    rx.cond(figure.delta_icon == "trend-up", "up ", "down "), class_name="sr"
                ),
            ),
            figure.delta,
            class_name="kpi__delta " + figure.tone,
        ),
    )
    value = rx.fragment(figure.value, rx.cond(figure.unit != "", rx.el.small(figure.unit)))
    return rx.el.div(
        rx.el.dt(
            rx.cond(figure.live, rx.el.span(class_name="dot dot--live")),
            rx.el.span(figure.label, class_name="cut"),
        ),
        rx.el.dd(
            rx.cond(
                figure.href != "",
                rx.el.a(value, href=figure.href, class_name="kpi__link"),
                value,
            ),
            class_name="kpi__value",
            custom_attrs={"data-kpi": figure.key},
        ),
        rx.el.dd(
            moved,
            rx.cond((figure.delta != "") & (figure.note != ""), rx.el.span("·")),
            rx.el.span(figure.note, class_name="cut"),
            class_name="kpi__note",
        ),
        rx.cond(
            figure.line != "",
            rx.el.dd(_spark(figure.line, figure.area, figure.colour), class_name="kpi__spark"),
        ),
        class_name="card kpi",
    )


def sparkline(drawn: rx.Var[Spark], colour: str = "3") -> rx.Component:
    """A small course without axes; decoration beside the figure that says it in words."""
    return _spark(drawn.line, drawn.area, colour)


def area_chart(chart: rx.Var[AreaChart], *, quiet: rx.Component | None = None) -> rx.Component:
    """A chart with grid, axes, a tooltip for each moment and its numbers as a table.

    ``quiet`` stands in its place while there is nothing to draw.
    """
    nothing = quiet or rx.el.p("Nothing to draw in this span yet.", class_name="chart__none")
    return rx.cond(
        chart.lines.length() > 0,
        rx.el.figure(
            _legend(chart),
            rx.el.div(
                rx.foreach(chart.rows, _row),
                rx.el.div(
                    _drawing(chart.lines, _ground, "chart__grounds"),
                    _drawing(chart.lines, _stroke, "chart__strokes"),
                    rx.foreach(chart.columns, _column),
                    class_name="chart__box",
                ),
                class_name="chart__plot",
                custom_attrs={"aria-hidden": "true"},
            ),
            rx.el.div(
                rx.foreach(chart.labels, _label),
                class_name="chart__labels",
                custom_attrs={"aria-hidden": "true"},
            ),
            _table(chart),
            class_name="chart",
        ),
        nothing,
    )


def bars(rows: rx.Var[list[BarRow]], target: str | rx.Var[str] = "") -> rx.Component:
    """Shares as bars with their sample; ``target`` explains the mark below them."""
    key = rx.el.p(
        rx.el.i(class_name="bars__key", custom_attrs={"aria-hidden": "true"}),
        target,
        class_name="caption row",
    )
    legend = rx.cond(target != "", key) if isinstance(target, rx.Var) else key if target else None
    return rx.el.div(
        rx.el.ul(rx.foreach(rows, _bar), class_name="bars"),
        *([legend] if legend is not None else []),
        class_name="stack stack--tight",
    )


def _spark(line: rx.Var[str], area: rx.Var[str], colour: rx.Var[str] | str) -> rx.Component:
    return rx.el.svg(
        rx.el.path(d=area, class_name="ground"),
        rx.el.path(d=line, class_name="stroke"),
        view_box="0 0 100 28",
        preserve_aspect_ratio="none",
        class_name="spark ink--" + colour,
        custom_attrs={"aria-hidden": "true"},
    )


def _legend(chart: rx.Var[AreaChart]) -> rx.Component:
    return rx.el.ul(
        rx.foreach(
            chart.lines,
            lambda line: rx.el.li(
                rx.el.i(class_name="ink--" + line.kind, custom_attrs={"aria-hidden": "true"}),
                line.name,
            ),
        ),
        class_name="chart__legend",
    )


def _drawing(lines: rx.Var[list[Line]], draw, class_name: str) -> rx.Component:
    return rx.el.svg(
        rx.foreach(lines, draw),
        view_box="0 0 1000 300",
        preserve_aspect_ratio="none",
        class_name=class_name,
    )


def _ground(line: rx.Var[Line]) -> rx.Component:
    return rx.el.path(d=line.area, class_name="ground ink--" + line.kind)


def _stroke(line: rx.Var[Line]) -> rx.Component:
    return rx.el.g(
        rx.el.path(d=line.line, class_name="stroke ink--" + line.kind),
        rx.el.path(d=line.dots, class_name="stroke dots ink--" + line.kind),
    )


def _row(tick: rx.Var[Tick]) -> rx.Component:
    return rx.el.span(rx.el.span(tick.label), class_name="chart__row", style={"top": tick.at})


def _label(tick: rx.Var[Tick]) -> rx.Component:
    return rx.el.span(tick.label, style={"left": tick.at})


def _column(column: rx.Var[Column]) -> rx.Component:
    return rx.el.div(
        rx.el.i(class_name="chart__rule"),
        rx.foreach(
            column.readings,
            lambda one: rx.cond(
                one.top != "",
                rx.el.i(class_name="chart__mark ink--" + one.kind, style={"top": one.top}),
            ),
        ),
        rx.el.div(
            rx.el.b(column.label),
            rx.foreach(column.readings, _reading),
            class_name="chart__tip chart__tip--" + column.edge,
        ),
        class_name="chart__col",
        style={"left": column.left, "width": column.width},
    )


def _reading(one: rx.Var[Reading]) -> rx.Component:
    return rx.el.span(rx.el.span(one.name), rx.el.span(one.shown, class_name="num"))


def _table(chart: rx.Var[AreaChart]) -> rx.Component:
    heads = rx.foreach(chart.lines, lambda line: rx.el.th(line.name, scope="col", class_name="r"))
    return rx.el.details(
        rx.el.summary("View data"),
        rx.el.div(
            rx.el.table(
                rx.el.caption(chart.title, class_name="sr"),
                rx.el.thead(rx.el.tr(rx.el.th("When", scope="col"), heads)),
                rx.el.tbody(rx.foreach(chart.columns, _table_row)),
                class_name="table table--compact table--plain",
            ),
            class_name="tablewrap chart__data",
            tab_index=0,
        ),
    )


def _table_row(column: rx.Var[Column]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(column.label, scope="row"),
        rx.foreach(column.readings, lambda one: rx.el.td(one.shown, class_name="r")),
    )


def _bar(row: rx.Var[BarRow]) -> rx.Component:
    name = rx.cond(row.href != "", rx.el.a(row.label, href=row.href), row.label)
    return rx.el.li(
        rx.el.span(name, class_name="cut"),
        rx.el.span(
            rx.el.span(
                rx.el.i(style={"width": row.percent.to_string() + "%"}),
                class_name="bar bar--" + row.tone,
            ),
            rx.cond(
                row.target > 0,
                rx.el.i(class_name="bars__mark", style={"left": row.target.to_string() + "%"}),
            ),
            class_name="bars__track",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.span(
            rx.el.b(row.value, class_name=row.tone),
            rx.cond(row.note != "", rx.el.span(" · ", row.note, class_name="low")),
            class_name="num nowrap",
        ),
    )
