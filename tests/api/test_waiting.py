"""A carrier that hangs keeps those waiting who asked for it, and nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from nexnum_console.accounts import sessions
from nexnum_console.activations import bulkhead, purchase
from nexnum_console.activations.desk import RELEASES_AT_ONCE
from nexnum_console.api import waiting
from nexnum_console.api.app import create_api
from nexnum_console.bootstrap import Services
from nexnum_console.core.clock import utc_now
from nexnum_console.operations.registration import enrol
from nexnum_console.wallet import ledger
from tests.activations.world import START, UNIT, World, build
from tests.api.conftest import ORIGIN
from tests.api.people import played
from tests.api.pushing import SECRET
from tests.support.loops import finish

CALLERS = 60
AT_ONCE_SECONDS = 0.5
TRIES = 3


@pytest.fixture
def world(services: Services) -> World:
    return build(services.database, names=("alpha",), funds=0)


@pytest.fixture
def hang(world: World) -> Iterator[threading.Event]:
    """While it is not set, the carrier answers nobody."""
    answer = threading.Event()
    carrier = world.carrier()
    sell, give_back = carrier.buy, carrier.cancel

    def buy(*asked, **more):
        answer.wait(30)
        return sell(*asked, **more)

    def cancel(*asked):
        answer.wait(30)
        return give_back(*asked)

    carrier.buy, carrier.cancel = buy, cancel  # type: ignore[method-assign]
    yield answer
    answer.set()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchase, "BULKHEAD_WAIT_SECONDS", 3.0)
    monkeypatch.setattr(bulkhead, "WAIT_SECONDS", 3.0)


@asynccontextmanager
async def signed_in(services: Services, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A buyer with money, at the API in this very loop."""
    now = utc_now()
    with services.database.transaction() as unit:
        user_id = enrol(unit, "ada@example.org", "x", currency="USD", role="user")
        token = sessions.open_session(unit, user_id, now=now, lifetime=timedelta(hours=1))
        wallet_id = unit.scalar("select id from wallet where user_id = :id", id=user_id)
        cause = ledger.Cause("opening:ada", "test", START)
        ledger.deposit(unit, wallet_id, 100 * UNIT, "sandbox", cause)
    transport = httpx.ASGITransport(create_api(played(services, world)))
    cookies = {"nexnum_session": token}
    async with httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, cookies=cookies, timeout=60
    ) as client:
        yield client


def buy(client: httpx.AsyncClient, key: str) -> Awaitable[httpx.Response]:
    wish = {"service": "telegram", "country": "GB"}
    headers = {"Idempotency-Key": key}
    return client.post("/api/numbers/purchase", json=wish, headers=headers)


async def everything_else_answers(client: httpx.AsyncClient, address: str) -> None:
    """At once, by the quickest of some tries, for the machine may be busy with other things; who
    waits for a thread that a carrier keeps is quick in none."""
    body = json.dumps({"type": "hello"}).encode()
    proof = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Sig": proof, "Content-Type": "text/plain"}
    for method, path in (("GET", "/api/health"), ("GET", "/api/wallet"), ("POST", address)):
        content = body if method == "POST" else None
        took = []
        while len(took) < TRIES and min(took, default=AT_ONCE_SECONDS) >= AT_ONCE_SECONDS:
            began = time.monotonic()
            answer = await client.request(method, path, content=content, headers=headers)
            took.append(time.monotonic() - began)
            assert answer.status_code == 200, (path, answer.text)
        assert min(took) < AT_ONCE_SECONDS, path


def test_sixty_who_wait_for_a_hanging_carrier_keep_nobody_else_waiting(
    services: Services, world: World, hang: threading.Event, quick: None, address: str
) -> None:
    async def story() -> list[httpx.Response]:
        async with signed_in(services, world) as client:
            await everything_else_answers(client, address)
            buying = [asyncio.ensure_future(buy(client, f"k{n}")) for n in range(CALLERS)]
            await asyncio.sleep(0.7)
            await everything_else_answers(client, address)
            while sum(task.done() for task in buying) < CALLERS - 8:
                await asyncio.sleep(0.1)
            hang.set()
            answers = list(await asyncio.gather(*buying))
            refused = next(one for one in answers if one.status_code == 503)
            key = refused.request.headers["Idempotency-Key"]
            again = await buy(client, key)
            assert (again.status_code, again.content) == (503, refused.content)
            assert (await buy(client, "another")).status_code == 201
            return answers

    answers = finish(story())
    assert sorted({one.status_code for one in answers}) == [201, 503]
    refused = [one for one in answers if one.status_code == 503]
    assert len(refused) == CALLERS - 8
    assert {one.json()["error"]["code"] for one in refused} == {"provider_busy"}
    assert all(int(one.headers["Retry-After"]) > 0 for one in refused)


def test_sixty_who_give_back_to_a_hanging_carrier_keep_nobody_else_waiting(
    services: Services, world: World, hang: threading.Event, quick: None, address: str
) -> None:
    async def story() -> list[httpx.Response]:
        async with signed_in(services, world) as client:
            hang.set()
            bought = [(await buy(client, f"k{n}")).json()["id"] for n in range(CALLERS)]
            hang.clear()
            paths = [f"/api/numbers/{each}/cancel" for each in bought]
            giving_back = [asyncio.ensure_future(client.post(path)) for path in paths]
            await asyncio.sleep(0.7)
            await everything_else_answers(client, address)
            while sum(task.done() for task in giving_back) < CALLERS - RELEASES_AT_ONCE:
                await asyncio.sleep(0.1)
            hang.set()
            return list(await asyncio.gather(*giving_back))

    answers = finish(story())
    refused = [one for one in answers if one.status_code == 503]
    assert len(refused) == CALLERS - RELEASES_AT_ONCE
    assert {one.json()["error"]["code"] for one in refused} == {"carrier_busy"}
    assert all(int(one.headers["Retry-After"]) > 0 for one in refused)
    with world.desk.database.transaction() as unit:
        states = unit.all("select state, count(*) as n from activation group by state")
    told = {row["state"]: row["n"] for row in states}
    assert told == {"cancelled": RELEASES_AT_ONCE, "waiting": CALLERS - RELEASES_AT_ONCE}


def test_where_too_many_wait_for_a_thread_one_more_is_refused_at_once(
    services: Services, world: World, hang: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "AT_ONCE", 2)
    monkeypatch.setattr(waiting, "WAITING_MOST", 3)

    async def story() -> httpx.Response:
        async with signed_in(services, world) as client:
            buying = [asyncio.ensure_future(buy(client, f"k{n}")) for n in range(5)]
            await asyncio.sleep(0.7)
            refused = await buy(client, "one-more")
            hang.set()
            assert {one.status_code for one in await asyncio.gather(*buying)} == {201}
            assert (await buy(client, "one-more")).status_code == 201, "its key is free"
            return refused

    refused = finish(story())
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "carrier_busy")
    assert int(refused.headers["Retry-After"]) > 0
