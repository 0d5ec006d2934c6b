"""States of the ledger's lists: balances, the lines of an account, holds."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.errors import NotFound
from nexnum_console.reports.holds_list import HOLDS
from nexnum_console.reports.ledger_book import WALLETS, Book, book
from nexnum_console.reports.ledger_lines import LINES, Fact, account_head
from nexnum_console.reports.listing import Listing, Query
from nexnum_console.reports.listing_page import ListPage
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.work import read, read_at_once


class BookState(ListingState, rx.State):
    """The house's accounts, and every wallet."""

    LISTING: ClassVar[Listing] = WALLETS
    CAPABILITY: ClassVar[str] = WALLETS.capability

    book: Book = Book()

    async def _show(self, who: Actor) -> None:
        currency = services().settings.wallet_currency
        self.book = await read_book(currency)
        await ListingState._show(self, who)


async def read_book(currency: str) -> Book:
    """The house's accounts and all wallets, as of one moment: a move between two reads would look
    like money that is missing."""
    return await read_at_once(lambda unit: book(unit, currency))


class LinesState(ListingState, rx.State):
    """One account's lines; which one, the address says."""

    LISTING: ClassVar[Listing] = LINES
    CAPABILITY: ClassVar[str] = LINES.capability

    missing: str = ""
    title: str = ""
    code: str = ""
    facts: list[Fact] = []

    async def _show(self, who: Actor) -> None:
        number = int(self._query().filters.get("account", "0"))
        try:
            head = await read(lambda unit: account_head(unit, number))
        except NotFound:
            self.missing = "account"
            self._stamp()
            return
        self.missing = ""
        self.title, self.code, self.facts = head.title, head.code, list(head.facts)
        await ListingState._show(self, who)

    async def _read_rows(self, who: Actor, query: Query) -> None:
        # Without an account the running balance would be counted for every entry there is.
        if "account" in query.filters:
            await ListingState._read_rows(self, who, query)
        else:
            self.table = ListPage()


class HoldsState(ListingState, rx.State):
    """Money that is set aside."""

    LISTING: ClassVar[Listing] = HOLDS
    CAPABILITY: ClassVar[str] = HOLDS.capability
