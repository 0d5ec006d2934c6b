"""State of the approvals: a second person agrees, refuses, or the asker takes it back."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import approval_desk
from nexnum_console.reports.approvals_list import APPROVALS, ApprovalRecord, approval_record
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.record import Opening
from nexnum_console.reports.words import money
from nexnum_console.ui.admin.deposits.picked import PickedState, Reason
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained


class ApprovalsState(PickedState, rx.State):
    """Every request; ``mine`` says that the opened one was asked for by whoever looks."""

    LISTING: ClassVar[Listing] = APPROVALS
    CAPABILITY: ClassVar[str] = APPROVALS.capability
    OPENING: ClassVar[Opening[ApprovalRecord]] = Opening(approval_record, ApprovalRecord())

    record: ApprovalRecord = ApprovalRecord()
    mine: bool = False
    about_me: bool = False

    @rx.event
    @requires("wallet.adjust", approve=bool, reason=Reason)
    @explained
    async def decide_request(self, approve: bool, reason: str) -> None:
        """Approve the opened request, or refuse it (or take it back)."""
        who, record, now = actor(), self.record, utc_now()
        done = await self._try_unit(
            lambda unit: approval_desk.decide(unit, who, record.id, reason, now, approve=approve)
        )
        if done is None:
            return
        has = money(done.available, done.currency)
        booked = "Approved and booked" if done.outcome == "booked" else f"Approved, {done.outcome}"
        words = booked if approve else done.outcome.capitalize()
        await self._done(words, f"{done.email} has {has}.", record.user)

    async def _show(self, who: Actor) -> None:
        await PickedState._show(self, who)
        self.may_manage = who.may("wallet.adjust")
        self.mine = self.record.asked_by == who.name
        self.about_me = self.record.user == who.user_id
