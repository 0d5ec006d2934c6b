"""Figures that the style sheet draws; examples, no one's data."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from nexnum_console.reports.figures import (
    AreaChart,
    BarRow,
    Kpi,
    Point,
    Series,
    Spark,
    Step,
    area_chart,
    bar_row,
    change,
    kpi,
    spark,
)
from nexnum_console.reports.words import money

_CENT: Final = 10_000
_REVENUE: Final = (59, 43, 36, 31, 58, 95, 128, 145, 158, 166, 165, 176, 186, 168, 160, 140, 92)
_MARGIN: Final = (17, 14, 12, 10, 18, 30, 42, 45, 48, 52, 55, 57, 59, 53, 50, 46, 29)
_BEFORE: Final = (50, 42, 33, 35, 50, 88, 120, 133, 139, 150, 158, 161, 165, 160, 150, 124, 78)


def kpis() -> list[Kpi]:
    """A rising, a falling and a live figure, and one that nothing is known of."""
    return [
        kpi(
            "active",
            "Active numbers",
            "1,284",
            note="318 with a code",
            trend=_REVENUE,
            colour="1",
            live=True,
            href="/console/activations?status=waiting",
        ),
        kpi("sold", "Sold", "9,412", moved=change(9412, 8863), note="vs 8,863", trend=_BEFORE),
        kpi(
            "codes",
            "Codes delivered",
            "84.6",
            unit="%",
            moved=change(Decimal("84.6"), Decimal("86.4"), points=True),
            note="n = 8,907",
            trend=_MARGIN[::-1],
        ),
        kpi("wait", "Median wait", "–", note="no code in this span"),
    ]


def chart() -> AreaChart:
    """Two series and the period before."""
    return area_chart(
        "Are we earning more than yesterday?",
        [
            Series("Revenue", _points(_REVENUE)),
            Series("Margin", _points(_MARGIN)),
            Series("Revenue, previous day", _points(_BEFORE), before=True),
        ],
        lambda value: money(int(value), "USD").removesuffix(".00"),
    )


def bars() -> list[BarRow]:
    """Above, below and far below the target, and without a sample."""
    rows = (("5sim", 2834, 3104), ("SMS-man", 314, 402), ("SMSPool", 468, 764), ("New", 0, 0))
    return [
        bar_row(
            name,
            coded,
            asked,
            f"{100 * coded / asked:.1f} %" if asked else "–",
            f"{asked:,}",
            target=80,
        )
        for name, coded, asked in rows
    ]


def steps(now_ms: int) -> list[Step]:
    """A purchase that waits for its code."""
    return [
        Step("cart", "", "Ordered", "Held $0.42 at most", now_ms - 64_000),
        Step("check", "ok", "Bought", "5sim, any operator, $0.42", now_ms - 63_000),
        Step("alert", "warn", "Slow answer", "The carrier took 4.1 s", now_ms - 40_000),
        Step("message", "live", "Waiting for SMS", "median 14 s", now_ms - 39_000),
        Step("clock", "todo", "Code, or the money back", "20 minutes after the purchase"),
    ]


def course() -> Spark:
    """A course alone."""
    return spark(_REVENUE)


def _points(dollars: tuple[int, ...]) -> list[Point]:
    return [
        Point(f"{n + 6:02}:00", value * 100 * _CENT, money(value * 100 * _CENT, "USD"))
        for n, value in enumerate(dollars)
    ]
