"""The overview's figures, counted from orders and ledger of a small world."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from nexnum_console.activations.cancel import cancel
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.core.db import Database
from nexnum_console.reports.overview_delivery import top_countries, who_delivers
from nexnum_console.reports.overview_facts import Facts, Piece, facts
from nexnum_console.reports.overview_figures import earnings, kpis, seconds, waits
from nexnum_console.reports.overview_span import RANGES, Span, span_of
from tests.activations.world import World, build

PRICE, COST = 150_000, 100_000


@pytest.fixture
def world(database: Database) -> World:
    return build(database)


def _buy(world: World) -> int:
    return purchase(world.desk, Order(world.user_id, "telegram", "GB"))


def _sms(world: World, activation_id: int, after: float) -> None:
    world.clock.advance(after)
    with world.desk.database.transaction() as unit:
        sms = [Sms("1234", "Your code is 1234", "x")]
        store_messages(unit, world.desk, activation_id, sms, world.clock())


def _seen(world: World, key: str = "24h") -> tuple[Facts, Span]:
    span = span_of(key, world.clock())
    with world.desk.database.transaction() as unit:
        return facts(unit, span), span


@pytest.fixture
def traded(world: World) -> World:
    """Yesterday one number with a code after 10 s; today one after 20 s, one given back."""
    _sms(world, _buy(world), 10)
    world.clock.advance(24 * 3600)
    _sms(world, _buy(world), 20)
    cancel(world.desk, _buy(world), world.user_id)
    return world


def test_spans_are_whole_and_meet(world: World) -> None:
    now = world.clock()
    for key, one in RANGES.items():
        span = span_of(key, now)
        assert span.end == now
        assert span.start - span.earliest == span.end - span.start == one.piece * one.pieces
    assert span_of("everything", now).range.key == "24h"
    assert span_of("24h", now).first_day() == (now - timedelta(days=1)).date().isoformat()


def test_both_spans_are_counted_apart(traded: World) -> None:
    seen, span = _seen(traded)
    assert (seen.now.sold, seen.now.had_time, seen.now.coded) == (2, 1, 1)
    assert seen.now.revenue == PRICE, "what was given back is no revenue"
    assert seen.now.margin == PRICE - COST
    assert seen.before == Piece(1, 1, 1, PRICE, PRICE - COST)
    assert (seen.active, seen.with_code) == (2, 2)
    assert sum(piece.sold for piece in seen.pieces.values()) == 3
    assert all(-span.pieces <= n < span.pieces for n in seen.pieces)


def test_waits_are_of_the_first_code_only(traded: World) -> None:
    with traded.desk.database.transaction() as unit:
        newest = unit.scalar("select max(id) from activation where sms_count > 0")
        again = [Sms("99", "Your code is 99", "x")]
        traded.clock.advance(50)
        store_messages(unit, traded.desk, newest, again, traded.clock())
    seen, _ = _seen(traded)
    assert (seen.wait.sample, seen.wait_before.sample) == (1, 1)
    assert seen.wait.p50 == pytest.approx(20_000, abs=50)
    assert seen.wait_before.p50 == pytest.approx(10_000, abs=50)


def test_the_course_of_active_numbers_ends_with_now(traded: World) -> None:
    seen, _ = _seen(traded)
    assert seen.active_course[-1] == seen.active == 2
    assert seen.active_course[0] == 1, "only yesterday's was open a day ago"
    assert len(seen.active_course) == 24


def test_the_cards_say_value_move_and_sample(traded: World) -> None:
    seen, span = _seen(traded)
    cards = {card.key: card for card in kpis(seen, "USD", compare=True)}
    assert list(cards) == ["active", "sold", "revenue", "margin", "codes", "wait"]
    assert (cards["sold"].value, cards["sold"].delta, cards["sold"].note) == (
        "2",
        "100.0 %",
        "was 1",
    )
    assert (cards["revenue"].value, cards["revenue"].delta) == ("$0.15", "no change")
    assert (cards["margin"].value, cards["margin"].note) == ("$0.05", "33.3 % of revenue")
    assert (cards["codes"].value, cards["codes"].unit, cards["codes"].note) == (
        "100.0",
        "%",
        "n = 1",
    )
    assert (cards["wait"].value, cards["wait"].unit, cards["wait"].tone) == ("20", "s", "danger")
    assert cards["sold"].href == f"/console/activations?from={span.first_day()}"
    alone = kpis(seen, "USD", compare=False)
    assert all(card.delta == "" for card in alone)


def test_nothing_sold_is_said_and_not_drawn(world: World) -> None:
    seen, span = _seen(world)
    cards = {card.key: card for card in kpis(seen, "USD", compare=True)}
    assert (cards["codes"].value, cards["wait"].value) == ("–", "–")
    assert all(card.delta == "" for card in cards.values())
    assert earnings(seen, "USD", compare=True).lines == []
    assert waits(seen).lines == []
    with world.desk.database.transaction() as unit:
        assert who_delivers(unit, span) == []
        assert top_countries(unit, span) == ([], "1 for sale")


def test_the_chart_holds_both_spans_over_the_same_moments(traded: World) -> None:
    seen, _ = _seen(traded)
    chart = earnings(seen, "USD", compare=True)
    assert [line.name for line in chart.lines] == [
        "Revenue",
        "Margin",
        "Revenue, the day before",
    ]
    assert len(chart.columns) == 24
    shown = [[one.shown for one in column.readings] for column in chart.columns]
    assert sum(row[0] == "$0.15" for row in shown) == 1
    assert sum(row[2] == "$0.15" for row in shown) == 1
    assert len(earnings(seen, "USD", compare=False).lines) == 2


def test_the_latency_chart_has_gaps_where_no_code_came(traded: World) -> None:
    chart = waits(_seen(traded)[0])
    shown = [column.readings[1].shown for column in chart.columns]
    assert sorted(set(shown)) == ["20 s", "–"]


def test_who_delivers_says_its_sample_and_blames_nobody_for_few(traded: World) -> None:
    with traded.desk.database.transaction() as unit:
        span = span_of("24h", traded.clock())
        (row,) = who_delivers(unit, span)
        unit.run("update activation set state = 'expired', sms_count = 0 where sms_count > 0")
        (few,) = who_delivers(unit, span)
        unit.roll_back()
    assert (row.label, row.value, row.note, row.target) == ("alpha", "100.0 %", "n = 1", 80)
    assert re.match(r"/console/activations\?provider=alpha&from=\d{4}-", row.href)
    assert (few.value, few.tone) == ("0.0 %", "")


def test_countries_are_those_sold_in_the_span(traded: World) -> None:
    with traded.desk.database.transaction() as unit:
        lines, covered = top_countries(unit, span_of("24h", traded.clock()))
    assert covered == "1 for sale"
    (line,) = lines
    assert (line.name, line.sold, line.live, line.success) == (
        "United Kingdom",
        "2",
        "1",
        "100.0 %",
    )
    assert line.stock == "2,000"


@pytest.mark.parametrize(
    ("ms", "shown"), [(None, "–"), (400, "0.4 s"), (9_949, "9.9 s"), (14_300, "14 s")]
)
def test_seconds_read_well(ms: int | None, shown: str) -> None:
    assert seconds(ms) == shown
