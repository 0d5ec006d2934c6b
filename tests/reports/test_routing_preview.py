"""The simulator's word on other weights: what the data says, and that it says when it cannot."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from nexnum_console.reports.routing_policy import words_of
from nexnum_console.reports.routing_preview import preview
from nexnum_console.routing.policy import DEFAULT_POLICY
from nexnum_console.routing.replay import Logged, replay
from tests.routing.test_replay import AFTER, BEFORE, logged

NAMES = {"telegram": "Telegram", "GB": "United Kingdom"}


def lane(rows: list[Logged]) -> list[Logged]:
    return [replace(row, lane=("telegram", "GB")) for row in rows]


def test_weights_that_earn_differently_are_told_apart_from_chance():
    found = replay(lane(logged(BEFORE, 4_000, 1)), AFTER)
    told = preview(BEFORE, AFTER, found, "USD", NAMES)
    assert told.kind == "danger"
    assert told.title == "These weights would have earned less"
    assert told.changes == ("Cost of a number without a code: $0.06 → $0.40",)
    shares = {line.provider: line for line in told.shares}
    assert shares["p2"].would_width > shares["p2"].was_width
    assert sum(line.would_width for line in told.shares) == pytest.approx(100, abs=0.2)
    (only,) = told.lanes
    assert (only.what, only.orders) == ("Telegram, United Kingdom", "4,000")
    back = preview(AFTER, BEFORE, replay(lane(logged(AFTER, 4_000, 3)), BEFORE), "USD", NAMES)
    assert back.kind in {"ok", "info", "warn"}


def test_too_few_orders_tell_nothing_and_say_so():
    few = preview(BEFORE, AFTER, replay(logged(BEFORE, 20, 1), AFTER), "USD", {})
    assert (few.kind, few.title) == ("warn", "Past orders cannot tell")
    assert few.text.startswith("20 orders weigh only as much as ")
    none = preview(BEFORE, AFTER, None, "USD", {})
    assert (none.kind, none.figures) == ("warn", ())


def test_the_same_weights_are_no_difference():
    told = preview(BEFORE, BEFORE, replay(logged(BEFORE, 500, 1), BEFORE), "USD", {})
    assert (told.kind, told.changes) == ("info", ())


def test_what_the_estimate_cannot_know_is_noted():
    before = replace(BEFORE, least_success=Decimal("0.3"))
    after = replace(before, least_success=Decimal(0), default_strategy="cheapest")
    told = preview(before, after, replay(logged(BEFORE, 500, 1), after), "USD", {})
    assert len(told.notes) == 2


def test_each_weight_says_what_it_does():
    words = words_of(DEFAULT_POLICY, "USD")
    assert set(words) == set(DEFAULT_POLICY.document())
    assert words["price_weight"] == "An offer $0.10 dearer than the cheapest loses $0.05 for it."
    assert words["exploration"].startswith("About one order in 100 may be led by anybody")
    off = words_of(replace(DEFAULT_POLICY, canary=Decimal(0), price_weight=Decimal(0)), "USD")
    assert off["canary"].startswith("No order may be led by a provider with fewer than 10")
    assert off["price_weight"].startswith("What the buyer pays is not weighed")
