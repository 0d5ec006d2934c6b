"""State of the coupons: making one, withdrawing one."""

from __future__ import annotations

from typing import Annotated, ClassVar

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.operations import coupon_desk
from nexnum_console.reports.coupons_list import COUPONS, CouponRecord, coupon_record
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.record import Opening
from nexnum_console.ui.admin.deposits.picked import PickedState, Reason
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained

Short = Annotated[str, Field(max_length=48)]
FIELDS = ("amount", "percent", "most_credit", "least_deposit", "most_uses", "most_each", "last_day")


class CouponsState(PickedState, rx.State):
    """Every coupon; ``made`` is the code of the newest one made here, to be copied."""

    LISTING: ClassVar[Listing] = COUPONS
    CAPABILITY: ClassVar[str] = COUPONS.capability
    OPENING: ClassVar[Opening[CouponRecord]] = Opening(coupon_record, CouponRecord())

    record: CouponRecord = CouponRecord()
    currency: str = ""
    made: str = ""

    @rx.event
    @requires("money.manage", terms=dict[str, Short], code=Short, reason=Reason)
    @explained
    async def make_coupon(self, terms: dict[str, str], code: str, reason: str) -> None:
        """Make a coupon; without a code a random one."""
        who, now = actor(), utc_now()
        asked = {name: terms.get(name, "") for name in FIELDS}

        def make(unit: UnitOfWork) -> str:
            found = coupon_desk.terms_of(**asked)
            return coupon_desk.make(unit, who, found, reason, now, code)

        made = await self._try_unit(make)
        if made is not None:
            self.made = made
            await self._done("Coupon made", f"Its code is {made}.")

    @rx.event
    @requires("money.manage", reason=Reason)
    @explained
    async def withdraw_coupon(self, reason: str) -> None:
        """Nobody redeems the opened coupon any more."""
        who, now, code = actor(), utc_now(), self.record.code

        def withdraw(unit: UnitOfWork) -> bool:
            coupon_desk.withdraw(unit, who, code, reason, now)
            return True

        if await self._try_unit(withdraw):
            await self._done("Coupon withdrawn", "What it gave stays with its users.")

    async def _show(self, who: Actor) -> None:
        self.currency = services().settings.wallet_currency
        await PickedState._show(self, who)
