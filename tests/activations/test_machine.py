from __future__ import annotations

from nexnum_console.activations.machine import STATES, TERMINAL, TRANSITIONS, after, sources


def test_every_state_is_reached_and_every_other_state_is_left():
    reached = {"buying", *TRANSITIONS.values()}
    left = {state for state, _ in TRANSITIONS}
    assert reached == set(STATES)
    assert left == set(STATES) - TERMINAL


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
