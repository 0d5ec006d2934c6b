"""Many lanes in one job: who is slow holds up nobody else, and no job for ever."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from nexnum_console.activations import lanes, polling
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.polling import poll_lane
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.db import Database
from nexnum_console.providers.client import AsyncProviderClient
from tests.activations.world import PlayedCarrier, PlayedCarriers, PlayedReader, World, build
from tests.support.loops import finish
from workers import rooms
from workers.jobs.activations import _settle
from workers.rooms import work_lanes

TURN = 0.5
SLOW = 1.0
# What a job may take beyond its time on a busy machine.
SLACK = 3.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(rooms, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(rooms, "LEAVE_SECONDS", 0.2)
    monkeypatch.setattr(rooms, "LAST_SECONDS", 0.2)
    monkeypatch.setattr(polling, "IDLE_SECONDS", 0.05)
    yield
    rooms.stopping.clear()


def world_of(database: Database, several: int) -> World:
    world = build(database, names=tuple(f"carrier{number}" for number in range(several)))
    lanes.claim_for_queue(database, world.clock())
    return world


def buy_everywhere(world: World, mood: str = "sell") -> dict[int, int]:
    """One number of each account, due at once; its order's id by account."""
    bought = {}
    for account_id, carrier in world.carriers.items():
        carrier.mood = lambda: mood
        order = Order(world.user_id, "telegram", "GB", provider=carrier.name)
        bought[account_id] = purchase(world.desk, order)
    world.clock.advance(5)
    return bought


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def is_free(world: World, account_id: int, kind: str = "poll") -> bool:
    with world.desk.database.transaction() as unit:
        held = unit.scalar(
            "select lease_until from lane where account_id = :id and kind = :kind",
            id=account_id,
            kind=kind,
        )
    return held is None


class Hanging:
    """Work on lanes: one account's never ends, the others' is done at once."""

    def __init__(self, slow: int) -> None:
        self.began = time.monotonic()
        self.done: list[tuple[int, float]] = []
        self._slow = slow

    async def __call__(self, desk: Desk, lane: lanes.Lane, more: Callable[[], bool]) -> None:
        if lane.account_id == self._slow:
            await asyncio.Event().wait()
        self.done.append((lane.account_id, time.monotonic() - self.began))

    def worked_after(self, seconds: float) -> set[int]:
        return {account_id for account_id, at in self.done if at > seconds}


def test_while_one_lane_hangs_the_others_are_taken_and_worked(database: Database) -> None:
    world = world_of(database, 3)
    slow, *others = buy_everywhere(world)
    work = Hanging(slow)
    with at_most(TURN + SLOW + SLACK):
        finish(work_lanes(world.desk, "poll", TURN, work, slow_seconds=SLOW))
    assert work.worked_after(0) == set(others)
    assert work.worked_after(TURN + rooms.LEAVE_SECONDS) == set(others), "while it waits, too"
    assert all(is_free(world, one) for one in others)
    assert not is_free(world, slow), "whoever worked it may be at it still: its lease runs out"
    world.clock.advance(lanes.LEASE_SECONDS + 1)
    assert lanes.due(database, "poll", world.clock()).count(slow) == 1


def test_a_job_whose_lanes_are_left_in_time_does_not_wait(database: Database) -> None:
    world = world_of(database, 2)
    buy_everywhere(world)
    with at_most(TURN + SLACK):
        finish(work_lanes(world.desk, "poll", TURN, Hanging(0), slow_seconds=60))


def test_stopping_ends_a_job_whose_lane_hangs(database: Database) -> None:
    world = world_of(database, 2)
    slow, _ = buy_everywhere(world)
    threading.Timer(0.3, rooms.stopping.set).start()
    with at_most(0.3 + SLACK):
        finish(work_lanes(world.desk, "poll", 60, Hanging(slow), slow_seconds=60))


def test_one_that_breaks_ends_no_other(database: Database) -> None:
    world = world_of(database, 2)
    broken, other = buy_everywhere(world)
    worked = Hanging(0)

    async def work(desk: Desk, lane: lanes.Lane, more: Callable[[], bool]) -> None:
        if lane.account_id == broken:
            raise ZeroDivisionError
        await worked(desk, lane, more)

    finish(work_lanes(world.desk, "poll", TURN, work))
    assert worked.worked_after(0) == {other}
    assert is_free(world, broken)


class SlowReader(PlayedReader):
    """A reader whose status calls take so long."""

    def __init__(self, carrier: PlayedCarrier, seconds: float) -> None:
        super().__init__(carrier)
        self._seconds = seconds

    async def status(self, *asked: Any) -> Any:
        await asyncio.sleep(self._seconds)
        return await super().status(*asked)


def with_slow_reads(world: World, account_id: int, seconds: float) -> Desk:
    """The desk where that account's status calls take so long."""

    @asynccontextmanager
    async def reader() -> AsyncIterator[AsyncProviderClient]:
        yield SlowReader(world.carriers[account_id], seconds)  # type: ignore[misc]

    found = {one: world.desk.carriers.get(one) for one in world.carriers}
    found[account_id] = replace(found[account_id], open_reader=reader)
    return replace(world.desk, carriers=PlayedCarriers(found))


def test_a_read_that_hangs_keeps_no_job_and_its_number_is_handed_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(database, 2)
    bought = buy_everywhere(world)
    slow, other = bought
    monkeypatch.setattr(polling, "END_SECONDS", 0.5)
    for carrier in world.carriers.values():
        carrier.live()[0].codes.append("481516")
    desk = with_slow_reads(world, slow, 60)
    with at_most(TURN + SLOW + SLACK):
        finish(work_lanes(desk, "poll", TURN, poll_lane, slow_seconds=SLOW))
    assert world.row(bought[other])["state"] == "received"
    row = world.row(bought[slow])
    assert (row["state"], row["lease_until"]) == ("waiting", None)
    assert is_free(world, slow)
    finish(work_lanes(world.desk, "poll", TURN, poll_lane))
    assert world.row(bought[slow])["state"] == "received"


def test_a_read_that_is_slower_than_its_lane_is_waited_for_and_stored(database: Database) -> None:
    world = world_of(database, 1)
    ((account_id, order),) = buy_everywhere(world).items()
    world.carriers[account_id].live()[0].codes.append("481516")
    desk = with_slow_reads(world, account_id, TURN + 0.5)
    finish(work_lanes(desk, "poll", TURN, poll_lane, slow_seconds=SLOW * 3))
    assert world.row(order)["state"] == "received"


def test_a_lane_that_is_cut_off_hands_its_numbers_back(database: Database) -> None:
    world = world_of(database, 1)
    ((account_id, order),) = buy_everywhere(world).items()
    desk = with_slow_reads(world, account_id, 60)
    with at_most(TURN + SLACK):
        finish(work_lanes(desk, "poll", TURN, poll_lane))
    assert world.row(order)["lease_until"] is None


def test_six_slow_lanes_do_not_keep_a_seventh_account_from_being_settled(
    database: Database,
) -> None:
    world = world_of(database, 7)
    buy_everywhere(world, "lose")
    *slow, quick = world.carriers
    answer = threading.Event()
    for account_id in slow:
        carrier = world.carriers[account_id]
        carrier.active = lambda: answer.wait(60) and []  # type: ignore[method-assign]
    asked: list[float] = []
    began = time.monotonic()

    def listed() -> list[Any]:
        asked.append(time.monotonic() - began)
        return []

    world.carriers[quick].active = listed  # type: ignore[method-assign]
    try:
        with at_most(TURN + SLACK):
            finish(work_lanes(world.desk, "settle", TURN, _settle))
        assert asked
        assert asked[0] < TURN
        assert not any(is_free(world, one, "settle") for one in slow), "they are at it still"
    finally:
        answer.set()
    until = time.monotonic() + 10
    while not all(is_free(world, one, "settle") for one in world.carriers):
        assert time.monotonic() < until, "each leaves its lane by itself"
        time.sleep(0.05)
