"""Every kind of move at random, alone against a dictionary and many at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from nexnum_console.wallet import coupons, freezing, ledger
from nexnum_console.wallet.coupons import CouponRefused, Terms
from nexnum_console.wallet.errors import (
    AlreadyBooked,
    HoldNotFound,
    HoldResolved,
    InsufficientFunds,
    NothingToRefund,
    WalletFrozen,
)
from tests.wallet.conftest import NOW, broken, cause, seen_by_all
from tests.wallet.test_ledger import FREE, LedgerMachine

REFUSALS = (
    AlreadyBooked,
    CouponRefused,
    HoldNotFound,
    HoldResolved,
    InsufficientFunds,
    NothingToRefund,
    WalletFrozen,
)
AMOUNTS = st.integers(1, 3_000_000)


class WholeMachine(LedgerMachine):
    """The ledger's other kinds beside those of a purchase; ``penalties`` are open ones."""

    @initialize()
    def begin(self):
        super().begin()
        self.frozen = False
        self.charges: dict[int, int] = {}
        self.numbers = count(1)

    def attempt(self, move):
        try:
            with self.database.transaction() as unit:
                move(unit)
        except REFUSALS:
            return False
        return True

    def one(self, kind: str) -> ledger.Cause:
        return cause(f"{kind}:{self.wallet}:{next(self.numbers)}")

    # A frozen wallet refuses a hold whatever its balance, so the base rule does not fit then.
    @rule(order=st.integers(1, 6), amount=AMOUNTS)
    def hold(self, order, amount):
        expected = order not in self.holds and amount <= self.available and not self.frozen
        done = self.attempt(lambda u: ledger.hold(u, self.wallet, amount, self.ref(order)))
        assert done == expected
        if done:
            self.holds[order] = ("open", amount)
            self.available -= amount
            self.reserved += amount

    @rule(day=st.integers(1, 4), amount=AMOUNTS)
    def penalise(self, day, amount):
        expected = day not in self.charges and amount <= self.available and not self.frozen
        ref = cause(f"penalty:{self.wallet}:{day}")
        assert self.attempt(lambda u: ledger.penalise(u, self.wallet, amount, ref)) == expected
        if expected:
            self.charges[day] = amount
            self.available -= amount

    @rule(day=st.integers(1, 4))
    def reverse(self, day):
        amount = self.charges.get(day, 0)
        if amount:
            ref = cause(f"penalty:{self.wallet}:{day}")
            done = self.attempt(lambda u: ledger.reverse_penalty(u, self.wallet, amount, ref))
            again = self.attempt(lambda u: ledger.reverse_penalty(u, self.wallet, amount, ref))
            assert not again
            self.available += amount if done else 0

    @rule(amount=st.integers(-3_000_000, 3_000_000).filter(bool))
    def adjust(self, amount):
        ref = self.one("user")
        done = self.attempt(lambda u: ledger.adjust(u, self.wallet, amount, ref))
        assert done == (self.available + amount >= 0)
        self.available += amount if done else 0

    @rule(amount=AMOUNTS)
    def gift(self, amount):
        ref = self.one("coupon")
        assert self.attempt(lambda u: ledger.credit_coupon(u, self.wallet, amount, ref))
        self.available += amount

    @rule(amount=AMOUNTS, gift=st.just(0) | AMOUNTS, refused=st.booleans())
    def pay_back(self, amount, gift, refused):
        expected = amount + gift <= self.available and not self.frozen
        ref = self.one("deposit_refund")
        back = self.attempt(
            lambda u: ledger.return_deposit(u, self.wallet, amount, "stripe", ref, gift=gift)
        )
        assert back == expected
        if back and refused:
            assert self.attempt(lambda u: ledger.undo_return(u, self.wallet, amount, "stripe", ref))
        elif back:
            self.available -= amount + gift

    @rule(frozen=st.booleans())
    def freeze(self, frozen):
        with self.database.transaction() as unit:
            if frozen:
                freezing.freeze(unit, self.wallet, "under review")
            elif self.frozen:
                seen = seen_by_all(unit, self.wallet)
                freezing.thaw(unit, self.wallet, seen, "test", "looked at", NOW)
        self.frozen = frozen


def test_every_kind_of_move_agrees_with_a_plain_model(database, open_wallet):
    machine = type("Bound", (WholeMachine,), {})
    machine.database = database
    machine.make_wallet = staticmethod(open_wallet)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


MOVES = st.tuples(
    st.sampled_from(
        ["deposit", "hold", "commit", "release", "refund", "penalty", "adjust", "gift", "back"]
    ),
    st.integers(1, 5),
    st.integers(1, 2_000_000),
)


def test_many_hands_at_once_leave_one_history(database, open_wallet):
    """Each wallet's chain of balances is a linear history of what succeeded, and each order has
    one outcome, whichever thread was first."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(plans=st.lists(st.lists(MOVES, min_size=4, max_size=10), min_size=4, max_size=4))
    def run(plans):
        wallet = open_wallet(5_000_000)
        with ThreadPoolExecutor(len(plans)) as pool:
            done = [
                each
                for part in pool.map(
                    lambda number: _work(database, wallet, number, plans[number]),
                    range(len(plans)),
                )
                for each in part
            ]
        _judge(database, wallet, done)
        assert broken(database) == {}

    run()


def _work(database, wallet, thread, plan):
    """Carry out a plan; what succeeded, as (kind, order, what it moved of available)."""
    done = []
    for step, (kind, order, amount) in enumerate(plan):
        ref = cause(f"activation:{wallet}:{order}")
        own = cause(f"{kind}:{wallet}:{thread}:{step}")
        try:
            with database.transaction() as unit:
                done.append((kind, order, _move(unit, wallet, kind, amount, ref, own)))
        except REFUSALS:
            continue
    return done


def _move(unit, wallet, kind, amount, ref, own):
    if kind in {"commit", "release"}:
        held = unit.scalar("select amount from hold where ref = :ref", ref=ref.ref) or 1
        if kind == "commit":
            ledger.commit(unit, wallet, ref, held=held, charge=held, cost=FREE)
            return 0
        ledger.release(unit, wallet, held, ref)
        return held
    if kind == "refund":
        charged = unit.scalar("select charged from hold where ref = :ref", ref=ref.ref) or 1
        ledger.refund(unit, wallet, charged, ref)
        return charged
    if kind == "hold":
        ledger.hold(unit, wallet, amount, ref)
        return -amount
    acts = {
        "deposit": lambda: (ledger.deposit(unit, wallet, amount, "sandbox", own), amount),
        "penalty": lambda: (ledger.penalise(unit, wallet, amount, own), -amount),
        "adjust": lambda: (ledger.adjust(unit, wallet, -amount, own), -amount),
        "gift": lambda: (ledger.credit_coupon(unit, wallet, amount, own), amount),
        "back": lambda: (ledger.return_deposit(unit, wallet, amount, "sandbox", own), -amount),
    }
    return acts[kind]()[1]


def _judge(database, wallet, done):
    outcomes = Counter((kind, order) for kind, order, _ in done if kind in {"commit", "release"})
    for order in {order for _, order in outcomes}:
        assert outcomes["commit", order] + outcomes["release", order] == 1
    assert max(Counter(o for k, o, _ in done if k == "refund").values(), default=0) <= 1
    with database.transaction() as unit:
        row = unit.first("select available, version from wallet where id = :w", w=wallet)
    assert row["available"] == 5_000_000 + sum(moved for _, _, moved in done)
    assert row["version"] == 1 + len(done)


def test_a_coupon_in_the_middle_of_other_moves_is_whole_or_nothing(database, open_wallet):
    wallet = open_wallet(1_000_000)
    with database.transaction() as unit:
        coupons.make(unit, Terms(amount=10, most_uses=40, most_each=40), "x", NOW, "MANY")

    def mix(number):
        with database.transaction() as unit:
            if number % 2:
                return coupons.redeem(unit, wallet, "many", NOW).amount
            ledger.hold(unit, wallet, 10, cause(f"activation:{number}"))
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(mix, range(40))) == 200
    assert broken(database) == {}
