"""A desk over played carriers: offers, buyers, and the modules of the saga put on the stage."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, Final, cast

from bench.simulation.base import PlayedDatabase
from bench.simulation.carriers import SPEND_SECONDS, PlayedCarrier
from bench.simulation.sold import Nature, Trouble
from bench.simulation.stage import START, Stage
from nexnum_console.activations import (
    cancel,
    closing,
    crowd,
    inbound,
    polling,
    purchase,
    reconcile,
    sweep,
)
from nexnum_console.activations.desk import Desk
from nexnum_console.core import runtime_settings
from nexnum_console.core.clock import SteadyClock
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.core.events import Events
from nexnum_console.providers.carrier import SPENDS_AT_ONCE, Carrier, Terms
from nexnum_console.routing import knowledge
from nexnum_console.wallet import ledger

UNIT: Final = 1_000_000
SERVICES: Final = {"telegram": "tg", "whatsapp": "wa"}
COUNTRIES: Final = {"GB": "england", "DE": "germany", "PL": "poland"}
MARGIN: Final = 1.5
RICH, POOR = 60 * UNIT, UNIT
POLL_SECONDS: Final = 5.0
WAIT_STEP: Final = 0.5
# Workers look less often than in production: more looks would find the same.
IDLE_SECONDS: Final = 4.0
ROUND_SECONDS: Final = 4.0

NATURES: Final = (
    Nature("alpha", "USD", "1", 100_000, ids=100),
    Nature("beta", "USD", "1", 110_000, life=200, settle=40, ids=0, tells_cost=False, renews=True),
    Nature("gamma", "RUB", "0.011137", 10_700_001, life=120, lock=20, tells_end=False),
    Nature("delta", "USD", "1", 130_000, honours_cap=False, ids=0, lock=45, vague=True),
)


@dataclass(frozen=True)
class Buyer:
    """Somebody with a wallet."""

    user_id: int
    wallet_id: int


@dataclass
class World:
    """What a run acts on. ``wrong_at``: when its processes' clock jumped, in virtual seconds."""

    stage: Stage
    database: PlayedDatabase
    desk: Desk
    carriers: dict[int, PlayedCarrier]
    buyers: list[Buyer]
    shut: set[int]
    wrong_at: list[float]


class _Silent:
    """Nobody listens to events here."""

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        return


class _Carriers:
    def __init__(self, found: dict[int, Carrier]) -> None:
        self._found = found

    def get(self, account_id: int, unit: UnitOfWork | None = None) -> Carrier:
        if account_id not in self._found:
            raise NotFound(f"no account {account_id}")
        return self._found[account_id]


class _Spends:
    """A carrier's bulkhead in virtual time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._free = SPENDS_AT_ONCE

    def acquire(self, timeout: float = 0.0) -> bool:
        ends = self._stage.now + timeout
        while self._free == 0:
            if self._stage.now >= ends:
                return False
            self._stage.sleep(WAIT_STEP)
        self._free -= 1
        return True

    def release(self) -> None:
        self._free += 1


class _Releases:
    """The bulkheads of what owners ask of their numbers, in virtual time."""

    def __init__(self, stage: Stage) -> None:
        self._of: defaultdict[int, _Spends] = defaultdict(partial(_Spends, stage))

    def of(self, account_id: int) -> _Spends:
        return self._of[account_id]


class _Inline:
    """An executor whose work is done when it is given."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> _Inline:
        return self

    def __exit__(self, *raised: object) -> None:
        return

    def submit(self, work: Callable[..., Any], *given: Any) -> SimpleNamespace:
        value = work(*given)
        return SimpleNamespace(result=lambda: value)

    def map(self, work: Callable[[Any], Any], many: Any) -> list[Any]:
        return [work(one) for one in many]


def build(
    stage: Stage, database: PlayedDatabase, trouble: Trouble, buyers: int, *, steady: bool
) -> World:
    """Every carrier sells every service in every country; every sixth buyer is poor.

    ``steady``: processes live as long as the clock is wrong and go by the time that passes; else
    each is one that was started with the clock as it is.
    """
    played: dict[int, PlayedCarrier] = {}
    ready: dict[int, Carrier] = {}
    people = []
    shut: set[int] = set()
    with database.transaction() as unit:
        _catalogue(unit)
        for place, nature in enumerate(NATURES):
            account_id = _provider(unit, place, nature)
            carrier = PlayedCarrier(stage, nature, trouble)
            played[account_id] = carrier
            ready[account_id] = _carrier(stage, account_id, carrier)
        people = [
            _buyer(unit, number, POOR if number % 6 == 0 else RICH) for number in range(buyers)
        ]
    desk = Desk(
        database,
        cast(Any, _Carriers(ready)),
        cast(Events, _Silent()),
        SteadyClock(stage.wall, stage.monotonic) if steady else stage.wall,
        10.0,
        "USD",
        shut=lambda ids: {one: "its breaker is open" for one in ids if one in shut},
        rng=stage.rng,
        releases=cast(Any, _Releases(stage)),
    )
    return World(stage, database, desk, played, people, shut, [] if steady else stage.jumps)


@contextmanager
def on_stage(stage: Stage) -> Iterator[None]:
    """The saga's modules with virtual time, work done inline, and failpoints that kill."""
    inline = SimpleNamespace(
        **{**vars(asyncio), "to_thread": _at_once, "sleep": partial(_asleep, stage), "wait": _all}
    )
    passing = SimpleNamespace(monotonic=stage.monotonic)
    places: list[tuple[Any, str, Any]] = [
        *(
            (module, "failpoint", stage.may_die)
            for module in (purchase, cancel, polling, reconcile, closing, sweep)
        ),
        (closing, "ThreadPoolExecutor", _Inline),
        (inbound, "ThreadPoolExecutor", _Inline),
        (polling, "asyncio", inline),
        *((module, "time", passing) for module in (crowd, knowledge, runtime_settings)),
        (polling, "IDLE_SECONDS", IDLE_SECONDS),
        (reconcile, "ROUND_SECONDS", ROUND_SECONDS),
        (reconcile, "time", SimpleNamespace(sleep=stage.sleep)),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in places]
    quiet = logging.getLogger("nexnum_console")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    for module, name, value in places:
        setattr(module, name, value)
    try:
        yield
    finally:
        quiet.setLevel(level)
        for module, name, value in before:
            setattr(module, name, value)


async def _at_once(work: Callable[..., Any], *given: Any) -> Any:
    return work(*given)


async def _all(tasks: set[asyncio.Task[Any]], **_: Any) -> Any:
    """A wait that no real clock ends: what waits in here does so in virtual time."""
    return await asyncio.wait(tasks)


async def _asleep(stage: Stage, seconds: float) -> None:
    stage.sleep(seconds)


def set_price(world: World, account_id: int, cost: int, *, synced: bool) -> None:
    """A carrier's price changes; ``synced``: our catalogue hears of it."""
    carrier = world.carriers[account_id]
    carrier.trouble.price = cost
    if synced:
        with world.database.transaction() as unit:
            unit.run(
                "update offer set cost_micro = :cost, price_micro = :price, available = true"
                " where provider_id = (select provider_id from provider_account where id = :id)",
                cost=cost,
                price=_price(carrier.nature, cost),
                id=account_id,
            )


def _carrier(stage: Stage, account_id: int, played: PlayedCarrier) -> Carrier:
    nature = played.nature
    terms = Terms(
        account_id,
        nature.name,
        nature.currency,
        nature.life,
        nature.lock,
        nature.settle,
        POLL_SECONDS,
        True,
        SPEND_SECONDS,
    )
    return Carrier(terms, cast(Any, played), cast(Any, played.reader), cast(Any, _Spends(stage)))


def _catalogue(unit: UnitOfWork) -> None:
    for code in COUNTRIES:
        unit.run("insert into country (iso2, name, dial) values (:c, :c, '44')", c=code)
    for code in SERVICES:
        unit.run("insert into service (code, name) values (:c, :c)", c=code)
    for nature in NATURES:
        unit.run(
            "insert into currency_rate (currency, rate) values (:c, cast(:rate as numeric))"
            " on conflict do nothing",
            c=nature.currency,
            rate=nature.rate,
        )


def _price(nature: Nature, cost: int) -> int:
    return int(cost * float(nature.rate) * MARGIN) // 10_000 * 10_000 + 10_000


def _provider(unit: UnitOfWork, place: int, nature: Nature) -> int:
    provider_id = unit.scalar(
        "insert into provider (name, title, config, currency, margin, priority)"
        " values (:name, :name, '{}', :currency, 1.5, :place) returning id",
        name=nature.name,
        currency=nature.currency,
        place=place,
    )
    account_id = unit.scalar(
        "insert into provider_account (provider_id, settle_seconds) values (:id, :settle)"
        " returning id",
        id=provider_id,
        settle=nature.settle,
    )
    for country, external_country in COUNTRIES.items():
        for service, external_service in SERVICES.items():
            unit.run(
                "insert into offer (provider_id, country, service, operator, external_country,"
                " external_service, cost_micro, price_micro, stock, sync_no) values (:id, :country,"
                " :service, 'any', :external_country, :external_service, :cost, :price, 1000, 1)",
                id=provider_id,
                country=country,
                service=service,
                external_country=external_country,
                external_service=external_service,
                cost=nature.cost,
                price=_price(nature, nature.cost),
            )
    return int(account_id)


def _buyer(unit: UnitOfWork, number: int, funds: int) -> Buyer:
    user_id = unit.scalar(
        "insert into app_user (email, password_hash) values (:email, 'x') returning id",
        email=f"buyer-{number}@example.org",
    )
    wallet_id = ledger.open_wallet(unit, user_id, "USD")
    cause = ledger.Cause(f"deposit:{number}", "test", START - timedelta(seconds=1))
    ledger.deposit(unit, wallet_id, funds, "sandbox", cause)
    return Buyer(int(user_id), wallet_id)
