"""Calls go where a code is likely, and never beyond what a provider allows."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nexnum_console.activations.cadence import (
    GAP_MOST,
    Group,
    calls_a_second,
    gap,
    looks_a_second,
    price_of_a_call,
)

hazards = st.floats(1e-6, 0.5)
leasts = st.floats(0.5, 30.0)
prices = st.floats(1e-6, 1e4)
groups = st.lists(
    st.builds(Group, number=st.integers(1, 500), hazard=hazards, least=leasts), min_size=1
)
pieces = st.lists(st.tuples(st.floats(0.5, 300.0), st.floats(0.0, 0.5)), max_size=8)


@given(groups, st.floats(0.1, 1000.0))
def test_the_price_fits_the_budget_and_no_lower_one_does(numbers, budget):
    price = price_of_a_call(numbers, budget)
    least = sum(each.number / max(GAP_MOST, each.least) for each in numbers)
    assert calls_a_second(numbers, price) <= max(budget, least) * (1 + 1e-9)
    if price > 0:
        assert calls_a_second(numbers, price * 0.999) > budget * (1 - 1e-3) or least > budget


@given(groups)
def test_while_there_is_room_each_is_looked_at_as_often_as_allowed(numbers):
    room = sum(each.number / each.least for each in numbers)
    assert price_of_a_call(numbers, room * (1 + 1e-9)) == 0.0
    assert calls_a_second(numbers, 0.0) == pytest.approx(room)


@given(pieces, prices, leasts)
def test_a_gap_keeps_its_bounds(ahead, price, least):
    assert least * (1 - 1e-9) <= gap(ahead, price, least) <= max(GAP_MOST, least) * (1 + 1e-9)
    assert gap(ahead, 0.0, least) == least


@given(pieces, prices, prices, leasts)
def test_dearer_calls_are_never_sooner(ahead, one, other, least):
    low, high = sorted((one, other))
    assert gap(ahead, low, least) <= gap(ahead, high, least) * (1 + 1e-9)


@given(pieces, prices, leasts, st.floats(1.0, 10.0))
def test_a_likelier_code_is_never_looked_for_later(ahead, price, least, times):
    likelier = [(seconds, hazard * times) for seconds, hazard in ahead]
    assert gap(likelier, price, least) <= gap(ahead, price, least) * (1 + 1e-9)


@given(hazards, leasts, st.floats(0.0, 1.0))
def test_of_one_hazard_the_gap_is_the_square_root_of_the_formula(hazard, least, part):
    wanted = least + (GAP_MOST - least) * part
    price = hazard * wanted**2 / 2
    assert gap([(inf, hazard)], price, least) == pytest.approx(wanted)


def test_a_hazard_that_is_to_come_is_not_slept_through():
    quiet_then_hot = [(20.0, 0.0), (40.0, 0.1)]
    assert gap(quiet_then_hot, 2.0, 1.0) < 30.0
    assert gap([(inf, 0.0)], 2.0, 1.0) == GAP_MOST


@given(groups, st.data())
def test_no_other_way_to_spend_the_budget_has_buyers_wait_less(numbers, data):
    """Mean waiting of the square-root rule against gaps drawn at random that cost as much."""
    budget = 0.6 * calls_a_second(numbers, 0.0)
    price = price_of_a_call(numbers, budget)
    ours = [looks_a_second(each.hazard, price, each.least) for each in numbers]
    budget = sum(each.number * rate for each, rate in zip(numbers, ours, strict=True))
    drawn = [
        data.draw(st.floats(1 / max(GAP_MOST, each.least), 1 / each.least)) for each in numbers
    ]
    cost = sum(each.number * rate for each, rate in zip(numbers, drawn, strict=True))
    assume(cost <= budget)

    def waiting(rates: list[float]) -> float:
        pairs = zip(numbers, rates, strict=True)
        return sum(each.number * each.hazard / (2 * rate) for each, rate in pairs)

    assert waiting(ours) <= waiting(drawn) * (1 + 1e-6)
