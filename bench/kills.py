"""SIGKILL at random moments while people buy; the product's own supervisor restarts."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from bench.harness import CARRIERS, RECOVERY, UNSOLD, Console, Shopper, until
from nexnum_console.activations.closing import RETRY_SECONDS_MAX

VICTIMS = ("web", "web", "worker-polling", "worker-settling", "scheduler")
COUNTRIES = ("GB", "DE", "PL", "NL", "ID", "IN", "BR", "US")
FAULTS = {"timeout_after": 0.1, "error500_after": 0.1, "truncated": 0.1, "no_stock": 0.1}
BUYERS = 4
FUNDS = 10_000
PAID = {"waiting", "received", "finished"}
# What a caller may meet while processes die: an order, a clear refusal, a broken connection.
EXPECTED = {201, 202, 409, 503}


def kill_at_random(console: Console, kills: int, seed: int, killed: Counter[str]) -> None:
    """Kill that many processes while people buy; then every promise is checked.

    ``killed`` counts how often each was, also where a promise broke (AssertionError).
    """
    # Long lives: a number that is used up before anybody lists it cannot be found again.
    console.begin("demo")
    console.web()
    console.workers()
    console.await_ready("web")
    for carrier in CARRIERS:
        for fault, rate in FAULTS.items():
            console.control.set_fault(carrier, fault, rate=rate)
    over = threading.Event()
    shoppers = [console.shopper(funds=f"{FUNDS}.00") for _ in range(BUYERS)]
    with console.watched():
        with ThreadPoolExecutor(BUYERS) as pool:
            buying = [pool.submit(_buys, one, seed + n, over) for n, one in enumerate(shoppers)]
            try:
                _kill(console, kills, random.Random(seed), killed)
            finally:
                over.set()
            met = set().union(*(work.result() for work in buying))
        assert met <= EXPECTED, met
        until(lambda: all(console.alive(name) for name in VICTIMS), 40)
        for carrier in CARRIERS:
            console.control.clear_faults(carrier)
        # What was refused often while faults lasted is asked again after this patience.
        console.await_settled(RECOVERY + UNSOLD + RETRY_SECONDS_MAX)
        _every_code_arrives(console)
    console.audit()
    _nothing_is_held(console, shoppers)


def _buys(shopper: Shopper, seed: int, over: threading.Event) -> set[int]:
    """One after the other; a broken connection is answered by the same key again, as people do."""
    rng = random.Random(seed)
    met: set[int] = set()
    while not over.is_set():
        key = secrets.token_hex(8)
        country = rng.choice(COUNTRIES)
        for _ in range(3):
            try:
                answer = shopper.buy(key, country=country, max_price="5.00")
                met.add(answer.status_code)
                break
            except httpx.TransportError:
                over.wait(0.5)
        over.wait(rng.uniform(0.0, 0.3))
    return met


def _kill(console: Console, kills: int, rng: random.Random, killed: Counter[str]) -> None:
    while killed.total() < kills:
        time.sleep(rng.uniform(0.3, 2.5))
        victim = rng.choice(VICTIMS)
        if console.alive(victim):
            console.kill(victim)
            killed[victim] += 1


def _every_code_arrives(console: Console) -> None:
    """What a carrier received for a living number reaches its owner, once."""

    def missing() -> list[dict[str, Any]]:
        came = {o["id"] for o in console.control.orders() if o["state"] == "received"}
        return console.rows(
            "select a.id, a.upstream_id, a.state, a.upstream, a.acquired_at, a.next_at,"
            " a.lease_until, a.expires_at, a.closed_at, now(), count(m.id) as messages"
            " from activation a left join message m on m.activation_id = a.id"
            " where a.upstream_id = any(:ids) group by a.id having count(m.id) <> 1",
            ids=list(came),
        )

    until(lambda: not missing(), RECOVERY, lambda: (missing(), console.log_of("worker-polling")))


def _nothing_is_held(console: Console, shoppers: list[Shopper]) -> None:
    for shopper in shoppers:
        orders = console.orders_of(shopper)
        paid = sum(o["charged"] for o in orders if o["state"] in PAID)
        assert console.wallet_of(shopper) == (FUNDS * 1_000_000 - paid, 0)
        assert orders, "nobody bought anything, so nothing was proven"
