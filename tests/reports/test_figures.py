"""Numbers become labels and marks that say the same."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from nexnum_console.reports.figures import (
    Point,
    Series,
    area_chart,
    bar_row,
    change,
    kpi,
    spark,
)


def _series(values: list[int | None], name: str = "Revenue", **more: bool) -> Series:
    points = [Point(f"{n:02}:00", value, f"${value}") for n, value in enumerate(values)]
    return Series(name, points, **more)


@pytest.mark.parametrize(
    ("now", "before", "better", "text", "icon", "tone"),
    [
        (106, 100, "up", "6.0 %", "trend-up", "ok"),
        (94, 100, "up", "6.0 %", "trend-down", "danger"),
        (94, 100, "down", "6.0 %", "trend-down", "ok"),
        (94, 100, "", "6.0 %", "trend-down", ""),
        (100, 100, "up", "no change", "", ""),
        (5, 0, "up", "", "", ""),
        (5, None, "up", "", "", ""),
    ],
)
def test_a_change_says_how_much_and_whether_that_is_good(
    now: int, before: int | None, better: str, text: str, icon: str, tone: str
) -> None:
    moved = change(now, before, better)  # type: ignore[arg-type]
    assert (moved.text, moved.icon, moved.tone) == (text, icon, tone)


def test_rates_move_by_points() -> None:
    moved = change(Decimal("84.6"), Decimal("86.4"), points=True)
    assert (moved.text, moved.tone) == ("1.8 pt", "danger")


def test_a_sparkline_needs_two_values() -> None:
    assert spark([5]).line == ""
    assert spark([5, None]).line == ""
    assert spark([0, 0]).line == "M0,26 L100,26"
    assert spark([7, 7]).line == "M0,2 L100,2"
    drawn = spark([0, 10])
    assert drawn.line == "M0,26 L100,2"
    assert drawn.area.endswith("L100,28 L0,28 Z")


def test_a_card_takes_its_colour_from_the_move() -> None:
    card = kpi("sold", "Sold", "9,412", moved=change(9412, 8863), note="vs 8,863", trend=[1, 2])
    assert (card.delta, card.colour) == ("6.2 %", "2")
    assert kpi("sold", "Sold", "1").line == ""


def test_a_chart_has_round_ticks_marks_and_a_row_for_each_moment() -> None:
    chart = area_chart(
        "Are we earning more?",
        [
            _series([0, 180, 90]),
            _series([10, 20, 30], "Margin"),
            _series([5, 5, 5], "x", before=True),
        ],
        lambda value: f"${value:.0f}",
    )
    assert [tick.label for tick in chart.rows] == ["$200", "$150", "$100", "$50", "$0"]
    assert [tick.at for tick in chart.rows][::4] == ["0.00%", "100.00%"]
    assert [line.kind for line in chart.lines] == ["1", "2", "before"]
    assert chart.lines[2].area == ""
    assert [column.label for column in chart.columns] == ["00:00", "01:00", "02:00"]
    peak = chart.columns[1].readings[0]
    assert (peak.shown, peak.top) == ("$180", "10.00%")


def test_unknown_moments_are_gaps() -> None:
    chart = area_chart("Gap", [_series([1, None, 3, 4])], str)
    assert len(re.findall("M", chart.lines[0].line)) == 2
    assert chart.columns[1].readings[0].top == ""


def test_a_point_without_neighbours_is_a_dot() -> None:
    alone, together = _series([None, 4, None, None]), _series([1, 4, None, 2], "Margin")
    chart = area_chart("Dots", [alone, together], str)
    assert [line.dots for line in chart.lines] == ["M333.3,0 h0.01", "M1000,150 h0.01"]
    assert area_chart("Line", [_series([1, 2])], str).lines[0].dots == ""


def test_labels_do_not_crowd() -> None:
    chart = area_chart("Day", [_series(list(range(97)))], str)
    assert len(chart.labels) <= 7


def test_series_of_other_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="same moments"):
        area_chart("Two", [_series([1, 2]), _series([1])], str)
    assert area_chart("None", [], str).lines == []


@pytest.mark.parametrize(
    ("part", "tone", "percent"), [(913, "", 91), (781, "warn", 78), (612, "danger", 61)]
)
def test_bars_warn_below_their_target(part: int, tone: str, percent: int) -> None:
    row = bar_row("5sim", part, 1000, "91.3 %", "n = 1,000", target=80)
    assert (row.tone, row.percent) == (tone, percent)


def test_a_bar_of_nothing_is_empty_and_calm() -> None:
    row = bar_row("New", 0, 0, "–", "n = 0", target=80)
    assert (row.tone, row.percent) == ("", 0)
