"""Money into the wallet: how much, which way, and a coupon that goes with it."""

from __future__ import annotations

import secrets
from typing import Annotated

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.idempotency import InFlight
from nexnum_console.core.money import to_micro
from nexnum_console.operations import topping_up
from nexnum_console.operations.topping_up import Opened
from nexnum_console.reports import own_deposits
from nexnum_console.reports.own_deposits import WayToPay
from nexnum_console.ui.shell.arguments import Amount, Key, Slug
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.work import in_slow_thread, read
from nexnum_console.wallet.gateways.port import GatewayUnknown

QUICK_AMOUNTS = ("5.00", "10.00", "25.00")
Code = Annotated[str, Field(max_length=48)]
_NO_WAY = WayToPay()


class ToppingUp(PageState, mixin=True):
    """The deposit form; what was asked for is in the database, here is only the draft."""

    ways: list[WayToPay] = []
    way: WayToPay = _NO_WAY
    can_deposit: bool = False
    topping_up: bool = False
    with_coupon: bool = False
    depositing: bool = False
    deposit_key: str = ""

    @rx.event
    @requires("wallet.deposit")
    @explained
    async def toggle_top_up(self) -> None:
        """Open or close the form."""
        self.topping_up = not self.topping_up
        self.with_coupon = False
        await self._read_ways()

    @rx.event
    @requires("wallet.deposit", gateway=Slug)
    @explained
    async def choose_way(self, gateway: str) -> None:
        """Pay by this gateway, where it is offered."""
        self.way = next((one for one in self.ways if one.gateway == gateway), self.way)
        self.deposit_key = secrets.token_hex(16)

    @rx.event
    @requires("wallet.deposit")
    @explained
    async def bring_coupon(self) -> None:
        """A coupon goes with the deposit: ask for its code."""
        self.with_coupon = True

    @rx.event(background=True)
    @requires("wallet.deposit", key=Key, gateway=Slug, amount=Amount, coupon=Code)
    @explained
    async def top_up(
        self, key: str, gateway: str, amount: str, coupon: str
    ) -> rx.event.EventSpec | None:
        """Open a deposit, one for a key, and go where it is paid."""
        who = actor()
        async with self:
            if self.depositing:
                return None
            self.depositing = True
        try:
            desk, micro = services().deposit_desk, to_micro(amount)
            opened = await in_slow_thread(
                topping_up.open_once, desk, who, gateway, micro, coupon, key
            )
        except BusinessError as refusal:
            # Where nobody knows what the gateway did, the next click asks for the same again.
            if not isinstance(refusal, (GatewayUnknown, InFlight)):
                async with self:
                    self.deposit_key = secrets.token_hex(16)
            raise
        finally:
            async with self:
                self.depositing = False
        async with self:
            self.topping_up = False
            self.deposit_key = secrets.token_hex(16)
            self._tell_opened(opened)
            await self._read_mine(who)
            await self._read_shelf()
            self._stamp()
        return None if opened.booked else rx.redirect(opened.url or "/store/wallet")

    def _tell_opened(self, opened: Opened) -> None:
        if opened.booked and opened.note:
            self._say("info", "Added to your wallet", opened.note)
        elif not opened.booked and not opened.url:
            self._say(
                "info",
                "Waiting for your transfer",
                "Below is where to send it, and the reference to write on it.",
            )

    async def _read_ways(self) -> None:
        desk = services().deposit_desk
        found = await read(desk.offered)
        self.ways = [own_deposits.way(one.name, instant=one.instant) for one in found]
        self.can_deposit = bool(self.ways)
        kept = [one for one in self.ways if one.gateway == self.way.gateway]
        self.way = next(iter(kept or self.ways), _NO_WAY)
        # It stays on where a process died while it asked.
        self.depositing = False
        self.deposit_key = secrets.token_hex(16)
