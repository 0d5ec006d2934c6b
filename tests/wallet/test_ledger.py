from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.exc import IntegrityError

from nexnum_console.core.db import Database
from nexnum_console.wallet import ledger
from nexnum_console.wallet.errors import (
    AlreadyBooked,
    HoldNotFound,
    HoldResolved,
    InsufficientFunds,
    NothingToRefund,
    WalletFrozen,
    WalletNotFound,
)
from tests.wallet.conftest import broken, cause

UNIT = 1_000_000
FREE = ledger.Cost("fivesim", 0)


def test_purchase_and_refund_leave_the_balance_as_it_was(verified, open_wallet):
    wallet = open_wallet(10 * UNIT)
    with verified.transaction() as unit:
        held = ledger.hold(unit, wallet, 3 * UNIT, cause("activation:1"))
        assert (held.available, held.reserved) == (7 * UNIT, 3 * UNIT)
        cost = ledger.Cost("fivesim", UNIT)
        paid = ledger.commit(
            unit, wallet, cause("activation:1"), held=3 * UNIT, charge=2 * UNIT, cost=cost
        )
        assert (paid.available, paid.reserved) == (8 * UNIT, 0)
        back = ledger.refund(unit, wallet, 2 * UNIT, cause("activation:1"))
        assert (back.available, back.reserved, back.wallet_seq) == (10 * UNIT, 0, 4)


def test_a_hold_beyond_the_balance_is_refused_and_says_what_is_missing(verified, open_wallet):
    wallet = open_wallet(UNIT)
    with verified.transaction() as unit, pytest.raises(InsufficientFunds) as refusal:
        ledger.hold(unit, wallet, 2 * UNIT, cause("activation:1"))
    assert refusal.value.details == {"available_micro": UNIT, "needed_micro": 2 * UNIT}


@pytest.mark.parametrize("second", ["commit", "release"])
@pytest.mark.parametrize("first", ["commit", "release"])
def test_a_hold_resolves_once(verified, open_wallet, first, second):
    wallet = open_wallet(5 * UNIT)

    def resolve(unit, how):
        if how == "release":
            return ledger.release(unit, wallet, UNIT, cause("activation:1"))
        return ledger.commit(unit, wallet, cause("activation:1"), held=UNIT, charge=UNIT, cost=FREE)

    with verified.transaction() as unit:
        ledger.hold(unit, wallet, UNIT, cause("activation:1"))
        after = resolve(unit, first)
    expected = AlreadyBooked if first == second else HoldResolved
    with verified.transaction() as unit, pytest.raises(expected):
        resolve(unit, second)
    with verified.transaction() as unit:
        row = unit.first("select * from wallet where id = :id", id=wallet)
        assert (row["available"], row["version"]) == (after.available, after.wallet_seq)


def test_a_refused_commit_leaves_the_hold_open(verified, open_wallet):
    wallet = open_wallet(5 * UNIT)
    with verified.transaction() as unit:
        ledger.hold(unit, wallet, UNIT, cause("activation:1"))
        with pytest.raises(HoldNotFound):
            ledger.release(unit, wallet, 2 * UNIT, cause("activation:1"))
        assert unit.scalar("select state from hold") == "open"


def test_a_refund_beyond_the_charge_is_refused(verified, open_wallet):
    wallet = open_wallet(5 * UNIT)
    with verified.transaction() as unit:
        ledger.hold(unit, wallet, 2 * UNIT, cause("activation:1"))
        ledger.commit(unit, wallet, cause("activation:1"), held=2 * UNIT, charge=UNIT, cost=FREE)
        with pytest.raises(NothingToRefund):
            ledger.refund(unit, wallet, 2 * UNIT, cause("activation:1"))
        with pytest.raises(NothingToRefund):
            ledger.refund(unit, wallet, UNIT, cause("activation:2"))


def test_a_released_hold_is_not_refundable(verified, open_wallet):
    wallet = open_wallet(5 * UNIT)
    with verified.transaction() as unit:
        ledger.hold(unit, wallet, UNIT, cause("activation:1"))
        ledger.release(unit, wallet, UNIT, cause("activation:1"))
        with pytest.raises(NothingToRefund):
            ledger.refund(unit, wallet, UNIT, cause("activation:1"))


def test_a_frozen_wallet_spends_nothing_but_still_gets_its_money_back(verified, open_wallet):
    wallet = open_wallet(5 * UNIT)
    with verified.transaction() as unit:
        ledger.hold(unit, wallet, UNIT, cause("activation:1"))
        unit.run("update wallet set frozen_reason = 'under review'")
        with pytest.raises(WalletFrozen):
            ledger.hold(unit, wallet, UNIT, cause("activation:2"))
        assert ledger.release(unit, wallet, UNIT, cause("activation:1")).available == 5 * UNIT


def test_an_unknown_wallet_is_named(verified):
    with verified.transaction() as unit, pytest.raises(WalletNotFound):
        ledger.hold(unit, 4711, UNIT, cause("activation:1"))


def test_house_accounts_are_made_on_first_use_and_booked_once(verified, open_wallet):
    open_wallet()
    legs = {"orphan_expense:fivesim": -5, "float:fivesim": 5}
    with verified.transaction() as unit:
        first = ledger.book_house(unit, "orphan_cost", legs, "USD", cause("orphan:1"))
        again = ledger.book_house_once(unit, "orphan_cost", legs, "USD", cause("orphan:1"))
        other = ledger.book_house_once(unit, "orphan_cost", legs, "USD", cause("orphan:2"))
        assert ledger.is_booked(unit, "orphan_cost", "orphan:2")
        assert not ledger.is_booked(unit, "orphan_cost", "orphan:3")
    assert (again, other[1]) == ((first, False), True)


def test_house_journals_refuse_unbalanced_legs_and_wallet_accounts(verified, open_wallet):
    wallet = open_wallet()
    with verified.transaction() as unit:
        with pytest.raises(ValueError, match="sum to zero"):
            ledger.book_house(unit, "orphan_cost", {"revenue": 5}, "USD", cause("orphan:1"))
        legs = {f"wallet:{wallet}:available": 5, "revenue": -5}
        with pytest.raises(ValueError, match="not a house account"):
            ledger.book_house(unit, "gift", legs, "USD", cause("orphan:1"))


@pytest.mark.parametrize(
    "tampering",
    [
        "update journal set reason = 'x'",
        "delete from entry",
        "truncate journal cascade",
        "truncate entry",
        "update entry set amount = amount + 1",
    ],
)
def test_journals_and_entries_cannot_be_changed(verified, owner_database, open_wallet, tampering):
    open_wallet(UNIT)
    with pytest.raises(IntegrityError, match="append-only"), owner_database.transaction() as unit:
        unit.run(tampering)


def test_two_hundred_holds_at_once_on_funds_for_a_hundred(verified, open_wallet):
    wallet = open_wallet(100 * UNIT)

    def hold(number: int) -> bool:
        try:
            with verified.transaction() as unit:
                ledger.hold(unit, wallet, UNIT, cause(f"activation:{number}"))
        except InsufficientFunds:
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(hold, range(200)))
    assert outcomes.count(True) == 100
    with verified.transaction() as unit:
        row = unit.first("select available, reserved, version from wallet where id = :w", w=wallet)
    assert dict(row) == {"available": 0, "reserved": 100 * UNIT, "version": 101}


def test_one_order_committed_and_released_at_once_has_one_outcome(verified, open_wallet):
    wallet = open_wallet(100 * UNIT)

    def race(number: int) -> tuple[str, ...]:
        order = cause(f"activation:{number}")
        with verified.transaction() as unit:
            ledger.hold(unit, wallet, UNIT, order)

        def commit() -> str:
            with verified.transaction() as unit:
                ledger.commit(unit, wallet, order, held=UNIT, charge=UNIT, cost=FREE)
            return "commit"

        def release() -> str:
            with verified.transaction() as unit:
                ledger.release(unit, wallet, UNIT, order)
            return "release"

        done = []
        with ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(commit), pool.submit(release)]:
                try:
                    done.append(future.result())
                except HoldResolved:
                    continue
        return tuple(done)

    assert all(len(race(number)) == 1 for number in range(30))


class LedgerMachine(RuleBasedStateMachine):
    """Random moves against a plain dictionary: the same answers, the same balances."""

    database: Database
    make_wallet: object

    @initialize()
    def begin(self):
        self.wallet = self.make_wallet()
        self.available = self.reserved = 0
        self.holds: dict[int, tuple[str, int]] = {}
        self.deposits = 0

    def ref(self, order: int) -> ledger.Cause:
        return cause(f"activation:{self.wallet}:{order}")

    def attempt(self, move) -> bool:
        try:
            with self.database.transaction() as unit:
                move(unit)
        except (AlreadyBooked, HoldResolved, HoldNotFound, InsufficientFunds, NothingToRefund):
            return False
        return True

    @rule(amount=st.integers(1, 5_000_000))
    def deposit(self, amount):
        self.deposits += 1
        ref = cause(f"deposit:{self.wallet}:{self.deposits}")
        assert self.attempt(lambda u: ledger.deposit(u, self.wallet, amount, "sandbox", ref))
        self.available += amount

    @rule(order=st.integers(1, 6), amount=st.integers(1, 3_000_000))
    def hold(self, order, amount):
        expected = order not in self.holds and amount <= self.available
        done = self.attempt(lambda u: ledger.hold(u, self.wallet, amount, self.ref(order)))
        assert done == expected
        if done:
            self.holds[order] = ("open", amount)
            self.available -= amount
            self.reserved += amount

    @rule(order=st.integers(1, 6), share=st.integers(1, 100), cost=st.integers(0, 1_000_000))
    def commit(self, order, share, cost):
        state, amount = self.holds.get(order, ("none", 1_000_000))
        charge = max(1, amount * share // 100)
        spent = ledger.Cost("fivesim", cost)
        done = self.attempt(
            lambda u: ledger.commit(
                u, self.wallet, self.ref(order), held=amount, charge=charge, cost=spent
            )
        )
        assert done == (state == "open")
        if done:
            self.holds[order] = ("committed", charge)
            self.reserved -= amount
            self.available += amount - charge

    @rule(order=st.integers(1, 6))
    def release(self, order):
        state, amount = self.holds.get(order, ("none", 1_000_000))
        done = self.attempt(lambda u: ledger.release(u, self.wallet, amount, self.ref(order)))
        assert done == (state == "open")
        if done:
            self.holds[order] = ("released", amount)
            self.reserved -= amount
            self.available += amount

    @rule(order=st.integers(1, 6))
    def refund(self, order):
        state, charge = self.holds.get(order, ("none", 1_000_000))
        done = self.attempt(lambda u: ledger.refund(u, self.wallet, charge, self.ref(order)))
        assert done == (state == "committed")
        if done:
            self.holds[order] = ("refunded", charge)
            self.available += charge

    @invariant()
    def balances_agree(self):
        with self.database.transaction() as unit:
            row = unit.first("select * from wallet where id = :id", id=self.wallet)
        assert (row["available"], row["reserved"]) == (self.available, self.reserved)

    def teardown(self):
        assert broken(self.database) == {}


def test_random_moves_agree_with_a_plain_model(database, open_wallet):
    machine = type("Bound", (LedgerMachine,), {})
    machine.database = database
    machine.make_wallet = staticmethod(open_wallet)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
