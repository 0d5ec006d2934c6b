"""Redis and PostgreSQL go away while numbers wait: no money moves wrongly, codes still come."""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest
import redis

from bench.harness import CARRIERS, RECOVERY, Console, Shopper, until
from nexnum_console.stack.layout import CHECKOUT, Layout
from nexnum_console.stack.postgres import libpq_url
from tests.support.services import SharedServices

pytestmark = [pytest.mark.torture, pytest.mark.timeout(240)]

NUMBERS = 3
SMS_SECONDS = 5.0
BUYERS = 3
REDIS_BACK = 45.0
DISK = "256m"
# An order, or the answer of an outage; never a failure of ours.
EXPECTED = {201, 202, 409, 503}


@pytest.fixture(scope="module")
def store(console: Console) -> Console:
    return _open(console)


@pytest.fixture
def narrow(stack_services: SharedServices) -> Iterator[Console]:
    """A store of its own whose database lies on a small disk in memory."""
    folder = stack_services.folder / f"narrow-{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    disk = Layout(CHECKOUT, folder).postgres
    disk.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk)]
    told = subprocess.run(mount, capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip(f"a full disk needs a disk, and mounting one the right to: {told.stderr}")
    try:
        with closing(Console(folder)) as console:
            console.open_shop()
            yield _open(console)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _open(console: Console) -> Console:
    """The store is open; every number gets its SMS after some seconds."""
    console.begin("demo")
    for carrier in CARRIERS:
        console.control.adjust(
            carrier, never_share=0.0, sms_median_seconds=SMS_SECONDS, sms_spread=0.01
        )
    console.web()
    console.workers()
    console.await_ready("web")
    return console


def _codes_come(console: Console, ids: list[int], seconds: float) -> None:
    until(
        lambda: all(console.activation(one)["sms_count"] == 1 for one in ids),
        seconds,
        lambda: [console.activation(one) for one in ids],
    )


def _paid_only(console: Console, shopper: Shopper) -> None:
    paid = sum(order["charged"] or 0 for order in console.orders_of(shopper))
    assert console.wallet_of(shopper) == (20_000_000 - paid, 0)


def test_redis_loses_everything(store: Console) -> None:
    shopper = store.shopper()
    ids = [shopper.bought() for _ in range(NUMBERS)]
    with redis.Redis.from_url(store.env["REDIS_URL"]) as client:
        client.flushall()
    _codes_come(store, ids, RECOVERY)
    _paid_only(store, shopper)
    store.audit()


def test_redis_is_away_for_a_while(store: Console) -> None:
    shopper = store.shopper()
    ids = [shopper.bought() for _ in range(NUMBERS)]
    store.kill("redis")
    until(lambda: not store.alive("redis"), 5)
    ids.append(shopper.bought())
    assert shopper.client.get("/api/health/ready").status_code == 503
    with store.watched():
        _codes_come(store, ids, REDIS_BACK)
    _paid_only(store, shopper)
    store.audit()


def test_every_connection_to_the_database_is_cut(store: Console) -> None:
    def cut() -> None:
        # By a connection of its own: those of a pool are cut as well, and come out of it dead.
        with psycopg.connect(libpq_url(store.env["DATABASE_URL"]), autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename = current_user and pid <> pg_backend_pid()"
            )

    _outage(store, lambda: [cut() for _ in range(3)])


def test_the_database_is_killed_and_comes_back(store: Console) -> None:
    def crash() -> None:
        store.kill("postgres")
        until(lambda: not store.alive("postgres"), 5)
        until(lambda: _answers(store), 30)

    _outage(store, crash)


def test_the_disk_of_the_database_is_full_for_a_while(narrow: Console) -> None:
    shopper = narrow.shopper()

    def fill() -> None:
        filler = narrow.layout.postgres / "filler"
        try:
            with pytest.raises(OSError, match="No space left"):
                _write_for_ever(filler)
            until(lambda: shopper.buy(secrets.token_hex(8)).status_code == 503, 30)
        finally:
            filler.unlink()

    _outage(narrow, fill)


def _write_for_ever(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))


def _outage(store: Console, strike) -> None:
    """People buy before, during and after; each wish becomes one order or none."""
    shoppers = [store.shopper() for _ in range(BUYERS)]
    waiting = [shopper.bought() for shopper in shoppers]
    over = threading.Event()
    with store.watched():
        with ThreadPoolExecutor(BUYERS) as pool:
            buying = [pool.submit(_wishes, shopper, over) for shopper in shoppers]
            over.wait(1.0)
            strike()
            over.wait(2.0)
            over.set()
            met = sum((work.result() for work in buying), Counter())
        assert set(met) <= EXPECTED, met
        assert met[201] > BUYERS, met
        store.await_settled(2 * RECOVERY)
        bound = [o["id"] for s in shoppers for o in store.orders_of(s) if o["upstream_id"]]
        assert set(waiting) <= set(bound)
        _codes_come(store, bound, RECOVERY)
    for shopper in shoppers:
        _paid_only(store, shopper)
    store.audit()


def _wishes(shopper: Shopper, over: threading.Event) -> Counter[int]:
    """Buy again and again; an outage's answer is met by the same key until it is another one."""
    met: Counter[int] = Counter()
    while not over.is_set():
        key = secrets.token_hex(8)
        for _ in range(60):
            answer = shopper.buy(key)
            met[answer.status_code] += 1
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            assert int(answer.headers["Retry-After"]) > 0
            over.wait(0.5)
        over.wait(0.3)
    return met


def _answers(store: Console) -> bool:
    """Whether it takes a new connection: what an old one still says is of the dead server."""
    try:
        psycopg.connect(libpq_url(store.env["DATABASE_URL"])).close()
    except psycopg.OperationalError:
        return False
    return True
