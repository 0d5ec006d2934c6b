"""State of a list: its URL is the truth, this holds what the URL shows just now.

A page of a list is a class with a listing::

    class UsersState(ListingState, rx.State):
        LISTING: ClassVar[Listing] = USERS
        CAPABILITY: ClassVar[str] = USERS.capability
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar
from urllib.parse import parse_qsl, urlsplit

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL, user_channel
from nexnum_console.operations import exports, saved_views
from nexnum_console.reports import saved_views as kept
from nexnum_console.reports.listing import MOST_TEXT, Listing, Query, parse, url, with_filter
from nexnum_console.reports.listing_page import ListPage, read_page
from nexnum_console.reports.saved_views import NO_EXPORT, ExportView, ViewLink
from nexnum_console.ui.shell.arguments import RowId
from nexnum_console.ui.shell.gate import OF_THE_PAGE, actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread, read

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Value = Annotated[str, Field(max_length=MOST_TEXT)]
Row = Annotated[str, Field(pattern=r"^[A-Za-z0-9:._-]{1,64}$")]
MOST_SELECTED = 200


class ListingState(PageState, mixin=True):
    """What every list page does. ``table`` is the page of rows that the URL asks for."""

    LISTING: ClassVar[Listing]
    CAPABILITY: ClassVar[str]

    email: str = ""
    is_staff: bool = False
    table: ListPage = ListPage()
    failed: bool = False
    selected: list[str] = []
    views: list[ViewLink] = []
    export: ExportView = NO_EXPORT
    naming: bool = False

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def load(self) -> None:
        """Page load and every change of its query."""
        who = actor()
        self.email = who.email
        self.is_staff = who.may("console.view")
        self.naming = False
        HUB.watch(self._channels(who), type(self).refresh)
        await self._show(who)

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def refresh(self) -> None:
        """A push said that something changed: the same page of the list again."""
        await self._show(actor())

    @rx.event(supersedes=True)
    @requires(OF_THE_PAGE, key=Name, value=Value)
    @explained
    async def filter_by(self, key: str, value: str) -> rx.event.EventSpec:
        """One filter changed: its rows at once, and the new state becomes the URL."""
        asked = url(self.LISTING, with_filter(self._query(), key, value.strip()), self._path())
        # Read back from the address, so that what means nothing is left out here as there.
        query = parse(self.LISTING, dict(parse_qsl(urlsplit(asked).query)))
        await self._read_rows(actor(), query)
        return rx.redirect(asked, replace=key == "q")

    @rx.event
    @requires(OF_THE_PAGE, row=Row)
    @explained
    async def toggle(self, row: str) -> None:
        """Select a row, or leave it out again."""
        if row in self.selected:
            self.selected.remove(row)
        elif len(self.selected) < MOST_SELECTED:
            self.selected.append(row)

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def toggle_page(self) -> None:
        """Select every row of the page, or none."""
        shown = [row.id for row in self.table.rows]
        self.selected = [] if len(self.selected) == len(shown) else shown

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def select_none(self) -> None:
        """Drop the selection."""
        self.selected = []

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def write_file(self) -> None:
        """Have the filtered list written as CSV."""
        who, parts = actor(), services()
        await in_thread(
            exports.ask, parts.database, parts.jobs, who, self.LISTING, self._asked(), utc_now()
        )
        await self._read_side(who)

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def name_view(self) -> None:
        """Open or close the form that keeps this view."""
        self.naming = not self.naming

    @rx.event
    @requires(OF_THE_PAGE, name=Value, shared=bool)
    @explained
    async def keep_view(self, name: str, shared: bool) -> None:
        """Keep the list as it stands under a name."""
        who, listing = actor(), self.LISTING
        asked = urlsplit(url(listing, replace(self._query(), page=1))).query
        await read(lambda unit: saved_views.keep(unit, who, listing, name, asked, shared=shared))
        self.naming = False
        self._say("ok", "View kept", f"“{' '.join(name.split())}” is above the list from now on.")
        await self._read_side(who)

    @rx.event
    @requires(OF_THE_PAGE, view=RowId)
    @explained
    async def drop_view(self, view: int) -> None:
        """Forget a view of one's own."""
        who = actor()
        await read(lambda unit: saved_views.remove(unit, who, view))
        await self._read_side(who)

    def _channels(self, who: Actor) -> set[str]:
        return {user_channel(who.user_id)} | ({ADMIN_CHANNEL} if self.is_staff else set())

    def _asked(self) -> str:
        return str(self.router.url.query)

    def _query(self) -> Query:
        return parse(self.LISTING, dict(parse_qsl(self._asked())))

    def _path(self) -> str:
        return str(self.router.url.path)

    async def _show(self, who: Actor) -> None:
        await self._read_rows(who, self._query())
        # The rows of the last visit can be ticked before this one's are read: who is shown on
        # stays ticked, who is not is out of sight and must not be acted on.
        shown = {row.id for row in self.table.rows}
        self.selected = [row for row in self.selected if row in shown]
        await self._read_side(who)
        self._stamp()

    async def _read_rows(self, who: Actor, query: Query) -> None:
        # Stays true if the reading raises; then the page says so in place of old rows.
        self.failed = True
        self.table = await read(lambda unit: self._page(unit, query, who))
        self.failed = False

    def _page(self, unit: UnitOfWork, query: Query, who: Actor) -> ListPage:
        return read_page(unit, self.LISTING, query, who.user_id)

    async def _read_side(self, who: Actor) -> None:
        """Kept views and the newest file."""
        listing, now, staff = self.LISTING, utc_now(), who.may("console.view")

        def side(unit: UnitOfWork) -> tuple[list[ViewLink], ExportView]:
            return (
                kept.views(unit, listing.name, listing.path, who.user_id, staff),
                kept.newest_export(unit, listing.name, who.user_id, now),
            )

        self.views, self.export = await read(side)
