"""Money faults of the product this one replaces, each with what happens here instead.

Those of deposits (1, 8, 9) are in test_deposit_desk.py, that of coupons (21) in
tests/wallet/test_coupons.py.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nexnum_console.activations import cancel
from nexnum_console.activations.errors import NotCancellable, SmsAlreadyReceived
from nexnum_console.activations.purchase import Order, place, purchase
from nexnum_console.activations.settle import Sms, give_back, store_messages
from nexnum_console.activations.sweep import sweep
from nexnum_console.core.db import Database
from nexnum_console.operations.verify import verify
from nexnum_console.wallet import ledger
from nexnum_console.wallet.errors import (
    AlreadyBooked,
    HoldResolved,
    InsufficientFunds,
    NothingToRefund,
)
from tests.activations.world import START, World, build

UNIT = 1_000_000


@pytest.fixture
def world(database: Database) -> World:
    return build(database)


def buy(world: World) -> int:
    return purchase(world.desk, Order(world.user_id, "telegram", "GB"))


def sound(world: World) -> bool:
    return verify(world.desk.database, world.clock()).ok


def refunds(world: World) -> int:
    with world.desk.database.transaction() as unit:
        return int(unit.scalar("select count(*) from journal where kind = 'refund'"))


def test_peer_5_a_code_that_came_is_never_refunded_and_a_refund_never_comes_twice(
    world: World,
) -> None:
    coded, plain = buy(world), buy(world)
    with world.desk.database.transaction() as unit:
        store_messages(unit, world.desk, coded, [Sms("4711", "", "")], world.clock())
    with pytest.raises(SmsAlreadyReceived):
        cancel.cancel(world.desk, coded, world.user_id)
    cancel.cancel(world.desk, plain, world.user_id)
    for event in ("cancelled", "expired"):
        for number in (coded, plain):
            with world.desk.database.transaction() as unit:
                assert not give_back(
                    unit, world.desk, number, event, upstream="refunded", now=world.clock()
                )
    assert refunds(world) == 1
    assert sound(world)


def test_peer_6_an_order_that_nobody_served_mints_nothing(world: World) -> None:
    for carrier in world.carriers.values():
        carrier.mood = lambda: "no_numbers"
    before = world.balance()
    number = buy(world)
    assert world.row(number)["state"] == "failed"
    with world.desk.database.transaction() as unit:
        cause = ledger.Cause(f"activation:{number}", "cron", START)
        with pytest.raises(NothingToRefund):
            ledger.refund(unit, world.wallet_id, 150_000, cause)
        with pytest.raises(AlreadyBooked):
            ledger.release(unit, world.wallet_id, 160_000, cause)
    assert world.balance() == before
    assert sound(world)


def test_peer_7_cancelled_twice_at_once_by_every_way_is_refunded_once(world: World) -> None:
    before = world.balance()
    number = buy(world)

    def by_page(_: int) -> None:
        try:
            cancel.cancel(world.desk, number, world.user_id)
        except NotCancellable:
            return

    def by_clock(_: int) -> None:
        with world.desk.database.transaction() as unit:
            give_back(unit, world.desk, number, "expired", upstream="closing", now=world.clock())

    with ThreadPoolExecutor(8) as pool:
        for number_of_way in range(16):
            pool.submit(by_page if number_of_way % 2 else by_clock, number_of_way)
    assert (refunds(world), world.balance()) == (1, before)
    assert sound(world)


def test_peer_18_a_hold_that_a_dead_process_left_goes_back_once(world: World) -> None:
    before = world.balance()
    with world.desk.database.transaction() as unit:
        placed = place(unit, world.desk, Order(world.user_id, "telegram", "GB"))
    assert world.balance() != before
    assert sweep(world.desk) == 0, "it may still be alive"
    world.clock.advance(3600)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: sweep(world.desk), range(4))) == 1
    assert (world.row(placed.activation_id)["state"], world.balance()) == ("failed", before)
    assert sound(world)


@pytest.mark.parametrize("kind", ["hold", "adjust", "penalise", "return_deposit"])
def test_peer_20_held_money_cannot_be_spent_another_way(world: World, kind: str) -> None:
    number = buy(world)
    with world.desk.database.transaction() as unit:
        cause = ledger.Cause("test:hold", "x", START)
        ledger.hold(unit, world.wallet_id, 99 * UNIT, cause)
    available, reserved = world.balance()
    assert 0 < available < UNIT
    taking = {
        "hold": lambda u, c: ledger.hold(u, world.wallet_id, UNIT, c),
        "adjust": lambda u, c: ledger.adjust(u, world.wallet_id, -UNIT, c),
        "penalise": lambda u, c: ledger.penalise(u, world.wallet_id, UNIT, c),
        "return_deposit": lambda u, c: ledger.return_deposit(
            u, world.wallet_id, UNIT, "sandbox", c
        ),
    }
    with world.desk.database.transaction() as unit, pytest.raises(InsufficientFunds):
        taking[kind](unit, ledger.Cause("test:other", "x", START))
    with world.desk.database.transaction() as unit:
        ledger.release(unit, world.wallet_id, 99 * UNIT, cause)
    with world.desk.database.transaction() as unit, pytest.raises((HoldResolved, AlreadyBooked)):
        ledger.release(unit, world.wallet_id, 99 * UNIT, cause)
    cancel.cancel(world.desk, number, world.user_id)
    assert world.balance() == (100 * UNIT, reserved - 99 * UNIT)
    assert sound(world)
