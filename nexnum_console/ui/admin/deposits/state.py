"""State of the deposits: confirming by hand, paying back."""

from __future__ import annotations

from typing import Annotated, ClassVar

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.money import to_micro
from nexnum_console.operations import deposit_desk, manual_deposits
from nexnum_console.operations.deposit_desk import DepositDesk
from nexnum_console.reports.deposits_list import DEPOSITS, DepositRecord, deposit_record
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.record import Opening
from nexnum_console.ui.admin.deposits.picked import PickedState, Reason
from nexnum_console.ui.shell.arguments import Amount, Key
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.wallet.told import Told

Reference = Annotated[str, Field(max_length=160)]
_REFUNDED = {
    "done": ("Paid back", "The wallet was debited and the gateway has paid it back."),
    "asked": ("On its way back", "The wallet was debited; the gateway has not said it is done."),
    "refused": ("The gateway refused", "Nothing was paid back, and the wallet has its money."),
}


class DepositsState(PickedState, rx.State):
    """Every deposit; ``record`` is the opened one."""

    LISTING: ClassVar[Listing] = DEPOSITS
    CAPABILITY: ClassVar[str] = DEPOSITS.capability
    OPENING: ClassVar[Opening[DepositRecord]] = Opening(deposit_record, DepositRecord())

    record: DepositRecord = DepositRecord()

    @rx.event
    @requires("money.manage", amount=Amount, reference=Reference, reason=Reason)
    @explained
    async def confirm_deposit(self, amount: str, reference: str, reason: str) -> None:
        """The money of a manual deposit was seen: book it, once for its reference."""
        who, desk, record = actor(), services().deposit_desk, self.record
        told = await self._try(_confirm, desk, who, record.intent, reference, amount, reason)
        if told is None:
            return
        title = "Deposit booked" if told.deposit_id else "Not booked as asked for"
        text = f"{record.email}: {told.outcome}."
        if told.request_id is not None:
            title, text = "Another admin must agree", f"{text} It is under Approvals."
        await self._done(title, text, told.user_id or 0)
        if told.deposit_id is None:
            self._say("warn", title, text)

    @rx.event(background=True)
    @requires("money.manage", key=Key, amount=Amount, reason=Reason)
    @explained
    async def refund_deposit(self, key: str, amount: str, reason: str) -> None:
        """Pay a deposit back the way it came; the same key pays back once."""
        who, desk = actor(), services().deposit_desk
        async with self:
            deposit = self.record.deposit
        state = await self._try_slow(_refund, desk, who, deposit, amount, reason, key)
        if state is None:
            return
        async with self:
            title, text = _REFUNDED[state]
            await self._done(title, text)
            if state != "done":
                self._say("warn", title, text)


def _confirm(
    desk: DepositDesk, who: Actor, intent: int, reference: str, amount: str, reason: str
) -> Told:
    return manual_deposits.confirm(desk, who, intent, reference, to_micro(amount), reason)


def _refund(desk: DepositDesk, who: Actor, deposit: int, amount: str, reason: str, key: str) -> str:
    return deposit_desk.refund(desk, who, deposit, to_micro(amount), reason, key)
