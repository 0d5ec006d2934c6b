"""State of the page of one user: the acts of staff, each with preview and reason."""

from __future__ import annotations

import secrets
from typing import Annotated

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, NotFound
from nexnum_console.core.events import ADMIN_CHANNEL, user_channel
from nexnum_console.operations import people
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.listing import whole_number
from nexnum_console.reports.person import (
    AuditLine,
    OrderLine,
    SeenLogin,
    person,
)
from nexnum_console.reports.store import LedgerLine
from nexnum_console.reports.words import money
from nexnum_console.ui.shell.arguments import Amount, Key
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained, sentence
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read

Reason = Annotated[str, Field(max_length=400)]
Word = Annotated[str, Field(max_length=254)]


class UserState(PageState, rx.State):
    """One user; ``planned`` says what a correction would do."""

    email: str = ""
    missing: str = ""
    user: int = 0
    address: str = ""
    role: str = ""
    banned: bool = False
    chip: str = ""
    chip_icon: str = ""
    chip_word: str = ""
    available: str = ""
    currency: str = ""
    since_ms: int = 0
    facts: list[Fact] = []
    orders: list[OrderLine] = []
    lines: list[LedgerLine] = []
    logins: list[SeenLogin] = []
    audit: list[AuditLine] = []
    may_adjust: bool = False
    may_ban: bool = False

    adjusting: bool = False
    banning: bool = False
    key: str = ""
    planned: str = ""
    wrong: str = ""

    @rx.event
    @requires("users.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email = who.email
        self.may_adjust, self.may_ban = who.may("wallet.adjust"), who.may("users.manage")
        self.adjusting = self.banning = False
        HUB.watch({ADMIN_CHANNEL}, UserState.refresh)
        await self._show()

    @rx.event
    @requires("users.view")
    @explained
    async def refresh(self) -> None:
        """A push said that something happened."""
        await self._show()

    @rx.event
    @requires("wallet.adjust")
    @explained
    async def open_adjust(self) -> None:
        """Open the correction, with a fresh key for its one booking."""
        self.key, self.planned, self.wrong = secrets.token_hex(16), "", ""
        self.adjusting = True

    @rx.event
    @requires("users.manage")
    @explained
    async def open_ban(self) -> None:
        """Open the question whether to ban, or to let in again."""
        self.wrong = ""
        self.banning = True

    @rx.event
    @requires("users.view")
    @explained
    async def close_dialogs(self) -> None:
        """Close what is open; nothing was done."""
        self.adjusting = self.banning = False

    @rx.event(supersedes=True)
    @requires("wallet.adjust", amount=Amount)
    @explained
    async def preview(self, amount: str) -> None:
        """What the correction would leave."""
        if not amount.strip():
            self.planned = self.wrong = ""
            return
        user = self.user
        try:
            found = await read(lambda unit: people.preview_adjustment(unit, user, amount))
        except BusinessError as error:
            self.planned, self.wrong = "", sentence(error.message)
            return
        self.wrong = ""
        before, after = money(found.before, found.currency), money(found.after, found.currency)
        self.planned = f"Balance {before} → {after}"

    @rx.event
    @requires("wallet.adjust", key=Key, amount=Amount, reason=Reason, word=Word)
    @explained
    async def adjust(self, key: str, amount: str, reason: str, word: str) -> None:
        """Book the correction; the same key books once."""
        if not self._typed(word):
            return
        who, user, now = actor(), self.user, utc_now()

        def book(unit: UnitOfWork) -> people.Preview:
            done = people.adjust_balance(unit, who, user, amount, reason, key, now)
            unit.after_commit(lambda: _tell(user))
            return done

        done = await self._try(book)
        if done is not None:
            self.adjusting = False
            left = money(done.after, done.currency)
            if done.request_id is None:
                self._say("ok", "Balance corrected", f"{done.email} has {left} now.")
            else:
                wait = f"Request {done.request_id} waits for another admin; nothing moved yet."
                self._say("warn", "Above the limit for one person", wait)
            await self._show()

    @rx.event
    @requires("users.manage", reason=Reason, word=Word)
    @explained
    async def set_banned(self, reason: str, word: str) -> None:
        """Ban, or let in again, whichever the page offers."""
        if not self._typed(word):
            return
        who, user, now, banned = actor(), self.user, utc_now(), self.banned
        act = people.unban if banned else people.ban

        def decide(unit: UnitOfWork) -> bool:
            act(unit, who, user, reason, now)
            unit.after_commit(lambda: _tell(user))
            return True

        if await self._try(decide):
            self.banning = False
            words = "may log in again" if banned else "is logged out everywhere and cannot log in"
            self._say("ok", "Let in again" if banned else "Banned", f"{self.address} {words}.")
            await self._show()

    def _typed(self, word: str) -> bool:
        if word.strip().lower() == self.address:
            self.wrong = ""
            return True
        self.wrong = f"Type {self.address} to confirm. Nothing was done."
        return False

    async def _try(self, deed):
        """The deed's outcome, or None with its refusal beside the form."""
        try:
            return await read(deed)
        except BusinessError as error:
            self.wrong = sentence(error.message)
            return None

    async def _show(self) -> None:
        asked, now = str(self.router.url.path).rstrip("/").rpartition("/")[2], utc_now()
        try:
            number = whole_number(asked)
            seen = await read(lambda unit: person(unit, number, now))
        except (ValueError, NotFound):
            self.missing = asked[:20]
            self._stamp()
            return
        self.missing = ""
        self.user, self.address, self.role, self.banned = (
            seen.id,
            seen.email,
            seen.role,
            seen.banned,
        )
        self.chip, self.chip_icon, self.chip_word = seen.chip, seen.chip_icon, seen.chip_word
        self.available, self.currency, self.since_ms = seen.available, seen.currency, seen.since_ms
        self.facts, self.orders, self.lines = list(seen.facts), list(seen.orders), list(seen.lines)
        self.logins, self.audit = list(seen.logins), list(seen.audit)
        self._stamp()


def _tell(user: int) -> None:
    services().events.publish(user_channel(user), "wallet")
    services().events.publish(ADMIN_CHANNEL, "user", id=user)
