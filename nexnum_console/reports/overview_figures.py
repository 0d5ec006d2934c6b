"""The figures of a span as cards and charts: each with its move against the span before."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from nexnum_console.core.money import CENT
from nexnum_console.reports.figures import (
    AreaChart,
    Change,
    Kpi,
    Number,
    Point,
    Series,
    area_chart,
    change,
    kpi,
)
from nexnum_console.reports.overview_facts import Facts, Piece, Wait
from nexnum_console.reports.words import count, money

LIST: Final = "/console/activations"
_UNKNOWN: Final = "–"


def kpis(facts: Facts, currency: str, *, compare: bool) -> list[Kpi]:
    """The row of figures; without ``compare`` none says how it moved."""
    cards = _Cards(facts, currency, compare)
    return [
        cards.active(),
        cards.sold(),
        cards.revenue(),
        cards.margin(),
        cards.codes(),
        cards.wait(),
    ]


def earnings(facts: Facts, currency: str, *, compare: bool) -> AreaChart:
    """Revenue and margin by piece; the revenue of the span before is dashed."""
    if not any((piece.revenue or piece.margin) for piece in facts.pieces.values()):
        return AreaChart()

    def course(name: str, read: Callable[[Piece], int], shift: int = 0) -> Series:
        numbers = range(facts.span.pieces)
        points = [(n, read(facts.piece(n - shift))) for n in numbers]
        return Series(
            name,
            [Point(_from_to(facts, n), value, money(value, currency)) for n, value in points],
            before=bool(shift),
        )

    series = [
        course("Revenue", lambda piece: piece.revenue),
        course("Margin", lambda piece: piece.margin),
    ]
    if compare:
        name = f"Revenue, {facts.span.range.before}"
        series.append(course(name, lambda piece: piece.revenue, facts.span.pieces))
    title = "Are we earning more than before?"
    return area_chart(title, series, lambda value: _tick(value, currency))


def waits(facts: Facts) -> AreaChart:
    """How long a first code takes: half of them, and 19 of 20."""
    if not facts.wait.sample:
        return AreaChart()
    numbers = range(facts.span.pieces)

    def course(name: str, read: Callable[[Wait], int | None]) -> Series:
        values = [(n, read(facts.waits.get(n, Wait()))) for n in numbers]
        return Series(name, [Point(_from_to(facts, n), ms, seconds(ms)) for n, ms in values])

    return area_chart(
        "How long does a code take?",
        [
            course("19 of 20 (p95)", lambda wait: wait.p95),
            course("Half of them (p50)", lambda wait: wait.p50),
        ],
        lambda value: f"{value / 1000:g} s",
    )


def seconds(ms: int | None) -> str:
    """``14 s``, ``3.2 s``, ``0.4 s``; a dash for none."""
    if ms is None:
        return _UNKNOWN
    return f"{ms / 1000:.0f} s" if ms >= 10_000 else f"{ms / 1000:.1f} s"


def share(part: int, whole: int) -> str:
    """``84.6``, or a dash of nothing."""
    return f"{100 * part / whole:.1f}" if whole else _UNKNOWN


class _Cards:
    def __init__(self, facts: Facts, currency: str, compare: bool) -> None:
        self._facts = facts
        self._currency = currency
        self._compare = compare
        self._href = f"{LIST}?from={facts.span.first_day()}"

    def active(self) -> Kpi:
        return kpi(
            "active",
            "Active numbers",
            count(self._facts.active),
            note=f"{count(self._facts.with_code)} with a code",
            trend=self._facts.active_course,
            colour="1",
            href=f"{LIST}?state=waiting",
            live=True,
        )

    def sold(self) -> Kpi:
        now, before = self._facts.now.sold, self._facts.before.sold
        return kpi(
            "sold",
            "Sold",
            count(now),
            moved=self._moved(now, before),
            note=self._against(count(before)),
            trend=self._course(lambda piece: piece.sold),
            href=self._href,
        )

    def revenue(self) -> Kpi:
        now, before = self._facts.now.revenue, self._facts.before.revenue
        return kpi(
            "revenue",
            "Revenue",
            self._money(now),
            moved=self._moved(now, before),
            note=self._against(self._money(before)) or "after refunds",
            trend=self._course(lambda piece: piece.revenue),
            href=self._href,
        )

    def margin(self) -> Kpi:
        now, before = self._facts.now, self._facts.before
        return kpi(
            "margin",
            "Margin",
            self._money(now.margin),
            moved=self._moved(now.margin, before.margin),
            note=f"{share(now.margin, now.revenue)} % of revenue" if now.revenue > 0 else "",
            trend=self._course(lambda piece: piece.margin),
            href=self._href,
        )

    def codes(self) -> Kpi:
        now, before = self._facts.now, self._facts.before
        moved = Change()
        if self._compare and now.had_time and before.had_time:
            moved = change(_rate(now), _rate(before), points=True)
        return kpi(
            "codes",
            "Codes delivered",
            share(now.coded, now.had_time),
            unit="%" if now.had_time else "",
            moved=moved,
            note=f"n = {count(now.had_time)}",
            trend=self._course(lambda piece: _rate(piece) if piece.had_time else None),
            href=self._href,
        )

    def wait(self) -> Kpi:
        now, before = self._facts.wait, self._facts.wait_before
        moved = Change()
        if self._compare and now.p50 is not None:
            moved = change(now.p50, before.p50, "down")
        numbers = range(self._facts.span.pieces)
        return kpi(
            "wait",
            "Median wait",
            seconds(now.p50).removesuffix(" s"),
            unit="s" if now.sample else "",
            moved=moved,
            note=f"p95 {seconds(now.p95)}, n = {count(now.sample)}" if now.sample else "no code",
            trend=[self._facts.waits.get(n, Wait()).p50 for n in numbers],
            href=self._href,
        )

    def _moved(self, now: int, before: int) -> Change:
        return change(now, before) if self._compare else Change()

    def _against(self, before: str) -> str:
        return f"was {before}" if self._compare else ""

    def _course(self, read: Callable[[Piece], Number | None]) -> list[Number | None]:
        return [read(self._facts.piece(n)) for n in range(self._facts.span.pieces)]

    def _money(self, micro: int) -> str:
        return money(micro - micro % CENT, self._currency)


def _rate(piece: Piece) -> Decimal:
    return Decimal(100 * piece.coded) / piece.had_time


def _from_to(facts: Facts, piece: int) -> str:
    return facts.span.label(piece)


def _tick(value: Decimal, currency: str) -> str:
    text = money(int(value), currency)
    return text.replace(".00", "")
