"""State of the account page."""

from __future__ import annotations

import reflex as rx

from nexnum_console.accounts import sessions
from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.operations import account_mail
from nexnum_console.reports.account import AccountView, LoginLine, account
from nexnum_console.ui.public.words import said
from nexnum_console.ui.shell.arguments import RowId
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import NOTHING, PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread, read


class SettingsState(PageState, rx.State):
    """The signed-in person's own account."""

    email: str = ""
    is_staff: bool = False
    account: AccountView = AccountView()
    logins: list[LoginLine] = []

    @rx.event
    @requires("account.manage")
    @explained
    async def load(self) -> None:
        """Page load; a form that was posted left its outcome in the query."""
        HUB.forget()
        who = actor()
        self.email, self.is_staff = who.email, who.may("console.view")
        await self._show()
        self.notice = NOTHING
        outcome = said(self.router.url.query_parameters)
        if outcome is not None:
            self._say(*outcome)

    @rx.event
    @requires("account.manage")
    @explained
    async def send_verification(self) -> None:
        """One more letter with a link."""
        who = actor()
        await in_thread(account_mail.ask_verification, services().postroom, who.user_id)
        self._say(
            "ok",
            "A letter is on its way",
            f"It goes to {who.email}. The link in it is good for three days; older links are not.",
        )

    @rx.event
    @requires("account.manage", session_id=RowId)
    @explained
    async def end_login(self, session_id: int) -> None:
        """Log another device out."""
        who = actor()
        await read(lambda unit: sessions.revoke(unit, who.user_id, session_id, now=utc_now()))
        self._say("ok", "Logged out there", "That device sees the log-in page from now on.")
        await self._show()

    @rx.event
    @requires("account.manage")
    @explained
    async def end_other_logins(self) -> None:
        """Log every other device out."""
        who, now = actor(), utc_now()

        def end(unit: UnitOfWork) -> int:
            others = [
                one
                for one in sessions.open_ones(unit, who.user_id, now=now)
                if one.id != who.session_id
            ]
            for one in others:
                sessions.revoke(unit, who.user_id, one.id, now=now)
            return len(others)

        ended = await read(end)
        self._say("ok", "Logged out elsewhere", f"{ended} other logins ended; this one stays.")
        await self._show()

    async def _show(self) -> None:
        who, now = actor(), utc_now()
        self.account = await read(lambda unit: account(unit, who, now))
        self.logins = list(self.account.logins)
        self._stamp()
