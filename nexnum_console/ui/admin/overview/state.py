"""State of the console's overview: the span in its URL, read again as things happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.queue import QueueLook
from nexnum_console.operations import provider_desk
from nexnum_console.providers import registry
from nexnum_console.reports import overview as report
from nexnum_console.reports import overview_delivery, overview_figures
from nexnum_console.reports.figures import AreaChart, BarRow, Kpi
from nexnum_console.reports.overview import ProviderRow
from nexnum_console.reports.overview_delivery import CountryLine
from nexnum_console.reports.overview_facts import facts
from nexnum_console.reports.overview_feed import EventLine, newest_events
from nexnum_console.reports.overview_span import DEFAULT, Span, span_of
from nexnum_console.reports.overview_work import Work, work
from nexnum_console.ui.shell.arguments import Slug
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread, read

# The least time between two readings of a span: what takes longer to read changes slower.
_EVERY: Final = {"1h": 2.0, "24h": 2.0, "7d": 10.0, "30d": 30.0}


@dataclass(frozen=True, slots=True)
class _Seen:
    kpis: list[Kpi]
    earnings: AreaChart
    waits: AreaChart
    deliver: list[BarRow]
    countries: tuple[list[CountryLine], str]
    providers: list[ProviderRow]
    events: list[EventLine]
    work: Work


class OverviewState(PageState, rx.State):
    """Rows of the overview; nothing here is decided, only shown."""

    email: str = ""
    may_manage: bool = False
    span: str = DEFAULT
    compare: bool = True
    kpis: list[Kpi] = []
    earnings: AreaChart = AreaChart()
    waits: AreaChart = AreaChart()
    deliver: list[BarRow] = []
    countries: list[CountryLine] = []
    covered: str = ""
    providers: list[ProviderRow] = []
    events: list[EventLine] = []
    feed_paused: bool = False
    work: Work = Work()
    asked_sync: str = ""
    _run_before: int = 0

    @rx.event
    @requires("console.view")
    @explained
    async def load(self) -> rx.event.EventSpec:
        """Page load and every change of its query: the chosen span at once, its rows after it."""
        who = actor()
        self.email = who.email
        self.may_manage = who.may("providers.manage")
        asked = self.router.url.query_parameters
        self.span = span_of(asked.get("range", DEFAULT), utc_now()).range.key
        self.compare = asked.get("compare", "on") != "off"
        self.feed_paused = False
        HUB.watch({ADMIN_CHANNEL}, OverviewState.refresh, every=_EVERY[self.span])
        return OverviewState.refresh()

    @rx.event
    @requires("console.view")
    @explained
    async def refresh(self) -> None:
        """A push said that something changed."""
        await self._read()

    @rx.event
    @requires("console.view")
    @explained
    async def pause_feed(self) -> None:
        """Let the list of events stand still, or go on."""
        self.feed_paused = not self.feed_paused
        await self._read()

    @rx.event
    @requires("providers.manage", name=Slug)
    @explained
    async def sync(self, name: str) -> None:
        """Queue a catalogue sync; its progress arrives by push."""
        parts = services()
        self._run_before = next((row.sync_run for row in self.providers if row.name == name), 0)
        await in_thread(provider_desk.ask_sync, parts.database, parts.jobs, name)
        self.asked_sync = name
        await self._read()

    @rx.event
    @requires("providers.manage", name=Slug, enabled=bool)
    @explained
    async def set_enabled(self, name: str, enabled: bool) -> None:
        """Switch a provider on or off for new purchases; running numbers are still served."""

        def change(unit: UnitOfWork) -> None:
            registry.set_enabled(unit, name, enabled)
            unit.after_commit(lambda: services().events.publish(ADMIN_CHANNEL, "provider"))

        await read(change)
        await self._read()

    async def _read(self) -> None:
        span = span_of(self.span, utc_now())
        looks = await in_thread(services().jobs.look)
        compare = self.compare
        seen = await read(lambda unit: _look(unit, span, looks, compare=compare))
        self.kpis, self.providers, self.work = seen.kpis, seen.providers, seen.work
        self.earnings, self.waits, self.deliver = seen.earnings, seen.waits, seen.deliver
        self.countries, self.covered = seen.countries
        if not self.feed_paused:
            self.events = seen.events
        asked = next((row for row in self.providers if row.name == self.asked_sync), None)
        if asked is None or asked.answers(self._run_before):
            self.asked_sync = ""
        self._stamp()


def _look(
    unit: UnitOfWork, span: Span, looks: Sequence[QueueLook] | None, *, compare: bool
) -> _Seen:
    now, currency = span.end, services().settings.wallet_currency
    found = facts(unit, span)
    return _Seen(
        kpis=overview_figures.kpis(found, currency, compare=compare),
        earnings=overview_figures.earnings(found, currency, compare=compare),
        waits=overview_figures.waits(found),
        deliver=overview_delivery.who_delivers(unit, span),
        countries=overview_delivery.top_countries(unit, span),
        providers=report.providers(unit, now),
        events=newest_events(unit),
        work=work(unit, looks, now, currency),
    )
