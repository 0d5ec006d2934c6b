"""Statements add up: opening and moves make the closing, the result makes what balances grew by."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from nexnum_console.activations import cancel
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.reports import ledger_book, reconciliation, statements
from nexnum_console.wallet import coupons, ledger, seals
from nexnum_console.wallet.coupons import Terms
from tests.activations.world import START, UNIT, World, build

FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 2)


@pytest.fixture
def world(database: Database) -> World:
    """Two days: two sold, one of them given back, a gift, a penalty, an orphan's cost."""
    built = build(database)
    desk = built.desk
    purchase(desk, Order(built.user_id, "telegram", "GB"))
    built.clock.advance(timedelta(days=1).total_seconds())
    second = purchase(desk, Order(built.user_id, "telegram", "GB"))
    cancel.cancel(desk, second, built.user_id)
    with database.transaction() as unit:
        coupons.make(unit, Terms(amount=333_333), "x", START, "GIFT")
        coupons.redeem(unit, built.wallet_id, "gift", built.clock())
        cause = ledger.Cause("penalty:1", "system", built.clock(), "velocity")
        ledger.penalise(unit, built.wallet_id, 70_001, cause)
        legs = {"orphan_expense:alpha": -100_000, "float:alpha": 100_000}
        ledger.book_house(unit, "orphan_cost", legs, "USD", cause)
    return built


def test_a_user_s_days_follow_one_another_to_the_micro_unit(world: World) -> None:
    with world.desk.database.transaction() as unit:
        first = statements.of_user(unit, world.user_id, FIRST, FIRST)
        second = statements.of_user(unit, world.user_id, SECOND, SECOND)
        both = statements.of_user(unit, world.user_id, FIRST, SECOND)
        balance = unit.first("select * from wallet where id = :w", w=world.wallet_id)
    assert first.opening_available == "0.00"
    assert first.closing_available == second.opening_available
    assert (both.opening_available, both.closing_available) == (
        first.opening_available,
        second.closing_available,
    )
    for found in (first, second, both):
        for part in ("available", "reserved"):
            moved = sum(Decimal(getattr(line, part)) for line in found.lines)
            opening = Decimal(getattr(found, f"opening_{part}"))
            assert opening + moved == Decimal(getattr(found, f"closing_{part}"))
    assert Decimal(second.closing_available) * UNIT == balance["available"]


def test_the_file_has_a_balance_after_each_line(world: World) -> None:
    with world.desk.database.transaction() as unit:
        text = statements.user_csv(unit, world.user_id, FIRST, SECOND)
        closing = statements.of_user(unit, world.user_id, FIRST, SECOND).closing_available
    rows = list(csv.DictReader(io.StringIO(text)))
    running = Decimal(0)
    for row in rows[1:-1]:
        running += Decimal(row["Available"])
        assert Decimal(row["Available after (USD)"]) == running
    assert rows[-1]["Available after (USD)"] == closing
    assert [row["What"] for row in rows][-3:] == ["Coupon", "Penalty", "Closing"]


def test_the_house_s_result_is_what_its_balances_grew_by(world: World) -> None:
    with world.desk.database.transaction() as unit:
        found = statements.of_house(unit, "USD", FIRST, SECOND)
        text = statements.house_csv(unit, "USD", FIRST, SECOND)
    result = {(line.account, line.part): line.amount for line in found.result}
    assert result == {
        ("revenue", ""): 150_000,
        ("cogs", "alpha"): -100_000,
        ("orphan_expense", "alpha"): -100_000,
        ("penalty_income", ""): 70_001,
        ("promo", ""): -333_333,
    }
    assert found.margin == sum(result.values()) == sum(line.amount for line in found.balances)
    floats = [line for line in found.balances if line.account == "float"]
    assert [(line.part, line.amount) for line in floats] == [("alpha", -200_000)]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["What"]: row["Amount (USD)"] for row in rows}["Margin"] == "-0.313332"


def test_balances_now_are_the_kept_sums_and_what_came_after(world: World) -> None:
    def now() -> dict[str, int]:
        with world.desk.database.transaction() as unit:
            return ledger_book.house_balances(unit)

    before = now()
    key = seals.SealKey("k" * 40)
    for _ in range(3):
        with world.desk.database.transaction() as unit:
            seals.seal(unit, key, world.clock())
        world.clock.advance(20)
    assert now() == before
    purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    assert now()["revenue"] == before["revenue"] + 150_000


@pytest.mark.parametrize(("since", "until"), [(SECOND, FIRST), (date(1990, 1, 1), SECOND)])
def test_days_that_are_no_span_are_refused(world: World, since: date, until: date) -> None:
    with world.desk.database.transaction() as unit, pytest.raises(InvalidInput):
        statements.of_user(unit, world.user_id, since, until)


def test_a_provider_s_balance_is_compared_with_what_was_spent_since_a_person_looked(
    world: World,
) -> None:
    account = world.account()

    def says(balance: int) -> list[reconciliation.FloatLine]:
        with world.desk.database.transaction() as unit:
            unit.run(
                "update provider_account set balance_micro = :b, balance_at = :now where id = :id",
                b=balance,
                now=world.clock(),
                id=account,
            )
            return reconciliation.floats(unit)

    assert says(50 * UNIT) == []
    with world.desk.database.transaction() as unit:
        unit.run(
            "insert into float_baseline (account_id, balance_micro, at, actor)"
            " values (:id, :balance, :now, 'user:1')",
            id=account,
            balance=50 * UNIT,
            now=world.clock(),
        )
    purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    world.clock.advance(300)
    (line,) = says(50 * UNIT - 100_000)
    assert (line.spent, line.in_flight, line.difference, line.explained) == (100_000, 0, 0, True)
    (line,) = says(50 * UNIT - 400_000)
    assert (line.difference, line.explained) == (-300_000, False)
    with world.desk.database.transaction() as unit:
        (found,) = unit.all(reconciliation.FLOATS.sql)
    assert "alpha (main): says 49600000, our books lead to 49900000" in found["finding"]
