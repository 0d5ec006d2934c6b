"""State of the public pages: words for a posted form, figures of the real catalogue."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.prices import PriceLine, matching, prices
from nexnum_console.reports.shelf import Found, OfferRow, coverage, shelf
from nexnum_console.ui.public.words import said
from nexnum_console.ui.shell.arguments import Words
from nexnum_console.ui.shell.gate import public
from nexnum_console.ui.shell.page_state import NOTHING, PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read

REMEMBERED_SECONDS = 30.0
ON_FRONT = 8
ON_PAGE = 60
IN_HERO = 4


@dataclass
class Catalogue:
    """What strangers see of the catalogue; read at most every half minute, whoever asks."""

    counts: tuple[int, int, int] = (0, 0, 0)
    lines: list[PriceLine] = field(default_factory=list)
    offers: list[OfferRow] = field(default_factory=list)
    until: float = 0.0


_catalogue = Catalogue()


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
    """The front page and the price list."""

    countries: str = ""
    services: str = ""
    pieces: str = ""
    lines: list[PriceLine] = []
    offers: list[OfferRow] = []
    example: str = ""
    flag: str = ""
    words: str = ""
    found: str = ""

    @rx.event
    @public()
    @explained
    async def load(self) -> None:
        """The front page reads well without any of it."""
        HUB.forget()
        known = await _known()
        self.countries, self.services, self.pieces = (f"{number:,}" for number in known.counts)
        self.lines, self.offers = known.lines[:ON_FRONT], known.offers
        if known.lines:
            self.example = f"{known.lines[0].name}, {known.lines[0].country}"
            self.flag = known.lines[0].flag
        self._stamp()

    @rx.event
    @public()
    @explained
    async def load_prices(self) -> None:
        """The whole price list, or what ``?q=`` asks for."""
        HUB.forget()
        self.words = self.router.url.query_parameters.get("q", "")[:120]
        await self._list()

    @rx.event(supersedes=True)
    @public(words=Words)
    @explained
    async def search(self, words: str) -> None:
        """The search box changed."""
        self.words = words
        await self._list()

    async def _list(self) -> None:
        known = await _known()
        found = matching(known.lines, self.words)
        self.lines = found[:ON_PAGE]
        shown = f", the first {ON_PAGE} here" if len(found) > ON_PAGE else ""
        self.found = f"{len(found):,} of {len(known.lines):,} services{shown}"
        self._stamp()


async def _known() -> Catalogue:
    """The catalogue at most half a minute old: strangers cost the database next to nothing."""
    if time.monotonic() > _catalogue.until:
        fresh = await read(_read)
        fresh.until = time.monotonic() + REMEMBERED_SECONDS
        _catalogue.__dict__.update(fresh.__dict__)
    return _catalogue


def _read(unit: UnitOfWork) -> Catalogue:
    currency = services().settings.wallet_currency
    shut = services().desk.shut_now(unit)
    lines = prices(unit, currency, utc_now(), shut)
    known = Catalogue(coverage(unit, shut), lines)
    if lines:
        iso2 = lines[0].href.rpartition("=")[2]
        shop = shelf(
            unit,
            found=Found(),
            service=lines[0].code,
            country=iso2,
            available=0,
            currency=currency,
            now=utc_now(),
            shut=shut,
        )
        known.offers = list(shop.offers[:IN_HERO])
    return known
