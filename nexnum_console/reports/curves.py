"""Geometry of small charts: values to spots in a box, spots to SVG paths. Pixels, never money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

Number = int | Decimal
Spot = tuple[float, float]
Box = tuple[int, int]
CHART: Final[Box] = (1000, 300)
SPARK: Final[Box] = (100, 28)
# The stroke of a sparkline is 1.5 wide and must not be cut at the top or at the bottom.
_PAD: Final = {SPARK: 2.0, CHART: 0.0}
_STEPS: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def scale(values: Sequence[Number], steps: int = 4) -> list[Decimal]:
    """Round values from below the least (or 0) to above the greatest, at equal distance."""
    low = min([Decimal(0), *map(Decimal, values)])
    high = max([Decimal(0), *map(Decimal, values)])
    if high == low:
        high = low + steps
    rough = (high - low) / steps
    magnitude = Decimal(10) ** rough.adjusted()
    step = next(factor * magnitude for factor in _STEPS if factor * magnitude >= rough)
    first = (low / step).to_integral_value("ROUND_FLOOR")
    last = (high / step).to_integral_value("ROUND_CEILING")
    return [step * n for n in range(int(first), int(last) + 1)]


def spots(
    values: Sequence[Number | None], low: Number, high: Number, box: Box
) -> list[Spot | None]:
    """Where each value stands; 0 is the top. Equal bounds put all in the middle."""
    width, height = box
    pad = _PAD[box]
    reach = Decimal(high) - Decimal(low)

    def top(value: Number) -> float:
        share = float((Decimal(value) - Decimal(low)) / reach) if reach else 0.5
        return pad + (1 - share) * (height - 2 * pad)

    step = width / max(1, len(values) - 1)
    return [None if value is None else (n * step, top(value)) for n, value in enumerate(values)]


def line(where: Sequence[Spot | None], *, smooth: bool = True) -> str:
    """A path through the spots with a gap where one is missing."""
    return " ".join(_stroke(run, smooth) for run in _runs(where))


def lone(where: Sequence[Spot | None]) -> str:
    """A path of dots: the spots that have no neighbour, which a line alone does not show."""
    return " ".join(_stroke(run, smooth=False) for run in _runs(where) if len(run) == 1)


def area(where: Sequence[Spot | None], box: Box, *, smooth: bool = True) -> str:
    """The ground under the line, closed at the bottom of the box."""
    bottom = box[1]
    return " ".join(
        f"{_stroke(run, smooth)} L{_xy(run[-1][0], bottom)} L{_xy(run[0][0], bottom)} Z"
        for run in _runs(where)
    )


def _runs(where: Sequence[Spot | None]) -> Iterator[list[Spot]]:
    run: list[Spot] = []
    for spot in where:
        if spot is not None:
            run.append(spot)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _stroke(run: Sequence[Spot], smooth: bool) -> str:
    start = f"M{_xy(*run[0])}"
    if len(run) == 1:
        return f"{start} h0.01"
    if not smooth or len(run) == 2:
        return " ".join([start, *(f"L{_xy(*spot)}" for spot in run[1:])])
    slopes = _slopes(run)
    parts = [start]
    for (here, there), (out, into) in zip(pairwise(run), pairwise(slopes), strict=True):
        third = (there[0] - here[0]) / 3
        first = _xy(here[0] + third, here[1] + out * third)
        second = _xy(there[0] - third, there[1] - into * third)
        parts.append(f"C{first} {second} {_xy(*there)}")
    return " ".join(parts)


def _slopes(run: Sequence[Spot]) -> list[float]:
    """Monotone cubic slopes (Fritsch and Carlson 1980): the curve never overshoots a value."""
    chords = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(run)]
    inner = [
        0.0 if before * after <= 0 else 2 * before * after / (before + after)
        for before, after in pairwise(chords)
    ]
    return [chords[0], *inner, chords[-1]]


def _xy(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}".replace(".0,", ",").removesuffix(".0")
