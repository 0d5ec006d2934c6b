"""What an admin may set about purchases binds where a purchase begins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nexnum_console.activations.cancel import cancel
from nexnum_console.activations.errors import PurchasesPaused, TooManyOpen
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.runtime_settings import change
from tests.activations.world import World

FUNDS = 100_000_000


def _set(world: World, name: str, text: str) -> None:
    with world.desk.database.transaction() as unit:
        change(unit, name, text, world.clock())


def _order(world: World) -> Order:
    return Order(world.user_id, "telegram", "GB")


def _born(world: World, days: int) -> None:
    with world.desk.database.transaction() as unit:
        unit.run(
            "update app_user set created_at = cast(:now as timestamptz)"
            " - make_interval(days => :days) where id = :id",
            now=world.clock(),
            days=days,
            id=world.user_id,
        )


def test_while_paused_nothing_is_bought_or_held(world: World) -> None:
    _set(world, "purchases_paused", "on")
    with pytest.raises(PurchasesPaused):
        purchase(world.desk, _order(world))
    assert world.balance() == (FUNDS, 0)
    assert world.carrier().calls == []
    _set(world, "purchases_paused", "off")
    assert world.row(purchase(world.desk, _order(world)))["state"] == "waiting"


def test_a_new_account_holds_only_so_many_and_a_returned_one_makes_room(world: World) -> None:
    _born(world, 1)
    _set(world, "new_account_open_numbers", "2")
    first = purchase(world.desk, _order(world))
    purchase(world.desk, _order(world))
    before = world.balance()
    with pytest.raises(TooManyOpen):
        purchase(world.desk, _order(world))
    assert world.balance() == before
    assert world.carrier().calls.count("buy") == 2
    cancel(world.desk, first, world.user_id)
    assert world.row(purchase(world.desk, _order(world)))["state"] == "waiting"


def test_an_older_account_is_not_limited(world: World) -> None:
    _born(world, 8)
    _set(world, "new_account_open_numbers", "1")
    purchase(world.desk, _order(world))
    purchase(world.desk, _order(world))


def test_orders_at_once_do_not_slip_past_the_limit(world: World) -> None:
    _born(world, 1)
    _set(world, "new_account_open_numbers", "3")

    def one(_: int) -> bool:
        try:
            purchase(world.desk, _order(world))
        except TooManyOpen:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(16))) == 3
    assert world.carrier().calls.count("buy") == 3
