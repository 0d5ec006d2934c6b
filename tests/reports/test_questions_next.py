"""The words about the reconciler's next step say what its code does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nexnum_console.reports.questions_next import Open, what_next

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def asked(kind: str, **told: object) -> Open:
    base = Open(kind, after(-20), after(5), after(100), 0, 0, after(-1), after(8))
    return replace(base, **told)


def test_an_unknown_purchase_is_listed_every_two_seconds_and_not_released_before_its_time():
    found = what_next(asked("unknown"), NOW)
    assert (found.step, found.at) == ("List the live numbers", after(1))
    assert "none is released before its time" in found.then


@pytest.mark.parametrize(
    ("listings", "said"), [(0, "2 more"), (1, "one more"), (2, "if there is none"), (9, "if there")]
)
def test_past_its_time_two_listings_decide(listings, said):
    found = what_next(asked("unknown", not_before=after(-1), listings=listings), NOW)
    assert said in found.then


def test_where_the_provider_lists_nothing_no_worker_is_waited_for():
    found = what_next(asked("unknown", unlisted=True, since=after(-90), held_until=None), NOW)
    assert (found.at, found.late) == (None, False)
    assert "settle it by hand" in found.then


def test_before_the_first_listing_a_worker_at_it_lists_now():
    assert what_next(asked("unknown", listed_at=after(-30)), NOW).at == NOW
    assert what_next(asked("unknown", listed_at=None), NOW).at == NOW


def test_what_no_worker_takes_is_late():
    found = what_next(asked("unknown", since=after(-60), listed_at=None, held_until=None), NOW)
    assert (found.late, found.at) == (True, after(-60))
    assert "no worker" in found.then
    assert not what_next(asked("unknown", held_until=after(-1)), NOW).late, "a second is no delay"
    assert what_next(asked("closing", due_at=after(-16), held_until=None), NOW).late
    assert not what_next(asked("closing", due_at=after(-16)), NOW).late, "a worker is at it"


def test_tries_are_counted_up_to_the_last():
    assert what_next(asked("closing", tries=3), NOW).step == "Cancel it, try 4 of 40"
    assert what_next(asked("orphan", tries=40), NOW).step == "Cancel it, try 40 of 40"
    assert what_next(asked("cancelling"), NOW).at == after(5)


def test_a_stray_waits_is_taken_or_left_alone():
    assert what_next(asked("seen"), NOW).step == "Take it for an orphan"
    spared = what_next(asked("seen", spared=True, due_at=after(1)), NOW)
    assert (spared.step, spared.late) == ("Wait", False)
    others = what_next(asked("seen", pursued=False), NOW)
    assert (others.step, others.at) == ("Nothing", None)
