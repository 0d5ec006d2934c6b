"""Medians, percentiles and ratios by hand; loops that end and that do not swallow errors."""

from __future__ import annotations

import pytest

from bench.rounds import Sample, Series, alternating, in_threads, percentile


def test_a_ratio_compares_within_a_round():
    ours = Series([Sample(50, 1), Sample(10, 1), Sample(5, 1)])
    theirs = Series([Sample(100, 1), Sample(20, 1), Sample(50, 1)])
    assert ours.ratio(theirs) == 0.5
    assert ours.per_second == 10


def test_rounds_without_a_partner_cannot_be_compared():
    with pytest.raises(ValueError, match="argument"):
        Series([Sample(1, 1)]).ratio(Series())


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (95, 10), (90, 9), (1, 1)])
def test_percentiles_are_the_nearest_rank(percent, value):
    assert percentile(list(range(10, 0, -1)), percent) == value


def test_figures_are_in_milliseconds():
    series = Series([Sample(2.0, 2, (0.001, 0.003), 0.0005), Sample(2.0, 1, (0.002,), 0.0015)])
    assert series.document() == {
        "per_second": 2.0,
        "count": 3,
        "rounds": 2,
        "median_ms": 2.0,
        "p95_ms": 3.0,
        "cpu_ms": 1.0,
    }


def test_every_thread_works_until_time_is_up():
    seen = set()
    sample = in_threads(seen.add, threads=3, seconds=0.05)
    assert seen == {0, 1, 2}
    assert sample.count == len(sample.times) > 0


def test_an_error_in_a_thread_ends_the_measurement():
    def work(thread):
        raise LookupError("no number")

    with pytest.raises(LookupError, match="no number"):
        in_threads(work, threads=2, seconds=5)


def test_turns_are_taken_fairly():
    first, second = alternating([lambda: None, lambda: None], seconds=0.01)
    assert len(first) == len(second) > 0
