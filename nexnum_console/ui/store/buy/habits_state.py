"""Favourites and what was bought last, on the buy page."""

from __future__ import annotations

import secrets

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.operations import favourites
from nexnum_console.reports import habits
from nexnum_console.reports.habits import Habit
from nexnum_console.ui.shell.arguments import Iso2, Key, Micro, Slug
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.work import in_slow_thread, in_thread, read
from nexnum_console.ui.store.buy.errands import NumberErrands


class BuyerHabits(NumberErrands, mixin=True):
    """Handlers of favourites. While ``quick`` is on, a favourite buys with one click;
    ``quick_key`` is the key of the next such purchase."""

    favourites: list[Habit] = []
    recent: list[Habit] = []
    quick: bool = False
    quick_key: str = ""
    quick_buying: str = ""

    @rx.event
    @requires("store.buy")
    @explained
    async def toggle_quick(self) -> None:
        """Let favourites buy with one click, or no longer."""
        self.quick = not self.quick
        self.quick_key = secrets.token_hex(16)

    @rx.event
    @requires("store.buy", service=Slug, country=Iso2, most=Micro)
    @explained
    async def keep_favourite(self, service: str, country: str, most: int) -> None:
        """Keep a service and country; one click will spend at most ``most`` micro-units."""
        who = actor()
        await in_thread(_keep, who, service, country, most)
        await self._read_habits(who)

    @rx.event
    @requires("store.buy", service=Slug, country=Iso2)
    @explained
    async def drop_favourite(self, service: str, country: str) -> None:
        """Keep it no longer."""
        who = actor()
        await in_thread(_drop, who, service, country)
        await self._read_habits(who)

    @rx.event(background=True)
    @requires("store.buy", key=Key, service=Slug, country=Iso2)
    @explained
    async def quick_buy(self, key: str, service: str, country: str) -> None:
        """Buy a favourite for at most its cap; the same key buys once."""
        who = actor()
        async with self:
            if self.quick_buying or not self.quick:
                return
            self.quick_buying = f"{service} {country}"
        try:
            await in_slow_thread(favourites.quick_buy, services().desk, who, service, country, key)
        finally:
            async with self:
                self.quick_buying = ""
                self.quick_key = secrets.token_hex(16)
                await self._read_mine(who)
                await self._read_habits(who)
                self._stamp()

    async def _read_habits(self, who: Actor) -> None:
        currency = services().settings.wallet_currency

        def query(unit: UnitOfWork) -> tuple[list[Habit], list[Habit]]:
            return (
                habits.favourites(unit, who.user_id, currency),
                habits.recent(unit, who.user_id),
            )

        self.favourites, self.recent = await read(query)


def _keep(who: Actor, service: str, country: str, most: int) -> None:
    with services().database.transaction() as unit:
        favourites.keep(unit, who.user_id, service, country, most)


def _drop(who: Actor, service: str, country: str) -> None:
    with services().database.transaction() as unit:
        favourites.drop(unit, who.user_id, service, country)
