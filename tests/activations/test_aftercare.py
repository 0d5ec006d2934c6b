"""Another code and the end of a number that has one; the carrier's refusals change nothing."""

from __future__ import annotations

import pytest

from nexnum_console.activations import aftercare
from nexnum_console.activations.errors import (
    ActivationNotFound,
    CarrierSilent,
    NoCodeYet,
    NotOffered,
    NumberClosed,
)
from tests.activations.test_lifecycle import FULL, PRICE, buy, house, poll


def with_code(world) -> int:
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append("012345")
    poll(world)
    return activation_id


def kinds(world, activation_id: int) -> list[str]:
    with world.desk.database.transaction() as unit:
        rows = unit.all(
            "select kind from activation_event where activation_id = :id order by id",
            id=activation_id,
        )
    return [row["kind"] for row in rows]


def test_another_code_is_asked_of_the_carrier_and_costs_nothing(world):
    activation_id = with_code(world)
    aftercare.resend(world.desk, activation_id, world.user_id)
    assert world.carrier().calls.count("resend") == 1
    assert kinds(world, activation_id)[-1] == "resend_asked"
    world.carrier().numbers["alpha-1"].codes.append("999999")
    poll(world)
    assert world.row(activation_id)["code"] == "999999"
    assert world.balance() == (FULL - PRICE, 0)


def test_a_resend_may_give_the_order_another_id(world):
    activation_id = with_code(world)
    world.carrier().resent_as = "beta-1"
    aftercare.resend(world.desk, activation_id, world.user_id)
    assert world.row(activation_id)["upstream_id"] == "beta-1"


def test_a_carrier_is_told_what_it_may_ask_for(world):
    with_code(world)
    told = world.carrier().told[-1]
    row = world.row(1)
    assert told == {"country": told["country"], "service": told["service"], "state": "waiting"} | {
        "phone": row["phone"]
    }
    assert told["country"]
    assert told["service"]


def test_a_finished_number_keeps_its_charge_and_is_never_polled_again(world):
    activation_id = with_code(world)
    aftercare.finish(world.desk, activation_id, world.user_id)
    row = world.row(activation_id)
    assert (row["state"], row["upstream"]) == ("finished", "kept")
    assert world.balance() == (FULL - PRICE, 0)
    assert house(world)["cogs:alpha"] == -100_000
    before = world.carrier().calls.count("status")
    poll(world, seconds=30)
    assert world.carrier().calls.count("status") == before
    with pytest.raises(NumberClosed):
        aftercare.finish(world.desk, activation_id, world.user_id)


def test_a_carrier_without_such_calls_is_not_asked(world):
    activation_id = with_code(world)
    world.carrier().offers.clear()
    with pytest.raises(NotOffered):
        aftercare.resend(world.desk, activation_id, world.user_id)
    aftercare.finish(world.desk, activation_id, world.user_id)
    assert world.row(activation_id)["state"] == "finished"
    assert not {"resend", "finish"} & set(world.carrier().calls)


@pytest.mark.parametrize("ask", [aftercare.resend, aftercare.finish])
def test_without_a_code_and_for_strangers_nothing_is_asked(world, ask):
    activation_id = buy(world)
    with pytest.raises(NoCodeYet):
        ask(world.desk, activation_id, world.user_id)
    with pytest.raises(ActivationNotFound):
        ask(world.desk, activation_id, world.user_id + 1)
    assert not {"resend", "finish"} & set(world.carrier().calls)


@pytest.mark.parametrize("ask", [aftercare.resend, aftercare.finish])
@pytest.mark.parametrize(
    ("answer", "error"), [("provider_error", CarrierSilent), ("invalid_transition", NotOffered)]
)
def test_a_carrier_that_says_no_or_nothing_changes_nothing(world, ask, answer, error):
    activation_id = with_code(world)
    world.carrier().aftercare_answer = answer
    before = kinds(world, activation_id)
    with pytest.raises(error):
        ask(world.desk, activation_id, world.user_id)
    assert world.row(activation_id)["state"] == "received"
    told = {"provider_error": "resend_unknown", "invalid_transition": "resend_refused"}[answer]
    added = ["resend_begun", told] if ask is aftercare.resend else []
    assert kinds(world, activation_id) == [*before, *added]


def test_a_number_that_the_carrier_closed_first_is_finished_here_too(world):
    activation_id = with_code(world)
    world.carrier().aftercare_answer = "activation_closed"
    with pytest.raises(NumberClosed):
        aftercare.resend(world.desk, activation_id, world.user_id)
    aftercare.finish(world.desk, activation_id, world.user_id)
    assert world.row(activation_id)["state"] == "finished"
