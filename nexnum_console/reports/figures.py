"""Charts and figures as data: numbers go in, ready SVG paths and ready labels come out.

Values are integers (micro-units, milliseconds, counts) or Decimals; labels are made by the caller,
so that a report says how its unit reads. What comes out holds only text and small integers: it
lives in a page's state and a component draws it without arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from nexnum_console.reports import curves

Number = int | Decimal
Better = Literal["up", "down", ""]
MANY_LABELS: Final = 7
_UP, _DOWN = "trend-up", "trend-down"


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series; ``label`` says when or what, ``shown`` how the value reads.

    A ``value`` of None is unknown: the line has a gap there.
    """

    label: str
    value: Number | None
    shown: str


@dataclass(frozen=True, slots=True)
class Series:
    """Points under one name. ``before`` marks the same span one period earlier (grey, dashed)."""

    name: str
    points: Sequence[Point]
    before: bool = False


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line with its ground, in a box of 100 × 28."""

    line: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure: what it is, how it moved, how it went, and the rows behind it (``href``)."""

    key: str
    label: str
    value: str
    unit: str = ""
    delta: str = ""
    delta_icon: str = ""
    tone: str = ""
    note: str = ""
    line: str = ""
    area: str = ""
    colour: str = "1"
    href: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis, ``at`` per cent of its length (from the left, or from the top)."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn series: paths in a box of 1000 × 300; ``kind`` is ``1``…``7`` or ``before``.

    ``dots`` are the points that stand alone.
    """

    name: str
    kind: str
    line: str
    area: str
    dots: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of a tooltip, with where its mark stands (per cent from the top)."""

    name: str
    kind: str
    shown: str
    top: str


@dataclass(frozen=True, slots=True)
class Column:
    """What stands over one moment; ``edge`` names the side its tooltip opens to."""

    label: str
    left: str
    width: str
    edge: str
    readings: list[Reading]


@dataclass(frozen=True, slots=True)
class AreaChart:
    """A whole chart; ``columns`` serve the tooltip and the table for screen readers alike."""

    title: str = ""
    lines: list[Line] = field(default_factory=list)
    rows: list[Tick] = field(default_factory=list)
    labels: list[Tick] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar with its value, its sample, and a mark at the target (all per cent of the width)."""

    label: str
    value: str
    note: str
    percent: int
    target: int = 0
    tone: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a story; ``tone`` ok, warn, danger, info, live or todo; 0 for no moment."""

    icon: str
    tone: str
    title: str
    detail: str = ""
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved; ``tone`` says whether that is good."""

    text: str = ""
    icon: str = ""
    tone: str = ""


def change(
    now: Number, before: Number | None, better: Better = "up", *, points: bool = False
) -> Change:
    """The move from ``before`` to ``now``: per cent of it, or percentage points of two rates."""
    if before is None or (before == 0 and not points):
        return Change()
    moved = Decimal(now) - Decimal(before)
    share = moved if points else 100 * moved / abs(Decimal(before))
    text = f"{abs(share):,.1f} {'pt' if points else '%'}"
    if share == 0:
        return Change("no change")
    rose = share > 0
    good = "" if better == "" else "ok" if rose == (better == "up") else "danger"
    return Change(text, _UP if rose else _DOWN, good)


def spark(values: Iterable[Number | None]) -> Spark:
    """The course of a figure; fewer than two known values draw nothing."""
    known = list(values)
    if sum(value is not None for value in known) < 2:
        return Spark()
    present = [value for value in known if value is not None]
    low, high = min(present), max(present)
    if low == high:
        low, high = min(0, low), max(0, high) or 1  # a course of zeros lies on the ground
    spots = curves.spots(known, low, high, curves.SPARK)
    return Spark(curves.line(spots, smooth=False), curves.area(spots, curves.SPARK, smooth=False))


def kpi(
    key: str,
    label: str,
    value: str,
    *,
    unit: str = "",
    moved: Change | None = None,
    note: str = "",
    trend: Iterable[Number | None] = (),
    colour: str = "",
    href: str = "",
    live: bool = False,
) -> Kpi:
    """A card's data; the sparkline takes its colour from the move unless ``colour`` says one."""
    moved = moved or Change()
    drawn = spark(trend)
    return Kpi(
        key,
        label,
        value,
        unit,
        delta=moved.text,
        delta_icon=moved.icon,
        tone=moved.tone,
        note=note,
        line=drawn.line,
        area=drawn.area,
        colour=colour or {"ok": "2", "danger": "5"}.get(moved.tone, "3"),
        href=href,
        live=live,
    )


def area_chart(
    title: str, series: Sequence[Series], tick: Callable[[Decimal], str], *, steps: int = 4
) -> AreaChart:
    """Draw ``series`` over common moments; ``tick`` words a value on the axis.

    Raises ValueError when the series differ in length: they would not share their moments.
    """
    if not series or not series[0].points:
        return AreaChart(title)
    size = len(series[0].points)
    if any(len(one.points) != size for one in series):
        raise ValueError("the series of a chart need the same moments")
    values = [p.value for one in series for p in one.points if p.value is not None]
    scale = curves.scale(values, steps)
    spots = [
        curves.spots([p.value for p in s.points], scale[0], scale[-1], curves.CHART) for s in series
    ]
    kinds = _kinds(series)
    return AreaChart(
        title,
        [
            Line(
                one.name,
                kind,
                curves.line(where),
                "" if one.before else curves.area(where, curves.CHART),
                curves.lone(where),
            )
            for one, kind, where in zip(series, kinds, spots, strict=True)
        ],
        [
            Tick(_percent(scale[-1] - value, scale[-1] - scale[0]), tick(value))
            for value in reversed(scale)
        ],
        [Tick(_percent(n, size - 1), series[0].points[n].label) for n in _labelled(size)],
        [_column(series, kinds, spots, n, size) for n in range(size)],
    )


def bar_row(
    label: str,
    part: Number,
    whole: Number,
    value: str,
    note: str,
    *,
    target: int = 0,
    tone: str | None = None,
    href: str = "",
) -> BarRow:
    """``part`` of ``whole`` as a bar. Below ``target`` (per cent) it warns, 10 points below harder.

    Nothing of nothing has no tone: there was nothing to miss.
    """
    percent = int(100 * part // whole) if whole else 0
    shown = max(0, min(100, percent))
    if tone is None:
        missed = target - percent if whole and target else 0
        tone = "danger" if missed >= 10 else "warn" if missed > 0 else ""
    return BarRow(label, value, note, shown, target, tone, href)


def _kinds(series: Sequence[Series]) -> list[str]:
    order = 0
    kinds = []
    for one in series:
        order += not one.before
        kinds.append("before" if one.before else str((order - 1) % 7 + 1))
    return kinds


def _column(
    series: Sequence[Series],
    kinds: Sequence[str],
    spots: Sequence[Sequence[curves.Spot | None]],
    n: int,
    size: int,
) -> Column:
    readings = [
        Reading(one.name, kind, one.points[n].shown, _top(where[n]))
        for one, kind, where in zip(series, kinds, spots, strict=True)
    ]
    step = Decimal(100) / max(1, size - 1)
    edge = "left" if n * 2 > size else "right"
    label = series[0].points[n].label
    return Column(label, f"{n * step:.2f}%", f"{step:.2f}%", edge, readings)


def _top(spot: curves.Spot | None) -> str:
    return "" if spot is None else _percent(spot[1], curves.CHART[1])


def _labelled(size: int) -> list[int]:
    step = max(1, -(-(size - 1) // (MANY_LABELS - 1)))
    return list(range(0, size, step))


def _percent(part: Number | float, whole: Number | float) -> str:
    return f"{100 * float(part) / float(whole or 1):.2f}%"
