"""State of the suspense: giving money to a user, or sending it back."""

from __future__ import annotations

from typing import Annotated, ClassVar

import reflex as rx
from pydantic import Field

from nexnum_console.accounts import service as accounts
from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.money import to_micro
from nexnum_console.operations import suspense_desk
from nexnum_console.operations.deposit_desk import DepositDesk
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.record import Opening
from nexnum_console.reports.suspense_list import SUSPENSE, SuspenseRecord, suspense_record
from nexnum_console.ui.admin.deposits.picked import PickedState, Reason
from nexnum_console.ui.shell.arguments import Amount
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.wallet.told import Told

Email = Annotated[str, Field(max_length=254)]


class SuspenseState(PickedState, rx.State):
    """Every payment that fitted nothing; ``record`` is the opened one."""

    LISTING: ClassVar[Listing] = SUSPENSE
    CAPABILITY: ClassVar[str] = SUSPENSE.capability
    OPENING: ClassVar[Opening[SuspenseRecord]] = Opening(suspense_record, SuspenseRecord())

    record: SuspenseRecord = SuspenseRecord()
    currency: str = ""

    @rx.event
    @requires("money.manage", user=Email, worth=Amount, reason=Reason)
    @explained
    async def assign_suspense(self, user: str, worth: str, reason: str) -> None:
        """The money is this user's; foreign money at what a person says it is worth."""
        who, desk, record = actor(), services().deposit_desk, self.record
        told = await self._try(_assign, desk, who, record.id, user, worth, reason)
        if told is None:
            return
        whose = user.strip().lower()
        title, text = "Money assigned", f"{record.amount} from {record.gateway} is {whose}’s."
        if told.request_id is not None:
            title = "Another admin must agree"
            text = f"{record.amount} for {whose} {told.outcome}. It is under Approvals."
        await self._done(title, text, told.user_id or 0)
        if told.request_id is not None:
            self._say("warn", title, text)

    @rx.event(background=True)
    @requires("money.manage", reason=Reason)
    @explained
    async def return_suspense(self, reason: str) -> None:
        """The money goes back to who paid it."""
        who, desk = actor(), services().deposit_desk
        async with self:
            record = self.record
        back = await self._try_slow(suspense_desk.return_money, desk, who, record.id, reason)
        if back is None:
            return
        async with self:
            title, how = "Sent back", "It is on its way."
            if not back.done:
                title, how = "Being sent back", "The gateway has taken the order."
            await self._done(title, f"{record.amount} by {record.gateway}. {how}")

    async def _show(self, who: Actor) -> None:
        self.currency = services().settings.wallet_currency
        await PickedState._show(self, who)


def _assign(
    desk: DepositDesk, who: Actor, number: int, email: str, worth: str, reason: str
) -> Told:
    """Assign by e-mail."""
    with desk.database.transaction() as unit:
        user = accounts.by_email(unit, email.strip()).id
    credit = to_micro(worth) if worth.strip() else None
    return suspense_desk.assign(desk, who, number, user, reason, credit=credit)
