"""State of the statements: whose and which days, the address says."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

import reflex as rx
from pydantic import Field

from nexnum_console.accounts import service as accounts
from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.reports.statement_page import StatementView, house_view, user_view
from nexnum_console.ui.admin.ledger.frame import PATH
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained, sentence
from nexnum_console.ui.shell.work import read_at_once

Email = Annotated[str, Field(max_length=254)]
Day = Annotated[str, Field(max_length=10)]


class StatementState(PageState, rx.State):
    """``whose`` is an e-mail, empty for the house; without days, this month so far."""

    email: str = ""
    whose: str = ""
    since: str = ""
    until: str = ""
    wrong: str = ""
    shown: StatementView = StatementView()

    @rx.event
    @requires("ledger.view")
    @explained
    async def load(self) -> None:
        """Page load and every change of its query."""
        self.email = actor().email
        asked = dict(parse_qsl(str(self.router.url.query)))
        today = utc_now().date()
        self.whose = asked.get("user", "")[:254].strip().lower()
        self.since = asked.get("from", today.replace(day=1).isoformat())[:10]
        self.until = asked.get("to", today.isoformat())[:10]
        currency = services().settings.wallet_currency
        whose, since, until = self.whose, self.since, self.until
        try:
            self.shown = await read_statement(whose, since, until, currency)
            self.wrong = ""
        except BusinessError as error:
            self.shown, self.wrong = StatementView(), sentence(error.message)
        except ValueError:
            self.shown, self.wrong = StatementView(), "Write days like 2026-11-30."
        self._stamp()

    @rx.event
    @requires("ledger.view", user=Email, since=Day, until=Day)
    @explained
    async def choose_statement(self, user: str, since: str, until: str) -> rx.event.EventSpec:
        """Whose statement over which days: it becomes the address."""
        asked = {"user": user.strip(), "from": since, "to": until}
        query = urlencode({name: value for name, value in asked.items() if value})
        return rx.redirect(f"{PATH}/statement?{query}")


async def read_statement(whose: str, since: str, until: str, currency: str) -> StatementView:
    """A user's statement or, without an e-mail, the house's, as of one moment; BusinessError,
    ValueError for a day that is none."""
    return await read_at_once(lambda unit: _view(unit, whose, since, until, currency))


def _view(unit: UnitOfWork, whose: str, since: str, until: str, currency: str) -> StatementView:
    days = date.fromisoformat(since), date.fromisoformat(until)
    if whose:
        return user_view(unit, accounts.by_email(unit, whose), *days)
    return house_view(unit, currency, *days)
