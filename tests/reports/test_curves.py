"""Geometry: scales are round, curves stay between their values."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

import pytest

from nexnum_console.reports import curves


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([186_000_000], (0, 200_000_000)),
        ([0, 0], (0, 4)),
        ([-3, 9], (-5, 10)),
        ([Decimal("0.07")], (0, Decimal("0.08"))),
        ([], (0, 4)),
    ],
)
def test_a_scale_holds_every_value_and_zero(values: list[int], ends: tuple[int, int]) -> None:
    found = curves.scale(values)
    assert (found[0], found[-1]) == ends
    assert len({b - a for a, b in itertools.pairwise(found)}) == 1


def test_a_curve_never_overshoots() -> None:
    where = curves.spots([0, 0, 100, 100, 20], 0, 100, curves.CHART)
    heights = [float(y) for _, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", curves.line(where))]
    assert min(heights) >= 0
    assert max(heights) <= curves.CHART[1]


def test_a_lonely_value_is_a_dot() -> None:
    where = curves.spots([None, 5, None], 0, 10, curves.CHART)
    assert curves.line(where) == "M500,150 h0.01"


def test_equal_values_run_through_the_middle() -> None:
    assert curves.spots([7, 7], 7, 7, curves.SPARK) == [(0, 14), (100, 14)]
