from __future__ import annotations

from pathlib import Path

import pytest

from nexnum_console.activations.machine import (
    NEW,
    STATES,
    TABLE,
    TERMINAL,
    after,
    diagram,
    sources,
)

DOCS = Path(__file__).parents[2] / "docs/architecture.md"


def test_every_state_is_reached_and_every_other_state_is_left():
    assert {step.to for step in TABLE} == set(STATES)
    assert {step.state for step in TABLE} == {NEW, *STATES} - TERMINAL


def test_a_code_and_a_refund_exclude_each_other():
    assert after("received", "cancelled") is None
    assert after("received", "cancel") is None
    assert after("cancelled", "sms") is None
    assert after("expired", "sms") is None


def test_money_that_is_unknown_is_neither_cancelled_nor_expired():
    for event in ("cancel", "cancelled", "expired", "sms"):
        assert after("confirming", event) is None


def test_sources_are_what_the_conditional_updates_ask_for():
    assert set(sources("sms")) == {"waiting", "cancelling", "received"}
    assert set(sources("cancelled")) == {"waiting", "cancelling"}


def _journeys(state=NEW, booked=()):
    """Every way to an end that meets no state twice, with what it books."""
    for step in (step for step in TABLE if step.state == state):
        moves = (*booked, *step.moves)
        if step.to in TERMINAL:
            yield moves
        elif step.to not in {state, "waiting"} or step.event == "acquired":
            yield from _journeys(step.to, moves)


def test_every_journey_ends_with_the_money_in_one_place():
    assert set(_journeys()) == {
        ("hold", "release"),
        ("hold", "commit"),
        ("hold", "commit", "refund"),
    }


def test_the_docs_show_the_table():
    assert diagram() in DOCS.read_text("utf-8")


@pytest.mark.parametrize("step", TABLE, ids=lambda step: f"{step.state}-{step.event}")
def test_an_event_leads_to_one_state(step):
    assert after(step.state, step.event) == step.to
    assert [one for one in TABLE if (one.state, one.event) == (step.state, step.event)] == [step]
