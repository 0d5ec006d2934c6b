"""Penalties: counted, previewed, booked once, appealed, reversed by a journal of their own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.activations import cancel
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.runtime_settings import change
from nexnum_console.operations import penalty_desk
from nexnum_console.operations.people import NotOneself
from nexnum_console.operations.registration import enrol
from nexnum_console.operations.verify import verify
from nexnum_console.wallet import penalties
from nexnum_console.wallet.penalties import NotAppealable
from tests.activations.world import World, build

DAY = date(2026, 11, 1)


@pytest.fixture
def world(database: Database) -> World:
    """A buyer who got four numbers and gave three back at once."""
    built = build(database)
    for number in range(4):
        bought = purchase(built.desk, Order(built.user_id, "telegram", "GB"))
        if number:
            built.clock.advance(200)
            cancel.cancel(built.desk, bought, built.user_id)
    return built


@pytest.fixture
def admin(database: Database) -> Actor:
    with database.transaction() as unit:
        user_id = enrol(unit, "boss@example.org", "x", currency="USD", role="admin")
    return Actor(user_id, "boss@example.org", "admin", capabilities_of("admin"))


def rule(world: World, **texts: str) -> None:
    with world.desk.database.transaction() as unit:
        for name, text in texts.items():
            change(unit, name, text, world.clock())


def lines(world: World) -> list[tuple[str, dict, str]]:
    with world.desk.database.transaction() as unit:
        found = penalty_desk.preview(unit, DAY)
    return [(line.charge.rule, dict(line.charge.evidence), line.hindrance) for line in found]


def available(world: World) -> int:
    with world.desk.database.transaction() as unit:
        return int(unit.scalar("select available from wallet where id = :w", w=world.wallet_id))


def test_without_rules_nobody_is_charged(world: World) -> None:
    assert lines(world) == []


def test_the_preview_says_who_and_why_and_moves_nothing(world: World) -> None:
    rule(world, penalty_cancel_share="75", penalty_cancel_least="4", penalty_velocity="2")
    before = available(world)
    assert lines(world) == [
        ("cancel_share", {"numbers": 4, "cancelled": 3, "percent": 75}, ""),
        ("velocity", {"in_an_hour": 3, "allowed": 2}, ""),
    ]
    assert available(world) == before
    rule(world, penalty_cancel_share="76", penalty_velocity="3")
    assert lines(world) == []
    rule(world, penalty_cancel_share="75", penalty_cancel_least="5")
    assert lines(world) == []


def test_a_day_is_charged_once_and_never_before_it_is_over(world: World, admin: Actor) -> None:
    rule(world, penalty_velocity="2", penalty_amount="0.50")
    before = available(world)
    database = world.desk.database
    with pytest.raises(InvalidInput):
        penalty_desk.book_day(database, admin, DAY, world.clock())
    world.clock.advance(86_400)
    assert penalty_desk.book_yesterday(database, world.clock()) is None
    assert penalty_desk.book_day(database, admin, DAY, world.clock()).charged == 1
    again = penalty_desk.book_day(database, admin, DAY, world.clock())
    assert (again.charged, again.skipped[0].hindrance) == (0, "booked before")
    assert available(world) == before - 500_000
    assert verify(database, world.clock()).ok


def test_what_a_balance_does_not_cover_is_not_booked_in_part(world: World) -> None:
    rule(world, penalty_velocity="2", penalty_amount="1000", penalties_automatic="on")
    world.clock.advance(86_400)
    before = available(world)
    booked = penalty_desk.book_yesterday(world.desk.database, world.clock())
    assert booked is not None
    assert (booked.charged, len(booked.skipped), available(world)) == (0, 1, before)
    assert "the balance is" in booked.skipped[0].hindrance


def test_an_appeal_is_heard_and_the_reversal_is_a_journal(world: World, admin: Actor) -> None:
    rule(world, penalty_velocity="2", penalties_automatic="on")
    world.clock.advance(86_400)
    database, before = world.desk.database, available(world)
    assert penalty_desk.book_yesterday(database, world.clock()).charged == 1
    with database.transaction() as unit:
        number = unit.scalar("select id from penalty")
        with pytest.raises(NotFound):
            penalties.appeal(unit, admin.user_id, number, "it was not me, really", world.clock())
        penalties.appeal(unit, world.user_id, number, "the numbers were dead", world.clock())
        with pytest.raises(NotAppealable):
            penalties.appeal(unit, world.user_id, number, "the numbers were dead", world.clock())
        penalty_desk.decide(unit, admin, number, "right, they were", world.clock(), reverse=True)
    with database.transaction() as unit, pytest.raises(NotAppealable):
        penalty_desk.decide(unit, admin, number, "twice is nice", world.clock(), reverse=True)
    assert available(world) == before
    with database.transaction() as unit:
        kinds = unit.run("select kind from journal where kind like 'penalty%' order by id")
        assert kinds.scalars() == ["penalty", "penalty_reversal"]
    world.clock.advance(timedelta(hours=1).total_seconds())
    assert penalty_desk.book_yesterday(database, world.clock()).charged == 0
    assert verify(database, world.clock()).ok


def test_nobody_decides_on_a_penalty_of_their_own(world: World, admin: Actor) -> None:
    rule(world, penalty_velocity="2")
    world.clock.advance(timedelta(days=1).total_seconds())
    assert penalty_desk.book_day(world.desk.database, admin, DAY, world.clock()).charged == 1
    own = Actor(world.user_id, "buyer@example.org", "admin", capabilities_of("admin"))
    with world.desk.database.transaction() as unit:
        number = unit.scalar("select id from penalty")
        with pytest.raises(NotOneself):
            penalty_desk.decide(unit, own, number, "it was a mistake", world.clock(), reverse=True)
        decided = penalty_desk.decide(
            unit, admin, number, "it was a mistake", world.clock(), reverse=True
        )
    assert decided == world.user_id
