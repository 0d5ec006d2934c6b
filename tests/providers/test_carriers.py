"""Carriers of stored accounts: read anew every few seconds, and nobody waits for another's look."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.errors import NotFound
from nexnum_console.providers import carriers as stored
from nexnum_console.providers import registry
from nexnum_console.providers.carriers import StoredCarriers
from nexnum_console.providers.gates import Gates
from tests.providers.test_exchanges import BOX, KEY, SELLER
from tests.support.wire import Answer, Wire, says

SOON = 5.0


@pytest.fixture
def acme(wire: Callable[[Answer], Wire]) -> Wire:
    return wire(says("B:1.50"))


@pytest.fixture
def account(database: Database, acme: Wire) -> int:
    with database.transaction() as unit:
        _, account_id = registry.add_provider(
            unit, BOX, SELLER, base_url=acme.url, secret=KEY, margin="1.5"
        )
    return account_id


@pytest.fixture
def carriers(database: Database, acme: Wire, gates: Gates) -> Iterator[StoredCarriers]:
    made = StoredCarriers(database, BOX, acme.policy, lambda *_: None, utc_now, gates)
    yield made
    made.close()


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every entry is to be read anew."""
    monkeypatch.setattr(stored, "FRESH_SECONDS", 0.0)


class Hanging:
    """A look at the database that does not come back until it is let go."""

    def __init__(self, carriers: StoredCarriers, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.goes_on = threading.Event(), threading.Event()
        read = carriers._read

        def hang(account_id: int, unit: Any) -> Any:
            if not self.began.is_set():
                self.began.set()
                assert self.goes_on.wait(SOON)
            return read(account_id, unit)

        monkeypatch.setattr(carriers, "_read", hang)


@pytest.mark.usefixtures("stale")
def test_a_look_that_hangs_keeps_nobody_waiting_who_may_do_with_the_last_one(
    carriers: StoredCarriers, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = carriers.get(account)
    hanging = Hanging(carriers, monkeypatch)
    with ThreadPoolExecutor(1) as pool:
        looks = pool.submit(carriers.get, account)
        assert hanging.began.wait(SOON)
        began = time.monotonic()
        assert [carriers.get(account) for _ in range(20)] == [known] * 20
        assert time.monotonic() - began < 1
        hanging.goes_on.set()
        assert looks.result(SOON) is known


@pytest.mark.usefixtures("stale")
def test_what_was_read_long_ago_is_read_anew_by_everybody(
    carriers: StoredCarriers, account: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    carriers.get(account)
    monkeypatch.setattr(stored, "STALE_SECONDS", 0.0)
    with database.transaction() as unit:
        unit.run("update provider_account set settle_seconds = 77")
    hanging = Hanging(carriers, monkeypatch)
    with ThreadPoolExecutor(1) as pool:
        looks = pool.submit(carriers.get, account)
        assert hanging.began.wait(SOON)
        assert carriers.get(account).terms.settle_seconds == 77
        hanging.goes_on.set()
        assert looks.result(SOON).terms.settle_seconds == 77


@pytest.mark.usefixtures("stale")
def test_a_look_that_fails_is_told_and_the_next_one_is_made(
    carriers: StoredCarriers, account: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    carriers.get(account)
    with database.transaction() as unit:
        unit.run("update provider_account set settle_seconds = 78")
    with monkeypatch.context() as patch:
        patch.setattr(carriers, "_read", lambda *_: (_ for _ in ()).throw(OSError("away")))
        with pytest.raises(OSError, match="away"):
            carriers.get(account)
    assert carriers.get(account).terms.settle_seconds == 78


def test_readers_of_a_new_account_end_with_one_carrier(
    carriers: StoredCarriers, account: int
) -> None:
    together = threading.Barrier(4)

    def get() -> Any:
        together.wait(SOON)
        return carriers.get(account)

    with ThreadPoolExecutor(4) as pool:
        found = [each.result(SOON) for each in [pool.submit(get) for _ in range(4)]]
    assert len({id(each) for each in found}) == 1
    with pytest.raises(NotFound):
        carriers.get(account + 1000)


@pytest.mark.usefixtures("stale")
def test_a_changed_row_keeps_the_bulkhead_and_a_changed_key_is_seen(
    carriers: StoredCarriers, account: int, database: Database, acme: Wire
) -> None:
    before = carriers.get(account)
    with database.transaction() as unit:
        registry.set_secret(unit, BOX, account, "an0ther-key")
    after = carriers.get(account)
    assert after.spends is before.spends
    after.client.balance()
    assert b"an0ther-key" in acme.requests[-1]


def test_whoever_holds_a_connection_reads_on_it(
    fresh_urls: Any, account: int, acme: Wire, gates: Gates, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = Database(fresh_urls.app, pool_size=1)
    monkeypatch.setattr(only.engine.pool, "_timeout", 0.5)
    made = StoredCarriers(only, BOX, acme.policy, lambda *_: None, utc_now, gates)
    with only.transaction() as unit:
        assert made.get(account, unit).terms.provider == "acme"
    made.close()
    only.close()
