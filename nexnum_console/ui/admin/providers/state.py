"""States of the list of providers and of one provider's page."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.operations import provider_desk
from nexnum_console.reports import provider_detail
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.overview import ProviderRow
from nexnum_console.reports.provider_detail import PriceExample, ProviderPage
from nexnum_console.reports.provider_gate import gate_cards
from nexnum_console.reports.providers_list import PROVIDERS
from nexnum_console.ui.admin.providers.breaker_state import BreakerPart
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.page_state import PageState, explained, sentence
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread, read

Factor = Annotated[str, Field(max_length=12)]
Rank = Annotated[str, Field(max_length=6)]
_NAME = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,63}$")
_NOBODY = ProviderRow("", "", "", 0, False, "", False, "", "", "", 0, False, "", 0, "", "", "", "")


class ProvidersState(ListingState, rx.State):
    """Every provider."""

    LISTING: ClassVar[Listing] = PROVIDERS
    CAPABILITY: ClassVar[str] = PROVIDERS.capability

    may_manage: bool = False

    @rx.event
    @requires("providers.view")
    @explained
    async def enter(self) -> None:
        """Whether the way to a new provider is shown."""
        self.may_manage = actor().may("providers.manage")


class ProviderState(BreakerPart, PageState, rx.State):
    """One provider; ``row.name`` is empty when there is none of the address's name."""

    email: str = ""
    may_manage: bool = False
    row: ProviderRow = _NOBODY
    shown: ProviderPage = ProviderPage()
    asked_sync: bool = False
    _run_before: int = 0
    margin: str = ""
    margin_fault: str = ""
    examples: list[PriceExample] = []
    switching_off: bool = False

    @rx.event
    @requires("providers.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email = who.email
        self.may_manage = who.may("providers.manage")
        self.row, self.asked_sync, self.switching_off = _NOBODY, False, False
        self.margin, self.margin_fault, self.examples = "", "", []
        HUB.watch({ADMIN_CHANNEL}, ProviderState.refresh, every=1.0)
        await self._show()

    @rx.event
    @requires("providers.view")
    @explained
    async def refresh(self) -> None:
        """A push said that something changed."""
        await self._show()

    @rx.event
    @requires("providers.manage")
    @explained
    async def sync_now(self) -> None:
        """Queue a catalogue sync; its progress arrives by push."""
        parts = services()
        self._run_before = self.row.sync_run
        await in_thread(provider_desk.ask_sync, parts.database, parts.jobs, self._name())
        self.asked_sync = True
        await self._show()

    @rx.event(supersedes=True)
    @requires("providers.manage", margin=Factor)
    @explained
    async def preview_margin(self, margin: str) -> None:
        """What another margin would make of three prices; nothing is changed."""
        self.margin = margin
        await self._read_examples()

    @rx.event
    @requires("providers.manage", margin=Factor)
    @explained
    async def set_margin(self, margin: str) -> None:
        """Change the margin; every stored price follows at once."""
        who, now, name, events = actor(), utc_now(), self._name(), services().events
        changed = await read(
            lambda unit: provider_desk.set_margin(unit, events, who, name, margin, now)
        )
        self.margin, self.examples = "", []
        self._say(
            "ok",
            f"Margin × {changed.after}",
            f"It was × {changed.before}; {changed.moved:,} prices moved with it.",
        )
        await self._show()

    @rx.event
    @requires("providers.manage", rank=Rank)
    @explained
    async def set_rank(self, rank: str) -> None:
        """Change who is asked first at equal prices."""
        who, now, name, events = actor(), utc_now(), self._name(), services().events
        before, after = await read(
            lambda unit: provider_desk.set_rank(unit, events, who, name, rank, now)
        )
        self._say("ok", f"Rank {after}", f"It was {before}. At equal prices low ranks come first.")
        await self._show()

    @rx.event
    @requires("providers.manage")
    @explained
    async def ask_off(self) -> None:
        """Open or close the question before it is switched off; switching on asks nothing."""
        if self.row.enabled or self.switching_off:
            self.switching_off = not self.switching_off
        else:
            await self._switch(enabled=True)

    @rx.event
    @requires("providers.manage")
    @explained
    async def switch_off(self) -> None:
        """Sell nothing through it from now on."""
        self.switching_off = False
        await self._switch(enabled=False)

    async def _switch(self, *, enabled: bool) -> None:
        who, now, name, events = actor(), utc_now(), self._name(), services().events

        def switch(unit: UnitOfWork) -> None:
            provider_desk.set_enabled(unit, events, who, name, enabled, now)

        await read(switch)
        word, text = ("on", "Purchases may go through it.") if enabled else ("off", _RUNS_ON)
        self._say("ok", f"{self.row.title} is {word}", text)
        await self._show()

    def _name(self) -> str:
        """The name in the address; empty for one that cannot be a provider's."""
        name = str(self.router.url.path).rstrip("/").rpartition("/")[2]
        return name if _NAME.match(name) else ""

    async def _show(self) -> None:
        name, now = self._name(), utc_now()

        def look(unit: UnitOfWork) -> tuple[ProviderRow, ProviderPage]:
            row = provider_detail.row_of(unit, name, now)
            return (row, provider_detail.provider_page(unit, name, now)) if row else _NOTHING

        self.row, self.shown = await read(look)
        gates = services().upkeep.carriers.gates
        self.gates = await read(lambda unit: gate_cards(unit, gates, name, now))
        if self.row.answers(self._run_before):
            self.asked_sync = False
        self._stamp()

    async def _read_examples(self) -> None:
        name, margin, currency = self._name(), self.margin, services().settings.wallet_currency
        self.margin_fault, self.examples = "", []
        if not margin.strip():
            return
        try:
            self.examples = await read(
                lambda unit: provider_detail.margin_preview(unit, name, margin, currency)
            )
        except InvalidInput as error:
            self.margin_fault = sentence(error.message)


_NOTHING = (_NOBODY, ProviderPage())
_RUNS_ON = "No new purchase goes through it. Running numbers are served to their end."
