"""State of the wizard: a form to begin with, then a checklist that the database fills in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.operations import provider_desk, provider_lab, provider_setup
from nexnum_console.operations.provider_setup import Carrier, Progress, Wish
from nexnum_console.providers.errors import ProviderError
from nexnum_console.ui.admin.lab.keys import Secret
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_slow_thread, read

Kind = Literal["template", "curl", "openapi", "postman", "har"]
Source = Annotated[str, Field(max_length=provider_setup.SOURCE_MOST)]
Name = Annotated[str, Field(max_length=64)]
Title = Annotated[str, Field(max_length=80)]
Factor = Annotated[str, Field(max_length=12)]
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}$")
PATH = "/console/providers/new"


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the checklist; the first that is not done is ``now``."""

    key: str
    title: str
    detail: str
    done: bool
    now: bool


class NewProviderState(PageState, rx.State):
    """``name`` is empty until the provider is stored."""

    email: str = ""
    name: str = ""
    title: str = ""
    kind: str = "template"
    templates: list[str] = []
    carriers: list[str] = []
    steps: list[Step] = []
    done: int = 0
    factor: str = ""
    working: str = ""
    open_points: list[str] = []

    @rx.event
    @requires("providers.manage")
    @explained
    async def load(self) -> None:
        """Page load; ``provider`` in the address goes on with one that was begun."""
        self.email = actor().email
        self.templates = provider_setup.templates()
        self.carriers = sorted(services().settings.sandbox_urls)
        asked = self.router.url.query_parameters.get("provider", "")
        if asked != self.name:
            self.open_points = []
        self.name = asked if _NAME.match(asked) else ""
        self.steps, self.working = [], ""
        HUB.watch({ADMIN_CHANNEL}, NewProviderState.refresh, every=1.0)
        await self._show()

    @rx.event
    @requires("providers.manage")
    @explained
    async def refresh(self) -> None:
        """Something changed: the list may have another tick."""
        await self._show()

    @rx.event
    @requires("providers.manage", kind=Kind)
    @explained
    async def set_kind(self, kind: str) -> None:
        """Begin from a template or from something imported."""
        self.kind = kind

    @rx.event
    @requires("providers.manage", source=Source, name=Name, title=Title, carrier=Name)
    @explained
    async def begin(
        self, source: str, name: str, title: str, carrier: str
    ) -> rx.event.EventSpec | None:
        """Store the provider, switched off."""
        who, now, box, chosen = actor(), utc_now(), services().secret_box, services().settings
        stand_in = None
        if carrier in chosen.sandbox_urls:
            key = chosen.sandbox_carrier_key or ""
            stand_in = Carrier(carrier, chosen.sandbox_urls[carrier], key)
        wish = Wish(self.kind, source, name, title, stand_in)
        begun = await read(lambda unit: provider_setup.begin(unit, box, who, wish, now=now))
        self.name, self.open_points = begun.name, begun.open_points[:20]
        await self._show()
        return rx.redirect(f"{PATH}?provider={begun.name}", replace=True)

    @rx.event
    @requires("providers.manage", key=Secret)
    @explained
    async def give_key(self, key: str) -> None:
        """Seal the key."""
        who, now, name, box = actor(), utc_now(), self.name, services().secret_box
        await read(lambda unit: provider_lab.replace_key(unit, box, who, name, key, now))
        await self._show()

    @rx.event(background=True)
    @requires("providers.manage")
    @explained
    async def try_balance(self) -> None:
        """Ask for the balance and keep the answer as a fixture."""
        who, parts = actor(), services()
        name = await self._begin_work("test")
        try:
            held = await in_slow_thread(
                provider_setup.try_balance, parts.upkeep, parts.secret_box, parts.egress, who, name
            )
            await self._end_work("ok", "It answers", f"It holds {held} for us.")
        finally:
            await self._rest()

    @rx.event(background=True)
    @requires("providers.manage")
    @explained
    async def map_it(self) -> None:
        """Read the catalogue and match countries and services."""
        name = await self._begin_work("map")
        try:
            offers = await in_slow_thread(provider_setup.read_catalogue, services().upkeep, name)
            await self._end_work(
                "ok", f"{offers:,} offers", "Matched to our countries and services."
            )
        except ProviderError as error:
            raise provider_setup.NotReady(f"The catalogue was not read: {error.message}") from error
        finally:
            await self._rest()

    @rx.event
    @requires("providers.manage", margin=Factor)
    @explained
    async def set_margin(self, margin: str) -> None:
        """Set the factor from cost to price, or say that the one that stands is meant."""
        who, now, name, events = actor(), utc_now(), self.name, services().events

        def change(unit: UnitOfWork) -> None:
            changed = provider_desk.set_margin(unit, events, who, name, margin, now)
            if changed.before == changed.after:
                provider_setup.keep_margin(unit, who, name, now=now)

        await read(change)
        await self._show()

    @rx.event
    @requires("providers.manage")
    @explained
    async def publish(self) -> None:
        """Sell through it from now on."""
        who, now, name = actor(), utc_now(), self.name
        await read(lambda unit: provider_setup.open_shop(unit, who, name, now=now))
        services().events.publish(ADMIN_CHANNEL, "provider")
        await self._show()
        self._say("ok", f"{self.title} sells", "Its offers are in the store now.")

    async def _begin_work(self, what: str) -> str:
        async with self:
            if self.working:
                raise provider_setup.NotReady("Another step is under way; wait for its end.")
            self.working = what
            return self.name

    async def _end_work(self, kind: str, title: str, text: str) -> None:
        async with self:
            self._say(kind, title, text)

    async def _rest(self) -> None:
        async with self:
            self.working = ""
            await self._show()

    async def _show(self) -> None:
        self._stamp()
        if not self.name:
            return
        name = self.name
        try:
            state = await read(lambda unit: provider_setup.progress(unit, name))
        except BusinessError:
            self.name, self.steps = "", []
            raise
        self.title, self.factor = state.title, state.factor
        self.steps = _steps(state)
        self.done = sum(step.done for step in self.steps)


def _steps(state: Progress) -> list[Step]:
    written: list[tuple[str, str, str, Any]] = [
        ("config", "Config", state.trouble or "It reads every fixture.", state.config),
        ("key", "Key", "Sealed." if state.key else "Calls go out with it.", state.key),
        ("test", "Test", "Ask for the balance; the answer is pinned.", state.tested),
        ("map", "Map countries and services", f"{state.offers:,} offers known.", state.mapped),
        ("margin", "Margin", f"Price = cost × rate × {state.factor}.", state.margin),
        ("publish", "Publish", "Its offers enter the store.", state.published),
        ("buy", "First purchase", "Buy a number and see its code.", state.bought),
    ]
    first = next((key for key, _, _, done in written if not done), "")
    return [Step(key, title, detail, done, key == first) for key, title, detail, done in written]
