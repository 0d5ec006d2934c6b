"""A span of time cut into equal pieces, and the span before it: what every figure is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

DEFAULT: Final = "24h"


@dataclass(frozen=True, slots=True)
class Range:
    """A choice of span; ``label`` words the moment of a piece (strftime, UTC)."""

    key: str
    title: str
    before: str
    piece: timedelta
    pieces: int
    label: str


RANGES: Final = {
    one.key: one
    for one in (
        Range("1h", "1 h", "the hour before", timedelta(minutes=5), 12, "%H:%M"),
        Range("24h", "24 h", "the day before", timedelta(hours=1), 24, "%H:%M"),
        Range("7d", "7 d", "the week before", timedelta(hours=6), 28, "%a %H:%M"),
        Range("30d", "30 d", "the 30 days before", timedelta(days=1), 30, "%d %b"),
    )
}


@dataclass(frozen=True, slots=True)
class Span:
    """``pieces`` from ``start`` to ``end`` have the numbers 0 and up; those of the span before
    are negative, so that ``n - pieces`` is the piece one span earlier than ``n``."""

    range: Range
    end: datetime

    @property
    def pieces(self) -> int:
        return self.range.pieces

    @property
    def start(self) -> datetime:
        return self.end - self.range.piece * self.pieces

    @property
    def earliest(self) -> datetime:
        """Where the span before begins."""
        return self.start - self.range.piece * self.pieces

    def bounds(self) -> dict[str, object]:
        """Parameters of the statements: ``:start``, ``:end``, ``:earliest``; and for the number of
        the piece a moment lies in, ``width_bucket(moment, :edges) - :zero``."""
        edges = [self.earliest + self.range.piece * n for n in range(2 * self.pieces)]
        return {
            "start": self.start,
            "end": self.end,
            "earliest": self.earliest,
            "edges": edges,
            "zero": self.pieces + 1,
        }

    def label(self, piece: int) -> str:
        """When a piece begins, in words."""
        moment = self.start + self.range.piece * piece
        return moment.astimezone(UTC).strftime(self.range.label)

    def first_day(self) -> str:
        """The day the span begins on, as filters of lists take it."""
        return self.start.astimezone(UTC).date().isoformat()


def span_of(key: str, now: datetime) -> Span:
    """The span that ends now; an unknown key means the default."""
    return Span(RANGES.get(key, RANGES[DEFAULT]), now)
