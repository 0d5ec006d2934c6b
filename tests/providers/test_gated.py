"""Calls through the gate, at the socket: what is not admitted is not sent, what is sent is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis

from nexnum_console.providers.client import AsyncProviderClient, ProviderClient
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import NotAdmitted, ProviderError
from nexnum_console.providers.limiter import Budget, Limits
from nexnum_console.providers.script import Force
from nexnum_console.providers.transport import ReadTransport, Transport
from tests.providers.gating import ACCOUNT, WIDE, Desk, until
from tests.support.loops import finish
from tests.support.wire import Wire, says

MakeWire = Callable[..., Wire]


@pytest.fixture
def make(redis_client: redis.Redis) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def desk(limits: Limits = WIDE) -> Desk:
        made.append(Desk(redis_client, limits))
        return made[-1]

    yield desk
    for each in made:
        each.close()


def client(compiled: CompiledProvider, carrier: Wire, desk: Desk, seen: list) -> ProviderClient:
    transport = Transport(carrier.policy, lambda *event: seen.append(event[1:3]))
    desk.owns.append(transport.close)
    return ProviderClient(compiled, "KEY", transport, carrier.url, gate=desk.gate)


def test_outcomes_are_told_as_they_are_understood(
    handler_api: CompiledProvider, wire: MakeWire, make: Callable[..., Desk]
) -> None:
    answers = iter(
        ["ACCESS_NUMBER:1:79584123456", "NO_NUMBERS", "<html>down</html>", "?", "NO_BALANCE"]
    )

    def answer(connection: socket.socket, carrier: Wire) -> None:
        says(next(answers))(connection, carrier)

    carrier = wire(answer)
    desk, seen = make(), []
    buyer = client(handler_api, carrier, desk, seen)
    for _ in range(5):
        with contextlib.suppress(ProviderError):
            buyer.buy("2", "tg")
    desk.gates.flush()
    counts = {
        "ok": 1,
        "no_numbers": 1,
        "provider_unavailable": 1,
        "parse_error": 1,
        "no_balance": 1,
    }
    assert desk.seen().counts == counts
    assert desk.seen().at_once == 0
    assert len(seen) == len(carrier.requests) == 5


def test_a_purchase_behind_an_open_breaker_never_leaves(
    handler_api: CompiledProvider, wire: MakeWire, make: Callable[..., Desk]
) -> None:
    carrier = wire(says("BAD_KEY"))
    desk, seen = make(), []
    buyer = client(handler_api, carrier, desk, seen)
    with pytest.raises(ProviderError, match="bad_key"):
        buyer.balance()
    desk.gates.flush()
    for ask in (lambda: buyer.buy("2", "tg"), lambda: buyer.status("1"), lambda: buyer.cancel("1")):
        with pytest.raises(NotAdmitted) as caught:
            ask()
        assert (caught.value.code, caught.value.sent, caught.value.declined) == (
            "provider_unavailable",
            False,
            True,
        )
    assert len(carrier.requests) == 1
    assert seen == [("balance", "bad_key")]  # a refusal of ours is no call


def test_the_poller_obeys_what_another_process_learned(
    handler_api: CompiledProvider, wire: MakeWire, make: Callable[..., Desk]
) -> None:
    carrier = wire(says("STATUS_WAIT_CODE"))
    here, there = make(), make()

    async def poll() -> tuple[float, int]:
        async with asyncio.timeout(10):
            reads = ReadTransport(carrier.policy)
            poller = AsyncProviderClient(handler_api, "KEY", reads, carrier.url, gate=there.gate)
            await asyncio.gather(*(poller.status(str(n)) for n in range(10)))
            began = time.monotonic()
            here.gates.force(ACCOUNT, Force("open", 1))
            while True:
                try:
                    await poller.status("1")
                except NotAdmitted:
                    break
            took, sent = time.monotonic() - began, len(carrier.requests)
            with pytest.raises(NotAdmitted):
                await poller.active()
            await reads.aclose()
            return took, sent

    took, sent = finish(poll())
    assert took < 0.1
    assert len(carrier.requests) == sent


def test_the_rate_limit_holds_at_the_socket(
    handler_api: CompiledProvider, wire: MakeWire, make: Callable[..., Desk]
) -> None:
    at: list[float] = []

    def answer(connection: object, carrier: Wire) -> None:
        at.append(time.monotonic())
        says("STATUS_WAIT_CODE")(connection, carrier)

    carrier = wire(answer)
    desk = make(Limits(Budget(5, 1.0), 100))

    async def poll() -> None:
        reads = ReadTransport(carrier.policy)
        poller = AsyncProviderClient(handler_api, "KEY", reads, carrier.url, gate=desk.gate)
        await asyncio.gather(*(poller.status(str(n)) for n in range(20)))
        await reads.aclose()

    finish(poll())
    assert len(at) == 20
    at.sort()
    # Reads get 4 of 5. The wire adds its own jitter to the times the gate gave.
    assert all(later - earlier > 0.7 for earlier, later in zip(at, at[4:], strict=False))


def test_a_429_makes_everyone_pause(
    handler_api: CompiledProvider, wire: MakeWire, make: Callable[..., Desk]
) -> None:
    carrier = wire(says("slow down", 429, {"Retry-After": "20"}))
    one, two = make(), make()
    with pytest.raises(ProviderError) as caught:
        client(handler_api, carrier, one, []).balance()
    assert (caught.value.code, caught.value.sent) == ("rate_limited", True)
    one.gates.flush()
    with pytest.raises(NotAdmitted) as refused:
        client(handler_api, carrier, two, []).buy("2", "tg")
    assert refused.value.code == "rate_limited"
    assert 18 <= refused.value.retry_after <= 20
    assert len(carrier.requests) == 1


def test_waiting_is_part_of_the_deadline(
    handler_api: CompiledProvider, wire: MakeWire, make: Callable[..., Desk]
) -> None:
    """A purchase that waited has less time left, for its lease is as long as its deadline."""
    carrier = wire(lambda connection, wire_: wire_.stopped.wait(10))
    desk = make(Limits(Budget(1, 1.0), 100))

    deadlines: list[float] = []

    class Short(Transport):
        def send(self, request):
            deadlines.append(request.deadline)
            raise ProviderError("provider_unavailable", "not today")

    with Short(carrier.policy) as transport:
        buyer = ProviderClient(handler_api, "KEY", transport, carrier.url, gate=desk.gate)
        for _ in range(2):
            with pytest.raises(ProviderError, match="not today"):
                buyer.buy("2", "tg")
    first, second = deadlines
    assert 0.5 < first - second < 5
    assert second > 10


def test_a_key_that_is_one_of_several_opens_nothing(
    handler_api: CompiledProvider, make: Callable[..., Desk]
) -> None:
    desk = make()
    for _ in range(3):
        desk.call("one_key_refused")
        desk.call("one_key_busy")
    assert desk.state() == "closed"
    for _ in range(7):
        desk.call("one_key_refused")
    assert desk.state() == "open"  # all of them are refused


def test_a_call_given_up_gives_its_slot_back(
    handler_api: CompiledProvider, wire: MakeWire, make: Callable[..., Desk]
) -> None:
    carrier = wire(lambda connection, wire_: wire_.stopped.wait(5))
    desk = make()

    async def give_up() -> None:
        reads = ReadTransport(carrier.policy)
        poller = AsyncProviderClient(handler_api, "KEY", reads, carrier.url, gate=desk.gate)
        task = asyncio.create_task(poller.status("1"))
        while not carrier.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await reads.aclose()

    finish(give_up())
    desk.gates.flush()
    seen = desk.seen()
    assert (seen.at_once, seen.counts) == (0, {})


def test_slow_calls_of_many_threads_never_exceed_what_is_taken_at_once(
    handler_api: CompiledProvider, wire: MakeWire, make: Callable[..., Desk]
) -> None:
    now, most, lock = [0], [0], threading.Lock()

    def answer(connection: object, carrier: Wire) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        says("NO_NUMBERS")(connection, carrier)

    carrier = wire(answer)
    desk = make(Limits(Budget(10_000, 1.0), 3))
    buyer = client(handler_api, carrier, desk, [])

    def buy() -> None:
        with pytest.raises(ProviderError, match="no_numbers"):
            buyer.buy("2", "tg")

    threads = [threading.Thread(target=buy) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(carrier.requests) == 20
    assert most[0] <= 3
    until(lambda: desk.seen().at_once == 0)
