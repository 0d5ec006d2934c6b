"""What outcomes say of a provider: two kinds, faded, borrowed from above, outages forgiven."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from nexnum_console.providers.performance import (
    FIRST_DELIVERY,
    FIRST_SECONDS,
    PARENT_WEIGHT,
    Observation,
    Scope,
    Tally,
    believe,
    median_wait,
    outlook,
)
from tests.routing.offers import NOW

LEAF = Scope(1, "telegram", "GB", "any")


class Book:
    """The table as a dictionary."""

    def __init__(self) -> None:
        self.tallies: dict[Scope, Tally] = {}
        self.now = NOW

    def see(self, event: str, times: int = 1, seconds: float | None = None, scope=LEAF) -> None:
        for _ in range(times):
            self.now += timedelta(seconds=10)
            seen = Observation(scope, event, self.now, seconds)
            for each in scope.chain():
                self.tallies[each] = self.tallies.get(each, Tally(self.now)).after(seen)

    def mixed(self, good: int, bad: int) -> None:
        events = ["delivered"] * good + ["undelivered"] * bad
        random.Random(3).shuffle(events)
        for event in events:
            self.see(event)

    def belief(self, scope=LEAF):
        return believe(scope, self.tallies, self.now)


@pytest.fixture
def book() -> Book:
    return Book()


def test_no_stock_is_supply_and_changes_no_chance_of_success(book):
    book.mixed(40, 10)
    before = book.belief()
    book.see("no_stock", 30)
    after = book.belief()
    assert after.mean == pytest.approx(before.mean, abs=0.002)
    assert after.in_stock < 0.3 < before.in_stock


def test_a_provider_that_used_to_sell_and_has_nothing_left_is_believed_to_have_nothing(book):
    book.see("bought", 600)
    before = book.belief()
    book.see("no_stock", 300)
    after = book.belief()
    assert after.in_stock < 0.3 < before.in_stock
    assert after.mean == pytest.approx(before.mean, abs=0.02)


def test_a_wide_scope_counts_its_outcomes_once(book):
    book.mixed(1, 2)
    whole = Scope(1)
    assert whole.chain() == (whole,)
    believed = believe(whole, book.tallies, book.now)
    told = book.tallies[whole]
    assert believed.hits + believed.misses < 3 + told.delivered + told.undelivered


def test_an_outcome_counts_once_though_every_wider_scope_saw_it(book):
    book.mixed(1, 2)
    told = book.tallies[LEAF]
    deliver = outlook(LEAF, book.tallies, book.now).delivery
    assert deliver == pytest.approx(
        (FIRST_DELIVERY[0] + told.delivered, FIRST_DELIVERY[1] + told.undelivered)
    )


def test_what_a_scope_borrows_is_what_was_seen_beside_it(book):
    book.see("delivered", 20, scope=Scope(1, "telegram", "FR", "any"))
    borrowed = outlook(LEAF, book.tallies, book.now).delivery
    assert sum(borrowed) == pytest.approx(PARENT_WEIGHT)
    book.see("delivered", 3)
    lent = outlook(LEAF, book.tallies, book.now).delivery
    assert sum(lent) == pytest.approx(PARENT_WEIGHT + book.tallies[LEAF].delivered)
    assert lent[1] == pytest.approx(borrowed[1], rel=0.02)


def test_many_outcomes_of_one_lane_leave_nothing_to_borrow_back(book):
    book.see("undelivered", 400, scope=Scope(1, "telegram", "FR", "any"))
    book.mixed(150, 50)
    deliver = outlook(LEAF, book.tallies, book.now).delivery
    assert deliver[0] / sum(deliver) == pytest.approx(0.75, abs=0.05)


def test_a_refused_call_counts_against_buying_and_not_against_delivery(book):
    book.see("bought", 30)
    book.mixed(30, 0)
    before = book.belief().mean
    delivered = book.tallies[LEAF].delivered
    book.see("refused", 5)
    assert book.belief().mean < before
    assert book.tallies[LEAF].delivered == pytest.approx(delivered, rel=0.01)


def test_a_scope_nobody_tried_borrows_from_the_one_above(book):
    book.mixed(25, 75)
    unknown = believe(Scope(2, "telegram", "GB", "any"), book.tallies, book.now)
    cousin = book.belief(Scope(1, "telegram", "FR", "any"))
    stranger = book.belief(Scope(1, "whatsapp", "FR", "any"))
    assert book.belief().mean < 0.35
    assert cousin.mean < stranger.mean + 0.05 < unknown.mean
    assert cousin.spread > 1.5 * book.belief().spread


def test_what_is_idle_is_forgotten_by_the_clock(book):
    book.mixed(25, 75)
    book.now += timedelta(days=30)
    assert book.belief().mean > 0.4


def test_a_clock_that_goes_back_changes_nothing(book):
    book.mixed(9, 1)
    tally = book.tallies[LEAF]
    assert tally.aged(NOW - timedelta(days=1)) == tally


def test_an_outage_is_seen_within_a_few_orders_and_over_after_two_codes(book):
    book.mixed(85, 15)
    usual = book.belief().mean
    book.see("undelivered", 8)
    assert book.belief().mean < 0.3 * usual
    book.see("delivered", 2)
    assert book.belief().mean > 0.85 * usual


def test_failures_of_a_burst_learned_late_and_in_a_row_are_no_outage(book):
    """A hundred numbers of one minute: codes come in seconds, failures are known at expiry."""
    sold = book.now
    book.see("delivered", 91, seconds=5.0)
    before = book.belief()
    for _ in range(9):
        late = book.now + timedelta(minutes=10)
        seen = Observation(LEAF, "undelivered", late, sold_at=sold + timedelta(seconds=30))
        for each in LEAF.chain():
            book.tallies[each] = book.tallies[each].after(seen)
    after = believe(LEAF, book.tallies, book.now + timedelta(minutes=10))
    assert after.working == pytest.approx(before.working, abs=0.02)
    assert 0.8 < after.mean < before.mean


def test_numbers_that_are_still_sold_hide_no_outage(book):
    book.mixed(55, 45)
    for _ in range(15):
        book.see("bought")
        book.see("undelivered")
    assert book.belief().working < 0.2


def test_a_provider_that_was_always_poor_is_not_taken_for_broken(book):
    book.mixed(30, 70)
    book.see("undelivered", 5)
    assert book.belief().working > 0.8


def test_the_median_comes_from_the_narrowest_scope_that_has_seen_enough(book):
    assert median_wait(LEAF, book.tallies) == FIRST_SECONDS
    book.see("delivered", 20, seconds=9.0)
    assert 8 < median_wait(LEAF, book.tallies) <= 10
    other = Scope(1, "whatsapp", "GB", "any")
    book.see("delivered", 3, seconds=200.0, scope=other)
    assert median_wait(other, book.tallies) < 20
