"""What is believed of an SMS's arrival: own counts where there are any, else those above."""

from __future__ import annotations

from datetime import UTC, datetime
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexnum_console.providers.arrival import (
    FIRST,
    FIRST_SHARES,
    STARTS,
    WIDTHS,
    Curve,
    curve,
)
from nexnum_console.providers.performance import EDGES, FIRST_SECONDS, Scope, Tally

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SCOPE = Scope(1, "telegram", "GB")


def tally(seconds: float, number: float, undelivered: float = 0.0) -> Tally:
    counts = [0.0] * (len(EDGES) + 1)
    place = next(place for place, edge in enumerate((*EDGES, 1e9)) if seconds <= edge)
    counts[place] = number
    return Tally(
        NOW, delivered=number, undelivered=undelivered, working=1.0, arrivals=tuple(counts)
    )


def hottest(found: Curve) -> float:
    """The start of the bin with the highest hazard."""
    return STARTS[max(range(len(found.hazards)), key=found.hazards.__getitem__)]


def came_by(found: Curve, seconds: float) -> float:
    """The chance that an SMS came by then, of the hazards alone."""
    passed, risk = 0.0, 0.0
    for width, hazard in found.ahead(0.0):
        part = min(width, seconds - passed)
        if part <= 0:
            break
        risk, passed = risk + hazard * part, passed + part
    return 1 - exp(-risk)


def test_the_assumed_provider_delivers_half_of_its_codes_in_the_median_time():
    assert sum(FIRST_SHARES) == pytest.approx(1.0)
    by_median = sum(s for s, end in zip(FIRST_SHARES, EDGES, strict=False) if end <= FIRST_SECONDS)
    assert by_median == pytest.approx(0.5, abs=0.01)


def test_what_nobody_has_tried_is_as_assumed():
    assert curve(SCOPE, {}, NOW).hazards == pytest.approx(
        [hazard for hazard in Curve.of(0.7 * 0.857, FIRST_SHARES).hazards], rel=0.01
    )


def test_many_samples_of_its_own_outweigh_the_rest():
    found = curve(SCOPE, {SCOPE: tally(9.0, 500)}, NOW)
    assert hottest(found) == 8.0
    assert came_by(found, 30.0) > 0.85
    assert came_by(FIRST, 30.0) < 0.25


def test_a_country_without_samples_borrows_from_its_service_and_provider():
    wide = {Scope(1): tally(25.0, 300), Scope(1, "telegram"): tally(9.0, 300)}
    assert hottest(curve(SCOPE, wide, NOW)) == 8.0
    assert hottest(curve(Scope(1, "whatsapp", "GB"), wide, NOW)) == 20.0
    assert hottest(curve(Scope(2, "telegram", "GB"), wide, NOW)) == hottest(FIRST)


def test_who_delivers_nothing_has_little_hazard():
    good = curve(SCOPE, {SCOPE: tally(9.0, 50)}, NOW)
    bad = curve(SCOPE, {SCOPE: tally(9.0, 1, undelivered=200.0)}, NOW)
    assert max(bad.hazards) < max(good.hazards) / 20


def test_a_hazard_is_of_those_that_still_wait():
    found = Curve.of(0.9, FIRST_SHARES)
    reached = 0.9 * sum(FIRST_SHARES[:14])
    assert came_by(found, EDGES[13]) == pytest.approx(reached, abs=0.01)


@given(st.floats(-5.0, 10_000.0))
def test_what_is_ahead_follows_without_a_gap(age):
    ahead = list(FIRST.ahead(age))
    whole = STARTS[-1] + WIDTHS[-1]
    assert sum(seconds for seconds, _ in ahead) == pytest.approx(max(0.0, whole - max(0.0, age)))
    assert all(seconds > 0 and 0 <= hazard < 10 for seconds, hazard in ahead)


@given(
    st.floats(0.0, 1.0),
    st.lists(st.floats(0.0, 1e6), min_size=len(WIDTHS), max_size=len(WIDTHS)).filter(any),
)
def test_hazards_are_finite_whatever_was_counted(chance, counts):
    whole = sum(counts)
    found = Curve.of(chance, [count / whole for count in counts])
    assert all(0 <= hazard < 1e3 for hazard in found.hazards)
