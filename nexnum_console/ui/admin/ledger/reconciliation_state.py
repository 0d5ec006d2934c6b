"""State of the reconciliation: both sides, and what the operator tells the books."""

from __future__ import annotations

from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.money import to_micro
from nexnum_console.operations import house_desk
from nexnum_console.operations.house_desk import Entered
from nexnum_console.reports.reconciliation_page import Reconciled, reconciled
from nexnum_console.ui.shell.arguments import Amount, RowId, Slug
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained, sentence
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread, read

Reason = Annotated[str, Field(max_length=400)]
Wish = Annotated[str, Field(pattern="^(payout|top_up|)$")]
Number = Annotated[str, Field(pattern="^[1-9][0-9]{0,17}$")]


class ReconciliationState(PageState, rx.State):
    """``settling`` is the provider account whose word is about to be taken as right; ``booking``
    a payout or a top-up about to be told."""

    email: str = ""
    currency: str = ""
    may_manage: bool = False
    shown: Reconciled = Reconciled()
    gateways: list[str] = []
    settling: int = 0
    settling_name: str = ""
    settling_says: str = ""
    booking: str = ""
    wrong: str = ""

    @rx.event
    @requires("ledger.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email, self.may_manage = who.email, who.may("money.manage")
        self.currency = services().settings.wallet_currency
        self.gateways = sorted(name for name in services().gateways if name != "sandbox")
        self.settling, self.booking = 0, ""
        HUB.watch({ADMIN_CHANNEL}, ReconciliationState.refresh, every=5.0)
        await self._show()

    @rx.event
    @requires("ledger.view")
    @explained
    async def refresh(self) -> None:
        """A push said that something happened."""
        await self._show()

    @rx.event
    @requires("money.manage", account=RowId)
    @explained
    async def ask_baseline(self, account: int) -> None:
        """Open the question whether a provider's word is right."""
        found = next((row for row in self.shown.floats if row.account == account), None)
        if found is not None:
            self.settling, self.wrong = account, ""
            self.settling_name, self.settling_says = found.provider, found.says

    @rx.event
    @requires("money.manage", wish=Wish)
    @explained
    async def ask_booking(self, wish: str) -> None:
        """Open the form that tells of a payout or of money sent to a provider."""
        self.booking, self.wrong = wish, ""

    @rx.event
    @requires("ledger.view")
    @explained
    async def close_questions(self) -> None:
        """Close what is open; nothing was booked."""
        self.settling, self.booking = 0, ""

    @rx.event
    @requires("money.manage", reason=Reason)
    @explained
    async def take_as_right(self, reason: str) -> None:
        """From now on the account's books start at what the provider said."""
        who, account, now = actor(), self.settling, utc_now()
        done = await self._try(
            lambda unit: house_desk.take_balance_as_right(unit, who, account, reason, now)
        )
        if done is not None:
            self.settling = 0
            told = f"{self.settling_name} starts at {self.settling_says}."
            self._say("ok", "Balance taken as right", told)
            await self._told()

    @rx.event
    @requires("money.manage", whom=Slug, amount=Amount, reference=Reason)
    @explained
    async def book_payout(self, whom: str, amount: str, reference: str) -> None:
        """Book what a gateway paid out; the same reference is booked once."""
        who, now, currency = actor(), utc_now(), self.currency
        await self._book(
            lambda unit: house_desk.payout(
                unit, who, whom, to_micro(amount), currency, reference, now
            )
        )

    @rx.event
    @requires("money.manage", account=Number, amount=Amount, arrived=Amount, reference=Reason)
    @explained
    async def book_top_up(self, account: str, amount: str, arrived: str, reference: str) -> None:
        """Book money sent to a provider account; the same reference is booked once."""
        who, now, currency = actor(), utc_now(), self.currency
        await self._book(
            lambda unit: house_desk.top_up(
                unit,
                who,
                int(account),
                to_micro(amount),
                currency,
                reference,
                now,
                arrived=to_micro(arrived) if arrived.strip() else None,
            )
        )

    async def _book(self, deed: Any) -> None:
        done = await self._try(deed)
        if done is not None:
            self.booking = ""
            self._say(*_entered(done))
            await self._told()

    async def _try(self, deed: Any) -> Any:
        try:
            return await read(lambda unit: _done(unit, deed))
        except BusinessError as error:
            self.wrong = sentence(error.message)
            return None

    async def _told(self) -> None:
        await in_thread(services().events.publish, ADMIN_CHANNEL, "ledger")
        await self._show()

    async def _show(self) -> None:
        self.shown = await read(reconciled)
        self._stamp()


def _entered(done: Entered) -> tuple[str, str, str]:
    if done.before:
        told = f"The same is journal {done.journal_id}; nothing was booked now."
        return "warn", "Booked before", told
    return "ok", "Booked", f"Journal {done.journal_id} tells of it."


def _done(unit: UnitOfWork, deed: Any) -> Any:
    return deed(unit)
