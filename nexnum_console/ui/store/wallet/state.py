"""State of the wallet page: its ledger is a list, the balances are the store's."""

from __future__ import annotations

from typing import Annotated, ClassVar

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.throttle import Throttle
from nexnum_console.operations import penalty_desk, topping_up
from nexnum_console.reports import own_deposits, own_penalties
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.money_lists import LEDGER
from nexnum_console.reports.own_deposits import OwnDeposit
from nexnum_console.reports.own_penalties import OwnPenalty
from nexnum_console.reports.words import money
from nexnum_console.ui.shell.gate import OF_THE_PAGE, actor, requires
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.work import in_thread, read
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.buy.topping_up import Code

Asked = Annotated[int, Field(ge=0, le=2**63 - 1)]
# The desk says in words what is too short.
Appeal = Annotated[str, Field(max_length=1000)]


class WalletState(ListingState, rx.State):
    """Every line of the asking person's wallet."""

    LISTING: ClassVar[Listing] = LEDGER
    CAPABILITY: ClassVar[str] = LEDGER.capability

    deposits: list[OwnDeposit] = []
    redeeming: bool = False
    penalties: list[OwnPenalty] = []
    appealing: int = 0

    @rx.event
    @requires("wallet.deposit")
    @explained
    async def ask_coupon(self) -> None:
        """Open or close the box for a coupon's code."""
        self.redeeming = not self.redeeming

    @rx.event
    @requires("wallet.deposit", code=Code)
    @explained
    async def redeem_coupon(self, code: str) -> rx.event.EventSpec:
        """Redeem a coupon that needs no deposit."""
        who, parts = actor(), services()
        desk, tries, place = (
            parts.deposit_desk,
            Throttle(parts.redis),
            self.router.session.client_ip,
        )
        credited, after = await in_thread(topping_up.redeem, desk, tries, who, place, code)
        self.redeeming = False
        self._say("ok", "Coupon redeemed", f"{money(credited, after.currency)} were added.")
        await self._show(who)
        return StoreState.refresh

    @rx.event
    @requires("wallet.view", penalty=Asked)
    @explained
    async def ask_appeal(self, penalty: int) -> None:
        """Open the form under a penalty; 0 closes it."""
        self.appealing = penalty

    @rx.event
    @requires("wallet.view", text=Appeal)
    @explained
    async def appeal_penalty(self, text: str) -> None:
        """Say once why the penalty that was asked about is wrong."""
        who, parts, number = actor(), services(), self.appealing

        def appeal(unit: UnitOfWork) -> None:
            penalty_desk.appeal(unit, who, number, text, utc_now())
            unit.after_commit(lambda: parts.events.publish(ADMIN_CHANNEL, "deposits"))

        await read(appeal)
        self.appealing = 0
        self._say("ok", "Appeal sent", "An admin reads it; the answer will stand here.")
        await self._show(who)

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def refresh(self) -> rx.event.EventSpec:
        """A push said that something of mine changed: lines and balances again."""
        await self._show(actor())
        return StoreState.refresh

    async def _show(self, who: Actor) -> None:
        def query(unit: UnitOfWork) -> tuple[list[OwnDeposit], list[OwnPenalty]]:
            return (
                own_deposits.of_user(unit, who.user_id, utc_now()),
                own_penalties.of_user(unit, who.user_id),
            )

        self.deposits, self.penalties = await read(query)
        await ListingState._show(self, who)
