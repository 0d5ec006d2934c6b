"""State of the store page: a view of rows that live in the database, read again on every push."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

import reflex as rx

from nexnum_console.activations.errors import NothingForSale
from nexnum_console.activations.purchase import Order
from nexnum_console.activations.quoting import Quoted, give_quote
from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.events import user_channel
from nexnum_console.operations import favourites
from nexnum_console.operations.buying import buy_once
from nexnum_console.reports import shelf as shelf_report
from nexnum_console.reports.promise import Promise, promise
from nexnum_console.reports.shelf import (
    SORTS,
    CountryRow,
    Found,
    OfferRow,
    Pair,
    ServiceTile,
    Shelf,
)
from nexnum_console.reports.store import WalletView
from nexnum_console.routing.choose import Wanted
from nexnum_console.routing.errors import QuoteExpired, QuoteUsed
from nexnum_console.routing.policy import Strategy
from nexnum_console.ui.shell.arguments import (
    Iso2,
    Key,
    Micro,
    Operator,
    Preference,
    Slug,
    Words,
)
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_slow_thread, in_thread, read
from nexnum_console.ui.store.buy.again import SameNumber, key_after
from nexnum_console.ui.store.buy.errands import NumberErrands
from nexnum_console.ui.store.buy.topping_up import ToppingUp

_CHANGED = (
    "What stood on the button changed while you clicked. Look at the price and buy at that one."
)
_NO_TILE = ServiceTile("", "", "", 0)
_NO_PLACE = CountryRow("", "", "", "", "")


class StoreState(SameNumber, NumberErrands, ToppingUp, rx.State):
    """Wallet, live numbers, and what is for sale; forms keep only drafts here."""

    email: str = ""
    is_staff: bool = False

    words: str = ""
    words_link: str = ""
    services: list[ServiceTile] = []
    service: ServiceTile = _NO_TILE
    countries: list[CountryRow] = []
    countries_label: str = ""
    country: CountryRow = _NO_PLACE
    offers: list[OfferRow] = []

    sort: str = "best"
    by: dict[str, str] = {}
    favourites: list[Pair] = []
    recent: list[Pair] = []
    starred: bool = False
    quick: bool = False

    chosen: str = ""
    promised: Promise = Promise()
    order_key: str = ""
    buying: bool = False

    @rx.event
    @requires("store.view")
    @explained
    async def load(self) -> None:
        """Page load and every change of its query."""
        who = actor()
        self.email = who.email
        self.is_staff = who.may("console.view")
        await self._read_ways()
        HUB.watch({user_channel(who.user_id)}, StoreState.refresh)
        self.chosen = ""
        self.order_key = secrets.token_hex(16)
        await self._read_mine(who)
        await self._read_pairs(who)
        await self._read_again(who, self._asked_again())
        await self._read_shelf()
        self._stamp()

    @rx.event
    @requires("store.view")
    @explained
    async def load_mine(self) -> None:
        """The wallet and the numbers, for pages that show them beside something else."""
        who = actor()
        self.email = who.email
        self.is_staff = who.may("console.view")
        await self._read_ways()
        await self._read_mine(who)
        self._stamp()

    @rx.event
    @requires("store.view")
    @explained
    async def refresh(self) -> None:
        """A push said that something of mine changed."""
        await self._read_mine(actor())
        self._stamp()

    @rx.event(supersedes=True)
    @requires("store.view", words=Words)
    @explained
    async def search(self, words: str) -> rx.event.EventSpec:
        """The search box changed: what it says becomes the address, and that the new rows."""
        asked = {key: value for key, value in self._asked().items() if key != "q"}
        if words.strip():
            asked["q"] = words.strip()
        return rx.redirect("/store" + (f"?{urlencode(asked)}" if asked else ""), replace=True)

    @rx.event
    @requires("store.buy", operator=Operator)
    @explained
    async def choose(self, operator: str) -> None:
        """Open the confirmation of an offer, with a fresh key for its one purchase."""
        self.chosen = operator
        self.promised = Promise()
        self.order_key = secrets.token_hex(16)

    @rx.event
    @requires("store.buy")
    @explained
    async def unchoose(self) -> None:
        """Close the confirmation; nothing was bought."""
        self.chosen = ""

    @rx.event
    @requires("store.buy", strategy=Preference)
    @explained
    async def prefer(self, strategy: Strategy) -> None:
        """Ask what the chosen offer costs at most when ``strategy`` decides who is asked first."""
        self.promised = Promise()
        self.order_key = secrets.token_hex(16)
        wanted = Wanted(self.service.code, self.country.iso2, self.chosen, strategy)
        quoted = await in_thread(give_quote, services().desk, actor().user_id, wanted)
        self.promised = _promise(quoted, self.wallet)

    @rx.event(background=True)
    @requires("store.buy", key=Key, operator=Operator, most=Micro)
    @explained
    async def buy(self, key: str, operator: str, most: int) -> None:
        """Buy the chosen offer for at most ``most`` micro-units; the same key buys once."""
        who = actor()
        async with self:
            if self.buying:
                return
            if key != self.order_key:
                # What was clicked is not what stands there now: another price, perhaps a dearer.
                self._say("warn", "Nothing was bought", _CHANGED)
                return
            self.buying = True
            order = Order(
                user_id=who.user_id,
                service=self.service.code,
                country=self.country.iso2,
                operator=operator,
                max_price=most,
                actor=who.name,
                quote=self.promised.id or None,
            )
        try:
            await in_slow_thread(buy_once, services().desk, order, key)
            async with self:
                self.chosen = ""
                await self._read_mine(who)
                self._stamp()
        except (NothingForSale, QuoteExpired, QuoteUsed):
            # What stands there is not what is for sale: the prices of now, to be agreed to.
            async with self:
                self.promised = Promise()
                self.order_key = secrets.token_hex(16)
                await self._read_shelf()
            raise
        finally:
            async with self:
                self.buying = False

    @rx.event
    @requires("store.buy")
    @explained
    async def toggle_quick(self) -> None:
        """Buy favourites with one click, or be asked first."""
        self.quick = not self.quick

    @rx.event
    @requires("store.view")
    @explained
    async def toggle_favourite(self) -> None:
        """Keep the chosen service and country at hand, or let them go."""
        who, service, country = actor(), self.service.code, self.country.iso2
        kept = await read(lambda unit: favourites.toggle(unit, who.user_id, service, country))
        await self._read_pairs(who)
        self.starred = kept

    @rx.event(background=True)
    @requires("store.buy", key=Key, service=Slug, country=Iso2, most=Micro)
    @explained
    async def buy_now(self, key: str, service: str, country: str, most: int) -> None:
        """Buy a favourite at once, for at most the price that stood on it."""
        who = actor()
        async with self:
            if self.buying or not self.quick:
                return
            self.buying = True
        order = Order(
            user_id=who.user_id, service=service, country=country, max_price=most, actor=who.name
        )
        try:
            await in_slow_thread(buy_once, services().desk, order, key)
            async with self:
                self.order_key = secrets.token_hex(16)
        except BusinessError as refusal:
            async with self:
                self.order_key = key_after(refusal, key)
                if isinstance(refusal, NothingForSale):
                    await self._read_pairs(who)
            raise
        finally:
            async with self:
                self.buying = False
                await self._read_mine(who)
                self._stamp()

    async def _read_pairs(self, who: Actor) -> None:
        currency = self.wallet.currency

        def query(unit: UnitOfWork) -> tuple[list[Pair], list[Pair]]:
            shut = services().desk.shut_now(unit)
            return (
                shelf_report.favourites(unit, who.user_id, currency, shut),
                shelf_report.recent(unit, who.user_id, currency, shut),
            )

        self.favourites, self.recent = await read(query)

    def _asked(self) -> dict[str, str]:
        given = self.router.url.query_parameters
        known = ("service", "country", "q", "sort")
        return {key: given[key][:120] for key in known if given.get(key)}

    def _asked_again(self) -> int:
        given = self.router.url.query_parameters.get("again", "")
        return int(given) if given.isdecimal() and len(given) < 19 else 0

    async def _read_shelf(self) -> None:
        asked = self._asked()
        self.words = asked.get("q", "")
        self.words_link = f"&{urlencode({'q': self.words})}" if self.words else ""
        found = await in_thread(_search, self.words)
        service, country = asked.get("service", ""), asked.get("country", "")
        available, currency = self.wallet.available, self.wallet.currency
        wanted, now = asked.get("sort", ""), utc_now()
        self.sort = wanted if wanted in SORTS else SORTS[0]
        sort = self.sort

        def query(unit: UnitOfWork) -> Shelf:
            return shelf_report.shelf(
                unit,
                found=found,
                service=service[:64],
                country=country[:2].upper(),
                available=available,
                currency=currency,
                now=now,
                sort=sort,
                shut=services().desk.shut_now(unit),
            )

        seen = await read(query)
        self.services = list(seen.services)
        self.service = seen.service or _NO_TILE
        self.countries = list(seen.countries)
        self.countries_label = seen.countries_label
        self.country = seen.country or _NO_PLACE
        self.offers = list(seen.offers)
        place = f"/store?service={self.service.code}&country={self.country.iso2}{self.words_link}"
        self.by = {name: f"{place}&sort={name}" for name in SORTS}
        self.starred = any(
            (pair.service, pair.country) == (self.service.code, self.country.iso2)
            for pair in self.favourites
        )


def _promise(quoted: Quoted, wallet: WalletView) -> Promise:
    first = quoted.plan.candidates[0].provider
    held = quoted.held
    return promise(
        held.id,
        held.wanted.strategy,
        held.price_cap,
        first,
        available=wallet.available,
        currency=wallet.currency,
    )


def _search(words: str) -> Found:
    meant = services().search.understand(words) if words.strip() else None
    return Found(meant.services, meant.countries) if meant else Found()
