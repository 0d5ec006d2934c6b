"""The part of the lab's state that tries an operation: where, with what, at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.money import format_micro
from nexnum_console.operations import lab_purchase, provider_lab
from nexnum_console.operations.provider_lab import Run, Target
from nexnum_console.providers import versions
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.reports import lab_purchase as purchase_report
from nexnum_console.reports.lab_purchase import Fate
from nexnum_console.ui.admin.lab.editor_state import KeyName, Value
from nexnum_console.ui.admin.lab.run_view import Input
from nexnum_console.ui.admin.lab.shown_state import ShownState
from nexnum_console.ui.shell.gate import requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.work import in_slow_thread, in_thread

Where = Literal["replay", "sandbox", "live"]


class TrialState(ShownState, mixin=True):
    """``capped`` says whether a purchase tells the provider the cap, ``listed`` what its list
    asks, ``fate`` what becomes of the number bought last."""

    where: str = "replay"
    most: str = ""
    confirmed: bool = False
    running: bool = False
    sandbox_there: bool = False
    capped: bool = True
    listed: str = ""
    fate: Fate = Fate()
    _bought: str = ""

    @rx.event
    @requires("providers.view", where=Where)
    @explained
    async def set_where(self, where: str) -> None:
        """Replay, sandbox or live."""
        self.where, self.confirmed = where, False
        await self._look_at_money()

    @rx.event
    @requires("providers.manage", name=KeyName, value=Value)
    @explained
    async def set_input(self, name: str, value: str) -> None:
        """A variable of the call."""
        self.inputs = [Input(o.name, value if o.name == name else o.value) for o in self.inputs]
        await self._look_at_money()

    @rx.event
    @requires("providers.manage", value=Annotated[str, Field(max_length=24)])
    @explained
    async def set_most(self, value: str) -> None:
        """The most that a live purchase may cost, in the provider's currency."""
        self.most = value

    @rx.event
    @requires("providers.manage")
    @explained
    async def confirm(self) -> None:
        """Say, or take back, that a live purchase may cost money."""
        self.confirmed = not self.confirmed

    @rx.event
    @requires("providers.manage")
    @explained
    async def show_request(self) -> None:
        """The request as it would go out; nothing is sent, of a purchase neither."""
        given = self._given()
        if self.effect == "spend" and self.most.strip():
            given["max_price"] = self.most.strip()
        name, where = self.head.name, self.where
        compiled = await in_thread(_compiled, self._text, name)
        target = await in_thread(_target, where, name, compiled)
        self._previewed(provider_lab.preview(compiled, self.operation, given, target))

    @rx.event(background=True)
    @requires("providers.manage")
    @explained
    async def try_it(self) -> None:
        """Run the operation where the panel says."""
        async with self:
            if self.running:
                return
            self.running = True
            where, operation, text, name = self.where, self.operation, self._text, self.head.name
            given, most, confirmed = self._given(), self.most, self.confirmed
            spends = where == "live" and self.effect == "spend"
        try:
            if where == "replay":
                async with self:
                    await self._retrace()
                return
            compiled = await in_thread(_compiled, text, name)
            if spends:
                given = provider_lab.spend_variables(given, most, confirmed)
                await in_thread(_check_cap, compiled, name, given)
            target = await in_thread(_target, where, name, compiled)
            policy = services().egress
            run = await in_slow_thread(
                provider_lab.call, compiled, operation, given, target, policy
            )
            bought = await in_thread(_hand_over, name, run, given) if spends else ""
            async with self:
                self.confirmed = False
                self._bought, self.fate = bought or self._bought, Fate()
                await self._ran(run)
                await self._follow()
        finally:
            async with self:
                self.running = False

    async def _choose(self, operation: str, fixture: str) -> None:
        await ShownState._choose(self, operation, fixture)
        await self._look_at_money()

    async def _changed(self) -> None:
        await ShownState._changed(self)
        await self._look_at_money()

    def _given(self) -> dict[str, str]:
        return {one.name: one.value.strip() for one in self.inputs if one.value.strip()}

    async def _look_at_money(self) -> None:
        """What a live purchase would cost by the list, and whether a cap goes with it."""
        if self.where != "live" or self.effect != "spend":
            return
        text, name = self._text, self.head.name
        self.capped, self.listed = await in_thread(_money, text, name, self._given())

    async def _follow(self) -> None:
        """What became of the number that was bought here."""
        if self._bought:
            self.fate = await in_thread(_fate, self.head.name, self._bought)


def _money(text: str, name: str, given: Mapping[str, str]) -> tuple[bool, str]:
    compiled = provider_lab.check(text, name).compiled
    if compiled is None:
        return True, ""
    with services().database.transaction() as unit:
        cost = lab_purchase.listed_cost(unit, name, given)
    shown = "" if cost is None else f"{format_micro(cost)} {compiled.config.currency}"
    return lab_purchase.sends_cap(compiled, given), shown


def _check_cap(compiled: CompiledProvider, name: str, given: Mapping[str, str]) -> None:
    with services().database.transaction() as unit:
        lab_purchase.check_cap(compiled, lab_purchase.listed_cost(unit, name, given), given)


def _hand_over(name: str, run: Run, given: Mapping[str, str]) -> str:
    parts = services()
    with parts.database.transaction() as unit:
        terms = parts.upkeep.carriers.get(versions.served(unit, name).account_id, unit).terms
        return lab_purchase.hand_over(unit, terms, run, given, utc_now())


def _fate(name: str, upstream_id: str) -> Fate:
    parts = services()
    with parts.database.transaction() as unit:
        terms = parts.upkeep.carriers.get(versions.served(unit, name).account_id, unit).terms
        return purchase_report.fate(unit, terms, upstream_id)


def _compiled(text: str, name: str) -> CompiledProvider:
    checked = provider_lab.check(text, name)
    if checked.compiled is None:
        first = checked.problems[0]
        raise provider_lab.TrialRefused(
            f"Line {first.line}: {first.message}. Nothing was sent; mend the config first."
        )
    return checked.compiled


def _target(where: str, name: str, compiled: CompiledProvider) -> Target:
    parts = services()
    if where == "sandbox":
        chosen = parts.settings
        return provider_lab.sandbox_target(
            compiled, chosen.sandbox_urls, chosen.sandbox_carrier_key
        )
    with parts.database.transaction() as unit:
        return provider_lab.live_target(unit, parts.secret_box, name, compiled)
