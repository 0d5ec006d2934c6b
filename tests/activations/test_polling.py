"""Many waiting numbers by few calls, counted at a real server on this machine."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis

from nexnum_console.activations import lanes
from nexnum_console.activations.crowd import ALONE_EVERY
from nexnum_console.activations.polling import poll_lane
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.egress import EgressPolicy
from nexnum_console.providers.client import AsyncProviderClient
from nexnum_console.providers.limiter import Budget, Limits
from nexnum_console.providers.listed import Listing
from nexnum_console.providers.transport import ReadTransport
from tests.activations.test_lifecycle import messages
from tests.activations.world import PlayedCarrier, PlayedCarriers, World
from tests.providers.gating import Desk as GateDesk
from tests.providers.making import provider
from tests.support.loops import finish

SEVERAL = 200
PAGES = {"type": "offset", "size": 100, "total": "total"}
LISTED = {"activation_id": "id", "state": "state", "code": "code", "text": "text"}
ROW = {"type": "json_array", "rootPath": "rows", "fields": LISTED}
STATUS = {"path": "/status", "queryParams": {"id": "$id"}}
ACTIVE = {
    "path": "/active",
    "queryParams": {"start": "$offset", "n": "$limit"},
    "pagination": PAGES,
}
STATUSES = {"path": "/statuses", "queryParams": {"ids": "$ids"}, "batchSize": 50}
ONE = {"type": "json_object", "fields": {"state": "state", "code": "code", "text": "text"}}


class Upstream(ThreadingHTTPServer):
    """Tells of a played carrier's numbers, one by one or many at once, and counts who asks."""

    def __init__(self, carrier: PlayedCarrier) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.carrier = carrier
        self.calls: list[str] = []
        self.broken: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def counted(self) -> dict[str, int]:
        """How often each address was asked since the last look."""
        told, self.calls = Counter(self.calls), []
        return dict(told)

    def row(self, identity: str) -> dict[str, Any]:
        sold = self.carrier.numbers[identity]
        state = "received" if sold.codes and sold.state == "waiting" else sold.state
        told: dict[str, Any] = {"id": identity, "state": state}
        if sold.codes:
            told |= {"code": sold.codes[-1], "text": f"Your code is {sold.codes[-1]}"}
        return told


class _Handler(BaseHTTPRequestHandler):
    server: Upstream
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.server.calls.append(address.path)
        if address.path in self.server.broken:
            self._say(500, {"error": "broken"})
        elif address.path == "/status":
            self._say(200, self.server.row(asked["id"]))
        else:
            self._say(200, self._listed(address.path, asked))

    def _listed(self, path: str, asked: dict[str, str]) -> dict[str, Any]:
        carrier = self.server.carrier
        if path == "/statuses":
            listed = [one for one in asked["ids"].split(",") if one not in carrier.unlisted]
            return {"rows": [self.server.row(one) for one in listed]}
        live = [n.id for n in carrier.live() if n.id not in carrier.unlisted]
        start, size = int(asked["start"]), int(asked["n"])
        rows = [self.server.row(one) for one in live[start : start + size]]
        return {"rows": rows, "total": len(live)}

    def _say(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def upstream(world: World) -> Iterator[Upstream]:
    server = Upstream(world.carrier())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def gate(redis_client: redis.Redis) -> Iterator[GateDesk]:
    made = GateDesk(redis_client, Limits(Budget(10_000, 1.0), 64))
    yield made
    made.close()


@pytest.fixture
def asking(world: World, upstream: Upstream, gate: GateDesk) -> Callable[..., World]:
    """The world whose first carrier is polled over HTTP, by a config with these operations."""

    def build(*operations: str) -> World:
        endpoints = {"status": STATUS, "active": ACTIVE, "statuses": STATUSES}
        named = {name: endpoints[name] for name in operations}
        mappings = {name: ONE if name == "status" else ROW for name in operations}
        compiled = provider(named, mappings, baseUrl=upstream.url)
        address = ("127.0.0.1", upstream.server_port)
        policy = EgressPolicy(allow_http=True, allowed_private=frozenset({address}))

        @asynccontextmanager
        async def reader() -> AsyncIterator[AsyncProviderClient]:
            async with aclosing(ReadTransport(policy, lambda *event: None)) as reads:
                yield AsyncProviderClient(compiled, "KEY", reads, upstream.url, gate=gate.gate)

        carrier = world.desk.carriers.get(world.account())
        found = {world.account(): replace(carrier, open_reader=reader)}
        return replace(world, desk=replace(world.desk, carriers=PlayedCarriers(found)))

    return build


def buy(world: World, several: int) -> list[int]:
    order = Order(world.user_id, "telegram", "GB", provider="alpha")
    return [purchase(world.desk, order) for _ in range(several)]


def tick(
    world: World,
    rounds: int = 1,
    seconds: float = 2,
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Let time pass, then let the lane work for some rounds, or ``until`` it has done enough."""
    world.clock.advance(seconds)
    lane = lanes.take(world.desk.database, world.account(), "poll", "test", world.clock())
    assert lane is not None
    left = iter([True] * rounds)
    finish(poll_lane(world.desk, lane, lambda: not until() and next(left, False)))
    lane.leave()


def states(world: World) -> dict[str, int]:
    with world.desk.database.transaction() as unit:
        rows = unit.all("select state, count(*) as n from activation group by state")
    return {row["state"]: row["n"] for row in rows}


def test_200_waiting_numbers_cost_two_pages_of_a_list_and_not_200_calls(asking, upstream):
    world = asking("status", "active")
    buy(world, SEVERAL)
    tick(world)
    assert upstream.counted() == {"/active": 2}
    alone = asking("status")
    # How many are asked in a round depends on how fast the machine is.
    tick(alone, rounds=1_000, until=lambda: len(upstream.calls) >= SEVERAL)
    assert upstream.counted()["/status"] >= SEVERAL


def test_a_code_in_the_list_is_asked_for_alone_and_stored_as_a_status_tells_it(asking, upstream):
    world = asking("status", "active")
    bought = buy(world, 20)
    for number in list(upstream.carrier.numbers.values())[:3]:
        number.codes.append("481516")
    tick(world, rounds=4)
    assert upstream.counted() == {"/active": 1, "/status": 3}
    assert states(world) == {"received": 3, "waiting": 17}
    assert [row["code"] for row in messages(world, bought[0])] == ["481516"]
    tick(world)
    assert upstream.counted() == {"/active": 1}


def test_a_batch_of_statuses_is_asked_in_chunks_and_believed(asking, upstream):
    world = asking("status", "active", "statuses")
    bought = buy(world, SEVERAL)
    for number in list(upstream.carrier.numbers.values())[:5]:
        number.codes.append("481516")
    tick(world)
    assert upstream.counted() == {"/statuses": 4}
    assert states(world) == {"received": 5, "waiting": 195}
    assert [row["code"] for row in messages(world, bought[0])] == ["481516"]


@pytest.mark.parametrize("operation", ["active", "statuses"])
def test_who_is_missing_in_the_answer_or_over_is_asked_alone(asking, upstream, operation):
    world = asking("status", operation)
    buy(world, 10)
    first, second, *_ = upstream.carrier.numbers.values()
    first.state = "expired"
    upstream.carrier.unlisted.add(second.id)
    second.codes.append("481516")
    tick(world, rounds=4)
    assert upstream.counted() == {f"/{operation}": 1, "/status": 2}
    assert states(world) == {"expired": 1, "received": 1, "waiting": 8}


@pytest.mark.parametrize("operation", ["active", "statuses"])
def test_where_the_list_fails_everyone_is_asked_alone(asking, upstream, operation):
    world = asking("status", operation)
    buy(world, 10)
    upstream.broken.add(f"/{operation}")
    next(iter(upstream.carrier.numbers.values())).codes.append("481516")
    tick(world, rounds=4)
    assert upstream.counted() == {f"/{operation}": 1, "/status": 10}
    assert states(world) == {"received": 1, "waiting": 9}


def test_a_list_that_never_shows_a_code_holds_it_up_for_a_few_looks_only(asking, upstream):
    world = asking("status", "active")
    bought = buy(world, 10)
    with world.desk.database.transaction() as unit:
        unit.run("update activation set fence = :n where id = :id", id=bought[4], n=ALONE_EVERY - 1)
    tick(world)
    assert upstream.counted() == {"/active": 1, "/status": 1}


def test_the_end_of_a_number_is_never_read_from_a_list(asking, upstream):
    world = asking("status", "active")
    buy(world, 5)
    tick(world, seconds=601)
    assert upstream.counted() == {"/status": 5}
    assert states(world) == {"expired": 5}


def test_every_call_passes_the_gate_that_all_processes_share(asking, upstream, gate):
    world = asking("status", "active")
    buy(world, SEVERAL)
    tick(world)
    gate.gates.flush()
    assert gate.seen().counts["ok"] == upstream.counted()["/active"] == 2


def test_a_list_without_codes_is_not_used(asking, upstream, monkeypatch):
    monkeypatch.setitem(ROW, "fields", {"activation_id": "id", "state": "state"})
    world = asking("status", "active")
    buy(world, 5)
    tick(world)
    assert upstream.counted() == {"/status": 5}


def test_a_pushed_event_has_its_number_asked_alone(asking, upstream, world):
    world = asking("status", "active")
    bought = buy(world, 10)
    with world.desk.database.transaction() as unit:
        unit.run(
            "insert into inbound_delivery (account_id, event_key, received_at, seen_at, outcome,"
            " activation_id) values (:account, 'id:1', :now, :now, 'checking', :id)",
            account=world.account(),
            now=world.clock(),
            id=bought[3],
        )
    tick(world)
    assert upstream.counted() == {"/active": 1, "/status": 1}


def test_played_carriers_list_too(world):
    world.carrier().listing = Listing("statuses", 4)
    buy(world, 10)
    world.carrier().calls.clear()
    tick(world)
    assert world.carrier().calls == ["statuses 4", "statuses 4", "statuses 2"]
