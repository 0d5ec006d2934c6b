"""The outside in our books: payouts bring clearing to zero, providers' balances start anew."""

from __future__ import annotations

import pytest

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.operations import house_desk
from nexnum_console.operations.house_desk import Entered
from nexnum_console.operations.verify import verify
from nexnum_console.reports import ledger_book, reconciliation
from nexnum_console.wallet.deposits import deposit
from tests.activations.world import UNIT, World, build

ADMIN = Actor(99, "boss@example.org", "admin", capabilities_of("admin"))


@pytest.fixture
def world(database: Database) -> World:
    return build(database)


def test_a_payout_brings_the_clearing_account_to_zero_once(world: World) -> None:
    with world.desk.database.transaction() as unit:
        deposit(
            unit,
            wallet_id=world.wallet_id,
            amount=30 * UNIT,
            gateway="manual",
            gateway_ref="SEPA 1",
            actor="x",
            now=world.clock(),
        )
        first = house_desk.payout(unit, ADMIN, "manual", 30 * UNIT, "USD", "bank 7", world.clock())
        again = house_desk.payout(unit, ADMIN, "manual", 30 * UNIT, "USD", "bank 7", world.clock())
        house = ledger_book.house_balances(unit)
    assert first == Entered(first.journal_id, before=False)
    assert again == Entered(first.journal_id, before=True)
    assert (house["gateway:manual"], house["bank"]) == (0, -30 * UNIT)
    with world.desk.database.transaction() as unit:
        assert [line.difference for line in reconciliation.gateways(unit)] == [0, 0]
    assert verify(world.desk.database, world.clock()).ok


def test_a_reference_that_tells_of_another_transfer_is_refused_and_books_nothing(
    world: World,
) -> None:
    with world.desk.database.transaction() as unit:
        first = house_desk.payout(unit, ADMIN, "manual", 3 * UNIT, "USD", "wire", world.clock())
        for amount, currency in ((5 * UNIT, "USD"), (3 * UNIT, "EUR")):
            with pytest.raises(InvalidInput) as refused:
                house_desk.payout(unit, ADMIN, "manual", amount, currency, "wire", world.clock())
            assert f"wire is journal {first.journal_id} already, about 3.00 USD" in str(
                refused.value
            )
        assert ledger_book.house_balances(unit)["bank"] == -3 * UNIT
        assert unit.scalar("select count(*) from audit_entry") == 1


def test_references_that_begin_alike_are_told_apart_or_refused(world: World) -> None:
    gateway, reference = "g" * 64, "r" * 79
    with world.desk.database.transaction() as unit:
        house_desk.payout(unit, ADMIN, gateway, UNIT, "USD", reference + "1", world.clock())
        with pytest.raises(InvalidInput, match="a reference of its own"):
            house_desk.payout(unit, ADMIN, gateway, UNIT, "USD", reference + "2", world.clock())


def says(world: World, balance: int) -> reconciliation.FloatLine | None:
    """The provider's word about alpha's account, and how it compares; what was booked before is
    no longer in flight."""
    world.clock.advance(300)
    with world.desk.database.transaction() as unit:
        unit.run(
            "update provider_account set balance_micro = :b, balance_at = :now where id = :id",
            b=balance,
            now=world.clock(),
            id=world.account(),
        )
        return next(iter(reconciliation.floats(unit)), None)


def start_at(world: World, balance: int) -> None:
    says(world, balance)
    with world.desk.database.transaction() as unit:
        house_desk.take_balance_as_right(unit, ADMIN, world.account(), "a look", world.clock())


def test_money_sent_to_a_provider_is_its_float_and_explains_its_balance_alone(
    world: World,
) -> None:
    start_at(world, 50 * UNIT)
    account = world.account()
    world.clock.advance(300)
    with world.desk.database.transaction() as unit:
        house_desk.top_up(unit, ADMIN, account, 5 * UNIT, "USD", "wire 1", world.clock())
        assert ledger_book.house_balances(unit)["float:alpha"] == -5 * UNIT
    line = says(world, 55 * UNIT)
    assert line is not None
    assert (line.sent, line.in_flight, line.difference, line.explained) == (5 * UNIT, 0, 0, True)
    assert verify(world.desk.database, world.clock()).ok
    line = says(world, 54 * UNIT)
    assert line is not None
    assert (line.difference, line.explained) == (-UNIT, False), "a loss is not hidden by it"
    start_at(world, 54 * UNIT)
    line = says(world, 54 * UNIT)
    assert line is not None
    assert (line.sent, line.difference) == (0, 0), "what came before the baseline is in it"


def test_what_arrives_in_another_currency_is_what_the_balance_grew_by(world: World) -> None:
    with world.desk.database.transaction() as unit:
        unit.run("update provider set currency = 'EUR' where name = 'alpha'")
    start_at(world, 50 * UNIT)
    account = world.account()
    world.clock.advance(300)

    def tell(arrived: int | None, reference: str = "wire 1") -> Entered:
        with world.desk.database.transaction() as unit:
            return house_desk.top_up(
                unit, ADMIN, account, 5 * UNIT, "USD", reference, world.clock(), arrived=arrived
            )

    for nothing in (None, 0, -UNIT):
        with pytest.raises(InvalidInput, match=r"alpha \(main\) counts in EUR"):
            tell(nothing)
    first = tell(4 * UNIT)
    assert tell(4 * UNIT) == Entered(first.journal_id, before=True)
    with pytest.raises(InvalidInput, match=r"4.00 EUR arrived at alpha"):
        tell(3 * UNIT)
    line = says(world, 54 * UNIT)
    assert line is not None
    assert (line.sent, line.difference) == (4 * UNIT, 0)


def test_a_top_up_that_cannot_be_is_not_booked(world: World) -> None:
    account = world.account()
    with world.desk.database.transaction() as unit:
        with pytest.raises(NotFound):
            house_desk.top_up(unit, ADMIN, 4711, UNIT, "USD", "wire 2", world.clock())
        with pytest.raises(InvalidInput):
            house_desk.top_up(unit, ADMIN, account, 0, "USD", "wire 2", world.clock())
        with pytest.raises(InvalidInput, match="the amount is what arrived"):
            house_desk.top_up(
                unit, ADMIN, account, UNIT, "USD", "wire 2", world.clock(), arrived=2 * UNIT
            )
        house_desk.top_up(unit, ADMIN, account, 3 * UNIT, "USD", "wire 2", world.clock())
        with pytest.raises(InvalidInput, match=r"about 3\.00 USD, not 5\.00 USD"):
            house_desk.top_up(unit, ADMIN, account, 5 * UNIT, "USD", "wire 2", world.clock())


def test_a_balance_is_taken_as_right_only_where_one_was_said(world: World) -> None:
    account = world.account()
    with world.desk.database.transaction() as unit:
        with pytest.raises(NotFound):
            house_desk.take_balance_as_right(unit, ADMIN, 4711, "first look", world.clock())
        with pytest.raises(InvalidInput):
            house_desk.take_balance_as_right(unit, ADMIN, account, "first look", world.clock())
        unit.run(
            "update provider_account set balance_micro = 7, balance_at = :now where id = :id",
            now=world.clock(),
            id=account,
        )
        assert (
            house_desk.take_balance_as_right(unit, ADMIN, account, "first look", world.clock()) == 7
        )
