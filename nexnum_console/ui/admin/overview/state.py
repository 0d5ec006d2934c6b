"""State of the console's overview: today's figures, read again on every push."""

from __future__ import annotations

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.queue import CATALOGUE, QUEUES
from nexnum_console.providers import registry
from nexnum_console.reports import overview as report
from nexnum_console.reports.overview import Backlog, EventLine, Kpi, ProviderRow
from nexnum_console.ui.shell.arguments import Slug
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread, read

SYNC_TIMEOUT_SECONDS = 900
SYNC_JOB = "workers.jobs.catalogue.sync_provider"


class OverviewState(PageState, rx.State):
    """Rows of the overview; nothing here is decided, only shown."""

    email: str = ""
    may_manage: bool = False
    kpis: list[Kpi] = []
    providers: list[ProviderRow] = []
    events: list[EventLine] = []
    backlog: list[Backlog] = []
    asked_sync: str = ""

    @rx.event
    @requires("console.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email = who.email
        self.may_manage = who.may("providers.manage")
        HUB.watch({ADMIN_CHANNEL}, OverviewState.refresh)
        await self._read()

    @rx.event
    @requires("console.view")
    @explained
    async def refresh(self) -> None:
        """A push said that something changed."""
        await self._read()

    @rx.event
    @requires("providers.manage", name=Slug)
    @explained
    async def sync(self, name: str) -> None:
        """Queue a catalogue sync; its progress arrives by push."""
        await in_thread(_enqueue_sync, name)
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
        now = utc_now()
        currency = services().settings.wallet_currency

        def query(
            unit: UnitOfWork,
        ) -> tuple[list[Kpi], list[ProviderRow], list[EventLine], list[Backlog]]:
            return (
                report.kpis(unit, now, currency),
                report.providers(unit, now),
                report.newest_events(unit),
                report.backlog(unit, now),
            )

        self.kpis, self.providers, self.events, rows = await read(query)
        self.backlog = rows + await in_thread(_queued)
        if any(row.name == self.asked_sync and row.syncing for row in self.providers):
            self.asked_sync = ""
        self._stamp()


def _enqueue_sync(name: str) -> None:
    parts = services()
    with parts.database.transaction() as unit:
        if name not in {provider.name for provider in registry.providers(unit)}:
            raise NotFound(f"There is no provider {name}.")
    parts.jobs.enqueue(CATALOGUE, SYNC_JOB, name, timeout_seconds=SYNC_TIMEOUT_SECONDS)


def _queued() -> list[Backlog]:
    jobs = services().jobs
    waiting = {name: jobs.waiting(name) for name in QUEUES}
    return [Backlog(f"Queue {name}", str(number), "hi") for name, number in waiting.items()]
