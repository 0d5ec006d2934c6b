"""State of the policy page: what holds, what was tried on past orders, pins and bans."""

from __future__ import annotations

from typing import Annotated, Literal

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.runtime_settings import stored_rules
from nexnum_console.operations import routing_desk
from nexnum_console.reports.routing import REPLAY_MOST, simulate
from nexnum_console.reports.routing_policy import RuleLine, policy_view, titles
from nexnum_console.reports.routing_preview import (
    Figure,
    LaneLine,
    Preview,
    ShareLine,
    preview,
)
from nexnum_console.routing.policy import policy_of
from nexnum_console.ui.shell.arguments import Slug
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained, sentence
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_slow_thread, read

Weights = Annotated[
    dict[Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")], Annotated[str, Field(max_length=40)]],
    Field(max_length=16),
]
Reason = Annotated[str, Field(max_length=400)]
Place = Annotated[str, Field(max_length=64)]
Hours = Annotated[str, Field(pattern=r"^[0-9]{1,4}$")]
Last = Annotated[str, Field(pattern=r"^[0-9]{1,5}$")]


class RoutingState(PageState, rx.State):
    """``_draft`` are the weights that were tried; only they can be saved."""

    email: str = ""
    currency: str = ""
    may_manage: bool = False
    version: str = ""
    values: dict[str, str] = {}
    words: dict[str, str] = {}
    defaults: dict[str, str] = {}
    changed_ms: dict[str, int] = {}
    rules: list[RuleLine] = []
    providers: list[str] = []
    fault: str = ""
    trying: bool = False
    verdict: Preview = Preview()
    changes: list[str] = []
    notes: list[str] = []
    figures: list[Figure] = []
    shares: list[ShareLine] = []
    lanes: list[LaneLine] = []
    ruling: bool = False
    wrong: str = ""
    _draft: dict[str, str] = {}

    @rx.event
    @requires("providers.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email, self.may_manage = who.email, who.may("routing.manage")
        self.currency = services().settings.wallet_currency
        self.fault = self.wrong = ""
        self.ruling = self.trying = False
        self._forget()
        HUB.watch({ADMIN_CHANNEL}, RoutingState.refresh)
        await self._show()

    @rx.event
    @requires("providers.view")
    @explained
    async def refresh(self) -> None:
        """A push: somebody may have changed the policy, or a rule."""
        await self._show()

    @rx.event(background=True)
    @requires("routing.manage", written=Weights, last=Last)
    @explained
    async def try_policy(self, written: dict[str, str], last: str) -> None:
        """Replay past orders under these weights; nothing is saved."""
        async with self:
            if self.trying:
                return
            self.trying, self.fault = True, ""
            currency = self.currency
        try:
            tried = await in_slow_thread(_tried, written, int(last), currency)
            async with self:
                self._forget()
                self._tell_of(tried)
                self._draft = written
        except InvalidInput as error:
            async with self:
                self.fault = sentence(error.message)
        finally:
            async with self:
                self.trying = False

    @rx.event
    @requires("routing.manage")
    @explained
    async def drop_preview(self) -> None:
        """Leave the policy as it is."""
        self._forget()

    @rx.event
    @requires("routing.manage", reason=Reason)
    @explained
    async def save_policy(self, reason: str) -> None:
        """Save the weights that were tried, if the policy is still the one they were tried on."""
        who, now, events = actor(), utc_now(), services().events
        draft, version = self._draft, self.verdict.version
        if not draft:
            return

        def save(unit: UnitOfWork) -> routing_desk.Saved:
            return routing_desk.set_policy(
                unit, events, who, draft, version=version, reason=reason, now=now
            )

        saved = await read(save)
        self._forget()
        self._say(
            "ok",
            "Policy saved" if saved.changed else "Nothing to save",
            f"Policy {saved.policy.version} holds; every process follows within 2 seconds.",
        )
        await self._show()

    @rx.event
    @requires("routing.manage")
    @explained
    async def ask_rule(self) -> None:
        """Open the form of a pin or a ban."""
        self.ruling, self.wrong = True, ""

    @rx.event
    @requires("routing.manage")
    @explained
    async def close_rule(self) -> None:
        """Close the form; nothing was changed."""
        self.ruling = False

    @rx.event
    @requires(
        "routing.manage",
        provider=Slug,
        kind=Literal["pin", "ban"],
        service=Place,
        country=Place,
        hours=Hours,
        reason=Reason,
    )
    @explained
    async def add_rule(
        self,
        provider: str,
        kind: Literal["pin", "ban"],
        service: str,
        country: str,
        hours: str,
        reason: str,
    ) -> None:
        """Pin or ban a provider; what cannot hold is said in the form."""
        who, now, events = actor(), utc_now(), services().events

        def add(unit: UnitOfWork) -> None:
            routing_desk.rule_provider(
                unit,
                events,
                who,
                provider,
                kind,
                service=service.strip().lower(),
                country=country.strip().upper(),
                reason=reason,
                hours=int(hours),
                now=now,
            )

        try:
            await read(add)
        except BusinessError as error:
            self.wrong = sentence(error.message)
            return
        self.ruling = False
        self._say("ok", f"{provider} is {_DONE[kind]}", "Every process follows within 2 seconds.")
        await self._show()

    @rx.event
    @requires("routing.manage", provider=Slug, service=Place, country=Place)
    @explained
    async def free_rule(self, provider: str, service: str, country: str) -> None:
        """Take a pin or a ban back."""
        who, now, events = actor(), utc_now(), services().events
        kind = await read(
            lambda unit: routing_desk.free_provider(
                unit, events, who, provider, service=service, country=country, now=now
            )
        )
        self._say("ok", f"The {kind} of {provider} is taken back", "Others may be asked again.")
        await self._show()

    def _forget(self) -> None:
        self._draft = {}
        self._tell_of(Preview())

    def _tell_of(self, tried: Preview) -> None:
        self.verdict = tried
        self.changes, self.notes = list(tried.changes), list(tried.notes)
        self.figures, self.shares = list(tried.figures), list(tried.shares)
        self.lanes = list(tried.lanes)

    async def _show(self) -> None:
        currency, now = self.currency, utc_now()
        seen = await read(lambda unit: policy_view(unit, currency, now))
        self.version, self.rules = seen.version, list(seen.rules)
        self.providers = list(seen.providers)
        self.values = {one.name: one.value for one in seen.weights}
        self.words = {one.name: one.words for one in seen.weights}
        self.defaults = {one.name: one.default for one in seen.weights}
        self.changed_ms = {one.name: one.changed_ms for one in seen.weights}
        self._stamp()


_DONE = {"pin": "pinned", "ban": "banned"}


def _tried(written: dict[str, str], last: int, currency: str) -> Preview:
    """The simulator's word on these weights, in a transaction of its own."""
    with services().database.transaction() as unit:
        before = policy_of(stored_rules(unit))
        after = routing_desk.policy_with(unit, written)
        found = simulate(unit, after, min(last, REPLAY_MOST), utc_now())
        return preview(before, after, found, currency, titles(unit))
