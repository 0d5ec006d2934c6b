"""The answer to a wish is kept with the sale itself, and a sale is never undone for its sake."""

from __future__ import annotations

import pytest

from nexnum_console.activations.purchase import Order
from nexnum_console.activations.reading import ActivationView, view
from nexnum_console.core import idempotency
from nexnum_console.core.db import Database
from nexnum_console.operations.buying import Answer, buy_and_tell
from tests.activations.world import UNIT, World, build

KEY = "a" * 32
HASH = idempotency.fingerprint("POST", "/somewhere", b"a wish")


class Died(BaseException):
    """The process ends here."""


@pytest.fixture
def world(database: Database) -> World:
    return build(database, funds=10 * UNIT)


def said(found: ActivationView) -> tuple[int, str]:
    return 201, repr(found)


def buy(world: World, telling=said) -> Answer:
    order = Order(world.user_id, "telegram", "GB", actor=f"user:{world.user_id}")
    return buy_and_tell(world.desk, order, KEY, HASH, telling)


def as_it_is(world: World) -> ActivationView:
    with world.desk.database.transaction() as unit:
        number = unit.scalar("select max(id) from activation")
        return view(unit, number, world.user_id)


def test_what_is_told_at_the_sale_is_what_is_read_after_it(world: World) -> None:
    answer = buy(world)
    assert (answer.status, answer.replayed) == (201, False)
    assert answer.body == repr(as_it_is(world))


def test_a_sale_that_cannot_be_told_is_a_sale_and_told_after_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[str] = []

    def telling(found: ActivationView) -> tuple[int, str]:
        tried.append(found.state)
        if len(tried) == 1:
            raise ValueError("no words")
        return said(found)

    answer = buy(world, telling)
    assert tried == ["waiting", "waiting"]
    assert "was sold and cannot be told" in caplog.text
    assert answer.body == repr(as_it_is(world))


def test_who_dies_right_after_the_sale_has_kept_the_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(name: str) -> None:
        if name == "purchase.bound":
            raise Died

    monkeypatch.setattr("nexnum_console.activations.purchase.failpoint", die)
    with pytest.raises(Died):
        buy(world)
    monkeypatch.undo()
    sold = as_it_is(world)
    with world.desk.database.transaction() as unit:
        unit.run("update activation set reason = 'something else since'")
    again = buy(world)
    assert again.replayed
    assert again.body == repr(sold)


def test_an_order_that_nobody_served_is_told_after_it(world: World) -> None:
    for carrier in world.carriers.values():
        carrier.mood = lambda: "no_numbers"
    answer = buy(world)
    assert as_it_is(world).state == "failed"
    assert answer.body == repr(as_it_is(world))
    assert buy(world).replayed
