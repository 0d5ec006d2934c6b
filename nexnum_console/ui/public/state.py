"""State of the doors: the words for the code a form route sent back."""

from __future__ import annotations

import time

import reflex as rx

from nexnum_console.reports.shelf import coverage
from nexnum_console.ui.public.words import said
from nexnum_console.ui.shell.gate import public
from nexnum_console.ui.shell.page_state import NOTHING, PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read

COUNTED_FOR = 30.0
_last: list = [0.0, (0, 0, 0)]


class DoorState(PageState, rx.State):
    """The doors share it; it holds no form data. ``done``: the address is confirmed."""

    done: bool = False

    @rx.event
    @public()
    async def load(self) -> None:
        """Say how the form went that was posted before."""
        HUB.forget()
        self._stamp()
        self.notice = NOTHING
        query = self.router.url.query_parameters
        self.done = query.get("done", "") == "verified"
        outcome = said(query)
        if outcome is not None:
            self._say(*outcome)


class FrontState(PageState, rx.State):
    """Live counts of the front page."""

    countries: str = ""
    services: str = ""
    pieces: str = ""

    @rx.event
    @public()
    @explained
    async def load(self) -> None:
        """Count what is for sale; the page reads well without it."""
        HUB.forget()
        counted = await _counted()
        self.countries, self.services, self.pieces = (f"{number:,}" for number in counted)
        self._stamp()


async def _counted() -> tuple[int, int, int]:
    """The counts, at most ``COUNTED_FOR`` seconds old: strangers cost the database nothing."""
    until, counted = _last
    if time.monotonic() > until:
        counted = await read(coverage)
        _last[:] = (time.monotonic() + COUNTED_FOR, counted)
    return counted
