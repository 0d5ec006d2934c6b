"""Health of a provider: success, latency, errors by kind, balance."""

from __future__ import annotations

from typing import NamedTuple

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.reports import lab_health, lab_page
from nexnum_console.reports.inbound import InboundLine, inbound_deliveries
from nexnum_console.reports.lab_health import Health
from nexnum_console.reports.lab_page import LabHead
from nexnum_console.reports.provider_detail import Fact
from nexnum_console.reports.provider_gate import GateCard, gate_cards
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.lab.frame import PROVIDERS, lab_frame
from nexnum_console.ui.admin.lab.versions_state import name_in
from nexnum_console.ui.admin.providers.breaker import breaker_card, breaker_question
from nexnum_console.ui.admin.providers.breaker_state import BreakerPart
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.figures import bars, sparkline
from nexnum_console.ui.components.states import chip
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read

PATH = f"{PROVIDERS}/[provider_name]/lab/health"


class _Looked(NamedTuple):
    """What one reading of the page brings."""

    head: LabHead = LabHead()
    shown: Health = Health()
    gates: list[GateCard] = []
    pushed: list[InboundLine] = []


class HealthState(BreakerPart, PageState, rx.State):
    """How the provider does, and whether calls go out to it."""

    email: str = ""
    may_manage: bool = False
    head: LabHead = LabHead()
    shown: Health = Health()
    pushed: list[InboundLine] = []

    @rx.event
    @requires("providers.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email, self.may_manage = who.email, who.may("providers.manage")
        HUB.watch({ADMIN_CHANNEL}, HealthState.refresh, every=5.0)
        await self._show()

    @rx.event
    @requires("providers.view")
    @explained
    async def refresh(self) -> None:
        """A push said that something changed."""
        await self._show()

    async def _show(self) -> None:
        name, now = name_in(str(self.router.url.path)), utc_now()

        gates = services().upkeep.carriers.gates

        def look(unit: UnitOfWork) -> _Looked:
            head = lab_page.head(unit, name, now)
            if head is None:
                return _Looked()
            return _Looked(
                head,
                lab_health.health(unit, name, now),
                gate_cards(unit, gates, name, now),
                inbound_deliveries(unit, name),
            )

        seen = await read(look)
        self.head, self.shown, self.gates, self.pushed = seen
        self._stamp()


def page() -> rx.Component:
    """Cards of the last 24 hours."""
    return lab_frame(
        HealthState,
        "health",
        rx.el.div(
            rx.el.div(_success(), _errors(), _pushed(), class_name="span8 stack"),
            rx.el.div(
                breaker_card(HealthState), _rate(), _balance(), _calls(), class_name="span4 stack"
            ),
            class_name="board",
        ),
        layers=(breaker_question(HealthState),),
    )


def _success() -> rx.Component:
    shown = HealthState.shown
    chart = rx.cond(
        shown.success.length() > 0,
        bars(shown.success, "Target, 24 h · sample size after the rate"),
        rx.el.p("Nobody to judge yet: no number had the time to get a code.", class_name="mid"),
    )
    answers = rx.el.dl(rx.foreach(shown.answers, _fact), class_name="pairs")
    return card("Does it deliver?", rx.el.div(chart, answers, class_name="card__body stack"))


def _errors() -> rx.Component:
    shown = HealthState.shown
    none = rx.el.p("No purchase failed in 24 hours.", class_name="mid")
    chart = bars(shown.errors, "Purchases of 24 hours that sold nothing, by error")
    return card(
        "What goes wrong?",
        rx.el.div(rx.cond(shown.errors.length() > 0, chart, none), class_name="card__body"),
    )


def _balance() -> rx.Component:
    shown = HealthState.shown
    known = rx.fragment(
        rx.el.p(rx.el.b(shown.balance, class_name="num"), " ", ago(shown.balance_at_ms)),
        rx.cond(shown.seen > 1, sparkline(shown.trend, "2")),
        rx.el.p(
            shown.seen.to(str),
            " answers kept, the oldest ",
            ago(shown.since_ms),
            class_name="caption",
        ),
    )
    none = rx.el.p("No answer about the balance is kept yet.", class_name="mid")
    return card(
        "How does the balance move?",
        rx.el.div(rx.cond(shown.balance != "", known, none), class_name="card__body stack"),
    )


def _rate() -> rx.Component:
    shown = HealthState.shown
    return card(
        "Is the limit enough?",
        rx.el.div(
            rx.el.p(shown.rate_words, class_name=rx.cond(shown.rate_fits, "", "warn")),
            rx.el.dl(rx.foreach(shown.rate, _fact), class_name="pairs"),
            class_name="card__body stack",
        ),
        custom_attrs={"data-testid": "rate"},
    )


def _calls() -> rx.Component:
    shown = HealthState.shown
    none = rx.el.p("No live exchange is kept yet.", class_name="mid")
    facts = rx.el.dl(rx.foreach(shown.calls, _fact), class_name="pairs")
    return card(
        "How fast does it answer?",
        rx.el.div(rx.cond(shown.calls.length() > 0, facts, none), class_name="card__body"),
    )


def _pushed() -> rx.Component:
    """Pushed events, newest first; the start of a body opens below its line."""
    table = rx.el.table(
        heads("Event", "What came of it", "Proof", ">Came", ">First"),
        rx.el.tbody(rx.foreach(HealthState.pushed, _event)),
        class_name="table",
        custom_attrs={"data-testid": "pushed"},
    )
    none = rx.el.p(
        "Nothing was pushed in the last 14 days. Where the config says so, the provider may tell of"
        " an SMS before it is asked.",
        class_name="card__body mid",
    )
    shown = rx.el.div(table, class_name="tablewrap", tab_index=0)
    return card("What does it push?", rx.cond(HealthState.pushed.length() > 0, shown, none))


def _event(line: rx.Var[InboundLine]) -> rx.Component:
    number = rx.cond(
        line.href != "", rx.el.a(line.number, href=line.href, class_name="record"), line.number
    )
    body = rx.el.details(
        rx.el.summary("What came", class_name="caption"), rx.el.code(line.body, class_name="small")
    )
    return rx.el.tr(
        rx.el.th(number, rx.cond(line.body != "", body), scope="row"),
        labelled(
            "What came of it",
            rx.el.div(
                chip(line.tone, line.icon, line.word),
                rx.el.span(line.why, class_name="sub"),
            ),
        ),
        labelled("Proof", line.verified),
        labelled("Came", line.times, "r num"),
        labelled("First", moment(line.at_ms), "r"),
        custom_attrs={"data-event": line.id},
    )


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(rx.el.dt(fact.label), rx.el.dd(fact.value, " ", rx.el.small(fact.note)))
