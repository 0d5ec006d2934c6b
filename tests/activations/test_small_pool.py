"""Every connection of the pool is in use: whoever holds one never waits for a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Lock

import pytest

from nexnum_console.activations.cancel import cancel, report
from nexnum_console.activations.closing import end_closing
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.resolving import Question, resolve
from nexnum_console.activations.settle import give_back
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import About
from nexnum_console.providers.results import Outcome
from tests.activations.test_lifecycle import FULL, buy, house
from tests.activations.world import World

POOL = 4
SOON = 5.0


class AskingCarriers:
    """As the stored ones whose entries are all too old: each look reads the database, one look at
    a time."""

    def __init__(self, database: Database, found: dict[int, Carrier]) -> None:
        self._database = database
        self._found = found
        self._lock = Lock()

    def get(self, account_id: int, unit: UnitOfWork | None = None) -> Carrier:
        with self._lock:
            if unit is None:
                with self._database.transaction() as own:
                    own.scalar("select 1")
            else:
                unit.scalar("select 1")
            return self._found[account_id]


@pytest.fixture
def small(fresh_urls, make_world) -> Iterator[World]:
    """A world whose process has ``POOL`` connections and gives up a statement after 3 seconds."""
    world = make_world()
    pool = Database(fresh_urls.app, pool_size=POOL, statement_timeout_ms=3_000)
    found = {account: world.desk.carriers.get(account) for account in world.carriers}
    world.desk = replace(world.desk, database=pool, carriers=AskingCarriers(pool, found))
    yield world
    pool.close()


def test_as_many_cancellations_of_one_buyer_as_connections_end_at_once(small, monkeypatch):
    bought = [buy(small) for _ in range(POOL)]
    answered = Barrier(POOL)
    given_back = small.carrier().cancel

    def cancel_together(activation_id: str, about: About | None = None) -> Outcome:
        answered.wait(SOON)
        return given_back(activation_id, about)

    monkeypatch.setattr(small.carrier(), "cancel", cancel_together)
    began = time.monotonic()
    with ThreadPoolExecutor(POOL) as buyers:
        ends = list(buyers.map(lambda id_: cancel(small.desk, id_, small.user_id), bought))
    assert ends == ["cancelled"] * POOL
    assert time.monotonic() - began < SOON
    assert small.balance() == (FULL, 0)
    assert house(small) == {"gateway:sandbox": -FULL}


@pytest.fixture
def one(small, fresh_urls, monkeypatch) -> Iterator[World]:
    """A world with a single connection, which is not waited for."""
    only = Database(fresh_urls.app, pool_size=1)
    monkeypatch.setattr(only.engine.pool, "_timeout", 0.5)
    found = {account: small.desk.carriers.get(account) for account in small.carriers}
    small.desk = replace(small.desk, database=only, carriers=AskingCarriers(only, found))
    yield small
    only.close()


def test_a_report_needs_one_connection(one):
    bought = buy(one)
    one.carrier().offers.add("ban")
    assert report(one.desk, bought, one.user_id) == "cancelled"


def test_the_same_number_once_more_needs_one_connection(one):
    one.carrier().offers.add("reuse")
    bought = buy(one)
    with one.desk.database.transaction() as unit:
        unit.run("update activation set state = 'finished', upstream = 'kept', sms_count = 1")
    assert one.row(purchase(one.desk, Order(one.user_id, "", "", reuse=bought)))["phone"]


@pytest.mark.parametrize("ending", ["refunded", "lost"])
def test_our_side_of_a_refund_is_settled_on_the_connection_that_asks(one, ending):
    bought, now = buy(one), one.clock()
    with one.desk.database.transaction() as unit:
        give_back(unit, one.desk, bought, "expired", upstream="closing", now=now)
        assert end_closing(unit, one.desk, bought, ending, now)


def test_what_staff_decide_needs_one_connection(one):
    one.carrier().mood = lambda: "lose"
    bought = buy(one)
    one.clock.advance(60)
    with one.desk.database.transaction() as unit:
        number = unit.scalar("select id from attempt where activation_id = :id", id=bought)
        resolve(unit, one.desk, Question("unknown", number), "unsold", one.clock())
    assert one.row(bought)["state"] == "failed"
