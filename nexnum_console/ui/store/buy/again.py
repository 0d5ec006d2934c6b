"""The same number once more: shown with its price, then bought by a click."""

from __future__ import annotations

import secrets

import reflex as rx

from nexnum_console.activations.errors import NothingForSale, NotReusable
from nexnum_console.activations.purchase import Order
from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.idempotency import InFlight
from nexnum_console.operations.buying import buy_once
from nexnum_console.reports.again import AgainOffer, again
from nexnum_console.ui.shell.arguments import Key, Micro, RowId
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.work import in_slow_thread, read


def key_after(refusal: BusinessError, key: str) -> str:
    """The key of the next click. Where it is not certain that nothing was bought it stays, so that
    the next click is told what became of this one."""
    return key if isinstance(refusal, InFlight) else secrets.token_hex(16)


class SameNumber(PageState, mixin=True):
    """A number of a former order, asked for by the page's address."""

    again: AgainOffer = AgainOffer()
    taking_again: bool = False

    @rx.event(background=True)
    @requires("store.buy", key=Key, activation_id=RowId, most=Micro)
    @explained
    async def take_again(
        self, key: str, activation_id: int, most: int
    ) -> rx.event.EventSpec | None:
        """Buy the number for at most ``most`` micro-units; the same key buys once."""
        who = actor()
        async with self:
            if self.taking_again:
                return None
            self.taking_again = True
        order = Order(who.user_id, "", "", max_price=most, actor=who.name, reuse=activation_id)
        try:
            await in_slow_thread(buy_once, services().desk, order, key)
            async with self:
                self.order_key = secrets.token_hex(16)
        except BusinessError as refusal:
            async with self:
                self.order_key = key_after(refusal, key)
                if isinstance(refusal, (NothingForSale, NotReusable)):
                    # What stands there is not what is for sale: the price of now, to be agreed to.
                    await self._read_again(who, activation_id)
            raise
        finally:
            async with self:
                self.taking_again = False
        return rx.redirect("/store")

    async def _read_again(self, who: Actor, activation_id: int) -> None:
        desk, available = services().desk, self.wallet.available
        self.again = AgainOffer()
        if activation_id:
            self.again = await read(
                lambda unit: again(unit, desk, activation_id, who.user_id, available)
            )
