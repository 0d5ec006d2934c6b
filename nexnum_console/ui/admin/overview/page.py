"""The console's first page."""

from __future__ import annotations

from typing import Final

import reflex as rx

from nexnum_console.reports.overview_delivery import TARGET, CountryLine
from nexnum_console.reports.overview_feed import EventLine
from nexnum_console.reports.overview_span import RANGES
from nexnum_console.reports.overview_work import QueueLine
from nexnum_console.ui.admin.overview.providers import providers
from nexnum_console.ui.admin.overview.state import OverviewState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.figures import area_chart, bars, kpi_card
from nexnum_console.ui.components.icon import flag, icon
from nexnum_console.ui.components.states import chip, empty, loading
from nexnum_console.ui.components.tabs import Tab, segments
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH: Final = "/console"
_OPEN: Final = "/console/questions"
_DEAD: Final = "/console/outbox?state=dead"


def page() -> rx.Component:
    """Figures of a span, what happens now, who delivers, what waits, where it sells."""
    return console_layout(
        OverviewState,
        PATH,
        "Overview",
        _head(),
        rx.el.dl(rx.foreach(OverviewState.kpis, kpi_card), class_name="kpis"),
        rx.el.div(
            rx.el.div(_earnings(), class_name="span8"),
            rx.el.div(_activity(), class_name="span4 board__tall"),
            rx.el.div(_waits(), class_name="span8"),
            rx.el.div(_deliver(), class_name="span6"),
            rx.el.div(_work(), class_name="span6"),
            rx.el.div(providers(), class_name="span12"),
            rx.el.div(_countries(), class_name="span12"),
            class_name="board",
        ),
        account=account_bar(OverviewState.email),
    )


def _head() -> rx.Component:
    def href(key: str) -> rx.Var[str]:
        alone = f"{PATH}?range={key}&compare=off"
        return rx.cond(OverviewState.compare, f"{PATH}?range={key}", alone)

    spans = [Tab(one.key, one.title, href(one.key)) for one in RANGES.values()]
    other = rx.cond(OverviewState.compare, "&compare=off", "")
    return rx.el.div(
        rx.el.h1("Overview", class_name="grow"),
        rx.el.span(
            rx.el.span(class_name="dot dot--live"),
            rx.el.span("Live · UTC · read ", ago(OverviewState.server_ms)),
            class_name="row small mid",
        ),
        rx.el.a(
            rx.cond(OverviewState.compare, icon("check"), icon("plus")),
            "Compare",
            href=f"{PATH}?range=" + OverviewState.span + other,
            class_name="btn btn--ghost btn--sm",
            title="With the span before",
            custom_attrs={"data-compare": rx.cond(OverviewState.compare, "on", "off")},
        ),
        segments(spans, OverviewState.span, "Span of time"),
        class_name="head",
    )


def _when_loaded(there: rx.Var[bool], shown: rx.Component, nothing: rx.Component):
    return rx.cond(there, shown, rx.cond(OverviewState.loaded, nothing, loading()))


def _earnings() -> rx.Component:
    none = empty(
        "activity", "Nothing earned in this span", "Revenue and margin appear with the first sale."
    )
    chart = rx.el.div(area_chart(OverviewState.earnings), class_name="card__body")
    return card(
        "Are we earning more than before?",
        _when_loaded(OverviewState.earnings.lines.length() > 0, chart, none),
    )


def _waits() -> rx.Component:
    none = empty("clock", "No code in this span", "The time from number to code appears here.")
    chart = rx.el.div(area_chart(OverviewState.waits), class_name="card__body")
    return card(
        "How long does a code take?",
        _when_loaded(OverviewState.waits.lines.length() > 0, chart, none),
    )


def _deliver() -> rx.Component:
    none = empty("bolt", "Nobody to judge yet", "Numbers need a code, or the time to get one.")
    target = f"Target {TARGET} % · sample size after each rate"
    shown = rx.el.div(bars(OverviewState.deliver, target), class_name="card__body")
    return card("Who delivers?", _when_loaded(OverviewState.deliver.length() > 0, shown, none))


def _activity() -> rx.Component:
    paused = OverviewState.feed_paused
    state = rx.cond(
        paused,
        chip("warn", "clock", "Paused"),
        rx.el.span(
            rx.el.span(class_name="dot dot--sm dot--live"), "Live", class_name="chip chip--live"
        ),
    )
    pause = button(
        rx.cond(paused, "Go on", "Pause"),
        kind="ghost",
        size="sm",
        on_click=OverviewState.pause_feed,
    )
    none = empty("clock", "Nothing has happened yet", "Orders, codes and refunds appear here.")
    lines = rx.el.ul(rx.foreach(OverviewState.events, _event), class_name="lines lines--feed")
    return card(
        "Activity",
        _when_loaded(OverviewState.events.length() > 0, lines, none),
        side=[state, pause],
    )


def _event(line: rx.Var[EventLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(line.icon), class_name=line.tone),
        rx.cond(
            line.href != "",
            rx.el.a(line.title, href=line.href, class_name="quiet cut"),
            rx.el.span(line.title, class_name="cut"),
        ),
        ago(line.at_ms),
        rx.el.small(line.detail, class_name="cut"),
        key=line.key,
    )


def _work() -> rx.Component:
    work = OverviewState.work
    queues = rx.cond(
        work.silent,
        rx.el.p(icon("alert"), "Redis does not answer; queues are not known.", class_name="fault"),
        rx.el.ul(rx.foreach(work.queues, _queue), class_name="queuelist"),
    )
    facts = (
        (
            _link("Held until the carrier confirms", f"{_OPEN}?kind=unknown"),
            work.held,
            work.held_tone,
        ),
        ("Status checks later than 15 s", work.overdue, work.overdue_tone),
        (_link("Orphans to settle", f"{_OPEN}?kind=orphan"), work.orphans, work.orphans_tone),
        ("Failed jobs to look at", work.failed, work.failed_tone),
        ("Open alerts", work.alerts, work.alerts_tone),
        (_link("Dead letters in the outbox", _DEAD), work.dead, work.dead_tone),
    )
    ledger = rx.el.div(
        rx.el.dt("Ledger sums to zero"),
        rx.el.dd(
            chip(work.ledger.tone, work.ledger.icon, work.ledger.word, title=work.ledger.detail)
        ),
        custom_attrs={"data-fact": "ledger"},
    )
    rows = [
        rx.el.div(rx.el.dt(label), rx.el.dd(value, class_name="num " + tone))
        for label, value, tone in facts
    ]
    body = rx.el.div(
        queues, rx.el.dl(*rows, ledger, class_name="factlist"), class_name="card__body stack"
    )
    return card("Queues and workers", rx.cond(OverviewState.loaded, body, loading()), id="health")


def _link(label: str, href: str) -> rx.Component:
    return rx.el.a(label, href=href, class_name="quiet")


def _queue(row: rx.Var[QueueLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.b(row.title), rx.el.span(" · ", row.workers, class_name="low"), class_name="grow"
        ),
        rx.el.span(row.oldest, class_name="low num nowrap"),
        rx.el.b(row.waiting, class_name="num " + row.tone),
        custom_attrs={"data-queue": row.name},
    )


def _countries() -> rx.Component:
    heads = [rx.el.th("Country", scope="col")] + [
        rx.el.th(title, scope="col", class_name="r")
        for title in ("Live", "Sold", "Success", "Stock")
    ]
    table = rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(rx.foreach(OverviewState.countries, _country)),
            class_name="table",
        ),
        class_name="tablewrap",
        tab_index=0,
    )
    none = empty("activity", "Nothing sold in this span", "The countries that sell appear here.")
    return card(
        "Top countries",
        _when_loaded(OverviewState.countries.length() > 0, table, none),
        side=[rx.el.span(OverviewState.covered, class_name="chip")],
    )


def _country(row: rx.Var[CountryLine]) -> rx.Component:
    cells = (
        ("Live", row.live, ""),
        ("Sold", row.sold, " hi"),
        ("Stock", row.stock, ""),
    )
    live, sold, stock = (
        rx.el.td(value, class_name="r num" + tone, custom_attrs={"data-label": title})
        for title, value, tone in cells
    )
    success = rx.el.td(
        rx.el.span(
            rx.el.span(row.success, class_name=row.tone), rx.el.span(row.sample, class_name="sub")
        ),
        class_name="r num",
        custom_attrs={"data-label": "Success"},
    )
    return rx.el.tr(
        rx.el.th(
            rx.el.a(flag(row.flag), row.name, href=row.href, class_name="row quiet"), scope="row"
        ),
        live,
        sold,
        success,
        stock,
        custom_attrs={"data-country": row.iso2},
    )
