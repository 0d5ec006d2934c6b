"""Outcomes reach the providers' performance once, off the sale's path, and only when they tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil

import pytest

from nexnum_console.activations import purchase
from nexnum_console.activations.cancel import cancel, report
from nexnum_console.activations.errors import CancelTooEarly, NothingForSale
from nexnum_console.activations.learning import call_event, delivery_event, learn
from nexnum_console.activations.purchase import Order
from nexnum_console.activations.settle import Sms, give_back, store_messages
from nexnum_console.catalogue.service import candidates
from nexnum_console.providers.errors import NotAdmitted
from nexnum_console.providers.performance_rows import load
from nexnum_console.routing.knowledge import known


def buy(world, **wishes) -> int:
    return purchase.purchase(world.desk, Order(world.user_id, "telegram", "GB", **wishes))


def learned(world, name="alpha") -> dict[str, int]:
    world.clock.advance(120)
    while learn(world.desk):
        pass
    with world.desk.database.transaction() as unit:
        provider = unit.scalar("select id from provider where name = :name", name=name)
        tallies = load(unit, "telegram", "GB")
    leaves = [t for of, t in tallies.items() if of.operator and of.provider_id == provider]
    leaf = leaves[0] if leaves else None
    names = ("bought", "refused", "no_stock", "delivered", "undelivered")
    # A failure weighs less than 1, by how likely the provider was out of order.
    return {n: ceil(getattr(leaf, n) - 0.01) for n in names if leaf and getattr(leaf, n)}


def sms(world, activation_id: int, after: float) -> None:
    world.clock.advance(after)
    with world.desk.database.transaction() as unit:
        store_messages(unit, world.desk, activation_id, [Sms("123456", "code", "x")], world.clock())


def end(world, activation_id: int, event: str) -> None:
    with world.desk.database.transaction() as unit:
        give_back(unit, world.desk, activation_id, event, upstream="refunded", now=world.clock())


def test_a_number_with_a_code_is_bought_and_delivered_once(world):
    sms(world, buy(world), 15)
    assert learned(world) == {"bought": 1, "delivered": 1}
    assert learned(world) == {"bought": 1, "delivered": 1}
    with world.desk.database.transaction() as unit:
        arrivals = unit.run("select arrivals from performance").scalars()
    assert all(sum(bins) == 1 and bins[6] == 1 for bins in arrivals)
    assert len(arrivals) == 4


def test_delivery_is_censored_while_waiting(world):
    buy(world)
    assert learned(world) == {"bought": 1}


def test_an_expiry_is_a_failed_delivery(world):
    end(world, buy(world), "expired")
    assert learned(world) == {"bought": 1, "undelivered": 1}


def test_a_user_who_cancels_before_the_median_tells_nothing(world):
    cancel(world.desk, buy(world), world.user_id)
    assert learned(world) == {"bought": 1}


def test_a_user_who_cancels_after_the_median_counts_as_failure(world):
    activation_id = buy(world)
    world.clock.advance(61)
    cancel(world.desk, activation_id, world.user_id)
    assert learned(world) == {"bought": 1, "undelivered": 1}


def test_a_cancellation_that_was_refused_hides_no_failure(world):
    """The buyer pressed too early, waited on, and no code ever came."""
    activation_id = buy(world)
    world.carrier().cancel_answer = "cancel_too_early"
    with pytest.raises(CancelTooEarly):
        cancel(world.desk, activation_id, world.user_id)
    world.clock.advance(1_200)
    end(world, activation_id, "expired")
    assert learned(world) == {"bought": 1, "undelivered": 1}


def test_a_call_that_our_own_gate_stopped_tells_nothing(world, monkeypatch):
    def shut(*_, **__):
        raise NotAdmitted("provider_unavailable", "its circuit breaker is open", retry_after=5)

    monkeypatch.setattr(world.carrier(), "buy", shut)
    activation_id = buy(world)
    assert learned(world) == {}
    with world.desk.database.transaction() as unit:
        codes = unit.run(
            "select error_code from attempt where activation_id = :id", id=activation_id
        )
        assert list(codes.scalars()) == ["not_admitted"]


def test_one_narrow_look_does_not_blind_the_next(world):
    """An operator that nobody sells is asked for; what is known of the lane stays known."""
    sms(world, buy(world), 15)
    learned(world)
    with pytest.raises(NothingForSale):
        buy(world, operator="nobody")
    with world.desk.database.transaction() as unit:
        seen = known(unit, "telegram", "GB", world.clock())
        offered = candidates(unit, "telegram", "GB")[0]
    assert seen.belief_of(world.clock())(offered).outcomes == 1


def test_a_number_reported_as_used_counts_as_failure_at_once(world):
    report(world.desk, buy(world), world.user_id)
    assert learned(world) == {"bought": 1, "undelivered": 1}


def test_no_numbers_is_supply_and_a_refused_connection_is_not(world):
    world.carrier().mood = lambda: "no_numbers"
    buy(world)
    assert learned(world) == {"no_stock": 1}
    world.carrier().mood = lambda: "refuse"
    buy(world)
    assert learned(world) == {"refused": 1, "no_stock": 1}


@pytest.mark.parametrize(
    ("state", "code", "event"),
    [
        ("acquired", None, "bought"),
        ("declined", "no_numbers", "no_stock"),
        ("declined", "no_balance", None),
        ("declined", "rate_limited", None),
        ("declined", "not_admitted", None),
        ("declined", "provider_unavailable", "refused"),
        ("released", "provider_unavailable", "refused"),
    ],
)
def test_what_a_call_tells(state, code, event):
    assert call_event(state, code) == event


def test_a_late_sms_changes_no_outcome():
    at = datetime(2026, 11, 1, tzinfo=UTC)
    row = {
        "first_sms": None,
        "reported": False,
        "cancel_asked": None,
        "acquired_at": at,
        "closed_at": at + timedelta(minutes=20),
    }
    assert delivery_event(row, 30.0) == "undelivered"
