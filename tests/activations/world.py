"""A simulated world around the real code: carriers that misbehave, a clock that can be moved.

The database and everything of ours is real; only the carrier's side of the wire is played here,
by the rules of `docs/architecture.md`: it sells, loses answers, answers late, lists, cancels.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from nexnum_console.activations.desk import Desk
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.core.runtime_settings import change as set_rule
from nexnum_console.providers.carrier import Carrier, Terms
from nexnum_console.providers.client import About
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.listed import Listing
from nexnum_console.providers.results import ActiveRow, Bought, Message, Outcome, StatusReport
from nexnum_console.wallet import ledger

UNIT = 1_000_000
START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


class Clock:
    """Time that passes when told to, and a millisecond at every look, so that order is kept."""

    def __init__(self) -> None:
        self._now = START
        self._lock = Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self._now += timedelta(milliseconds=1)
            return self._now

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)


@dataclass
class Sold:
    """A number as the carrier sees it."""

    id: str
    phone: str
    country: str
    service: str
    sold_at: datetime
    state: str = "waiting"
    codes: list[str] = field(default_factory=list)


class PlayedCarrier:
    """A carrier's account. ``mood`` decides what happens to the next purchase call."""

    def __init__(self, name: str, clock: Clock, cost: str = "0.10") -> None:
        self.name = name
        self.clock = clock
        self.cost = cost
        self.numbers: dict[str, Sold] = {}
        self.calls: list[str] = []
        self.mood: Callable[[], str] = lambda: "sell"
        self.listing_fails = False
        self.listing: Listing | None = None
        self.unlisted: set[str] = set()
        self.status_answer: str | None = None
        self.cancel_answer: str | None = None
        self.ban_answer: str | None = None
        self.aftercare_answer: str | None = None
        self.resent_as: str | None = None
        self.told: list[About | None] = []
        self.offers: set[str] = {"active", "finish", "resend", "status"}
        self._lock = Lock()

    def buy(
        self,
        country: str,
        service: str,
        operator: str | None = None,
        max_price: str | None = None,
        reference: str | None = None,
    ) -> Bought:
        self.calls.append("buy")
        return self._sale(lambda: self._sell(country, service))

    def reuse(
        self,
        activation_id: str,
        about: About,
        max_price: str | None = None,
        reference: str | None = None,
    ) -> Bought:
        self.calls.append("reuse")
        self.told.append(about)
        former = self.numbers[activation_id]
        return self._sale(lambda: self._sell(former.country, former.service, former.phone))

    def _sale(self, sell: Callable[[], Sold]) -> Bought:
        mood = self.mood()
        if mood == "refuse":
            raise ProviderError("provider_unavailable", "connection refused", sent=False)
        if mood in {
            "no_numbers",
            "no_balance",
            "rate_limited",
            "reuse_unavailable",
            "max_price_too_low",
        }:
            raise ProviderError(mood, mood)
        if mood == "lose":
            raise ProviderError("provider_unavailable", "no answer in time")
        sold = sell()
        if mood == "sell_and_lose":
            raise ProviderError("parse_error", "half an answer")
        if mood == "numberless":
            raise ProviderError("parse_error", "no number", activation_id=sold.id)
        if mood == "twice":
            other = next((n for n in self.numbers.values() if n.id != sold.id), sold)
            return self._bought(other)
        return self._bought(sold)

    def active(self) -> list[ActiveRow]:
        self.calls.append("active")
        if self.listing_fails:
            raise ProviderError("provider_error", "500")
        return [row for row in self._rows() if row.activation_id not in self.unlisted]

    def _rows(self) -> list[ActiveRow]:
        return [
            ActiveRow(
                *(n.id, n.phone, n.state, n.service, n.country, self.cost, n.sold_at),
                *((n.codes[-1], f"Your code is {n.codes[-1]}") if n.codes else (None, None)),
            )
            for n in self.numbers.values()
        ]

    def cancel(self, activation_id: str, about: About | None = None) -> Outcome:
        self.calls.append("cancel")
        self.told.append(about)
        if self.cancel_answer:
            raise ProviderError(self.cancel_answer, self.cancel_answer)
        sold = self.numbers[activation_id]
        if sold.codes:
            raise ProviderError("sms_already_received", "order has sms")
        sold.state = "cancelled"
        return Outcome("cancelled", None)

    def supports(self, operation: str) -> bool:
        return operation in self.offers

    def ban(self, activation_id: str, about: About | None = None) -> Outcome:
        self.calls.append("ban")
        if self.ban_answer:
            raise ProviderError(self.ban_answer, self.ban_answer)
        self.numbers[activation_id].state = "cancelled"
        return Outcome("cancelled", None)

    def finish(self, activation_id: str, about: About | None = None) -> Outcome:
        self.calls.append("finish")
        if self.aftercare_answer:
            raise ProviderError(self.aftercare_answer, self.aftercare_answer)
        self.numbers[activation_id].state = "finished"
        return Outcome("finished", None)

    def resend(self, activation_id: str, about: About | None = None) -> Outcome:
        self.calls.append("resend")
        if self.aftercare_answer:
            raise ProviderError(self.aftercare_answer, self.aftercare_answer)
        return Outcome("retry", self.resent_as)

    def statuses(self, activation_ids: list[str]) -> list[ActiveRow]:
        self.calls.append(f"statuses {len(activation_ids)}")
        if self.listing_fails:
            raise ProviderError("provider_error", "500")
        rows = {row.activation_id: row for row in self._rows()}
        return [rows[id_] for id_ in activation_ids if id_ not in self.unlisted]

    def status(self, activation_id: str, about: About | None = None) -> StatusReport:
        return self.report(activation_id)

    def report(self, activation_id: str) -> StatusReport:
        self.calls.append("status")
        if self.status_answer:
            raise ProviderError(self.status_answer, self.status_answer)
        sold = self.numbers[activation_id]
        messages = tuple(Message(code, f"Your code is {code}", "Sender") for code in sold.codes)
        state = "received" if sold.codes and sold.state == "waiting" else sold.state
        code = sold.codes[-1] if sold.codes else None
        return StatusReport(state, code, None, None, messages)

    def live(self) -> list[Sold]:
        return [n for n in self.numbers.values() if n.state == "waiting"]

    def _sell(self, country: str, service: str, phone: str = "") -> Sold:
        with self._lock:
            number = len(self.numbers) + 1
            identity = f"{self.name}-{number}"
            phone = phone or f"+4477{abs(hash(self.name)) % 900 + 100}{number:05d}"
            sold = Sold(identity, phone, country, service, self.clock())
            self.numbers[identity] = sold
            return sold

    def _bought(self, sold: Sold) -> Bought:
        return Bought(sold.id, sold.phone, self.cost, "USD", "any", None)


class PlayedReader:
    """The poller's view of a carrier."""

    def __init__(self, carrier: PlayedCarrier) -> None:
        self._carrier = carrier

    def listing(self) -> Listing | None:
        return self._carrier.listing

    async def active(self) -> list[ActiveRow]:
        return self._carrier.active()

    async def statuses(self, activation_ids: list[str]) -> list[ActiveRow]:
        return self._carrier.statuses(activation_ids)

    async def status(self, activation_id: str, about: About | None = None) -> StatusReport:
        self._carrier.told.append(about)
        return self._carrier.report(activation_id)


class Silent:
    """Nobody listens to events here."""

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        return


@dataclass
class World:
    """The desk, its carriers by account, and a buyer with a wallet."""

    desk: Desk
    clock: Clock
    carriers: dict[int, PlayedCarrier]
    user_id: int
    wallet_id: int
    rng: random.Random

    def carrier(self, name: str = "alpha") -> PlayedCarrier:
        return next(c for c in self.carriers.values() if c.name == name)

    def account(self, name: str = "alpha") -> int:
        return next(key for key, c in self.carriers.items() if c.name == name)

    def row(self, activation_id: int) -> dict[str, object]:
        with self.desk.database.transaction() as unit:
            found = unit.first("select * from activation where id = :id", id=activation_id)
        return dict(found or {})

    def balance(self) -> tuple[int, int]:
        with self.desk.database.transaction() as unit:
            row = unit.first("select * from wallet where id = :id", id=self.wallet_id)
        return row["available"], row["reserved"]


class PlayedCarriers:
    """Carriers by account id, as the desk asks for them."""

    def __init__(self, found: dict[int, Carrier]) -> None:
        self._found = found

    def get(self, account_id: int, unit: UnitOfWork | None = None) -> Carrier:
        if account_id not in self._found:
            raise NotFound(f"no account {account_id}")
        return self._found[account_id]


def build(
    database: Database,
    *,
    names: tuple[str, ...] = ("alpha", "beta"),
    settle: int = 30,
    lifetime: int = 600,
    lock: int = 0,
    funds: int = 100 * UNIT,
    seed: int = 1,
    strategy: str = "cheapest",
    exclusive: bool = True,
) -> World:
    """A world with one provider for each name; alpha is the cheapest, and so asked first."""
    clock = Clock()
    played: dict[int, PlayedCarrier] = {}
    ready: dict[int, Carrier] = {}
    with database.transaction() as unit:
        _catalogue(unit)
        if strategy:
            set_rule(unit, "routing_default_strategy", strategy, START)
        for place, name in enumerate(names):
            account_id = _provider(unit, name, place, settle)
            carrier = PlayedCarrier(name, clock)
            played[account_id] = carrier
            terms = Terms(account_id, name, "USD", lifetime, lock, settle, 1.0, exclusive, 10.0)
            ready[account_id] = Carrier(terms, carrier, _reader(carrier))
        user_id, wallet_id = _buyer(unit, funds)
    desk = Desk(
        database, PlayedCarriers(ready), Silent(), clock, 10.0, "USD", rng=random.Random(seed)
    )
    return World(desk, clock, played, user_id, wallet_id, random.Random(seed))


def _reader(carrier: PlayedCarrier):
    @asynccontextmanager
    async def reader() -> AsyncIterator[PlayedReader]:
        yield PlayedReader(carrier)

    return reader


def _catalogue(unit) -> None:
    unit.run("insert into country (iso2, name, dial) values ('GB', 'United Kingdom', '44')")
    unit.run("insert into service (code, name) values ('telegram', 'Telegram')")
    unit.run("insert into currency_rate (currency, rate) values ('USD', 1) on conflict do nothing")


def _provider(unit, name: str, place: int, settle: int) -> int:
    provider_id = unit.scalar(
        "insert into provider (name, title, config, currency, margin, priority)"
        " values (:name, :name, '{}', 'USD', 1.5, :place) returning id",
        name=name,
        place=place,
    )
    account_id = unit.scalar(
        "insert into provider_account (provider_id, settle_seconds) values (:id, :settle)"
        " returning id",
        id=provider_id,
        settle=settle,
    )
    unit.run(
        "insert into offer (provider_id, country, service, operator, external_country,"
        " external_service, cost_micro, price_micro, stock, sync_no)"
        " values (:id, 'GB', 'telegram', 'any', 'england', 'tg', 100000, :price, 1000, 1)",
        id=provider_id,
        price=150_000 + place * 10_000,
    )
    return int(account_id)


def _buyer(unit, funds: int) -> tuple[int, int]:
    user_id = unit.scalar(
        "insert into app_user (email, password_hash) values ('buyer@example.org', 'x') returning id"
    )
    wallet_id = ledger.open_wallet(unit, user_id, "USD")
    if funds:
        cause = ledger.Cause("opening:1", "test", START)
        ledger.deposit(unit, wallet_id, funds, "sandbox", cause)
    return int(user_id), wallet_id
