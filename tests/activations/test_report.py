"""A number reported as unusable: refunded by the carrier's word, with the saga's patience."""

from __future__ import annotations

import pytest

from nexnum_console.activations.cancel import report
from nexnum_console.activations.closing import close_due
from nexnum_console.activations.errors import CancelTooEarly, SmsAlreadyReceived
from tests.activations.test_lifecycle import FULL, PRICE, buy, house, poll


def test_a_report_is_a_ban_where_the_carrier_takes_it_and_waits_for_no_lock(make_world):
    world = make_world(lock=120)
    activation_id = buy(world)
    world.carrier().offers.add("ban")
    assert report(world.desk, activation_id, world.user_id) == "cancelled"
    assert world.carrier().calls[-1] == "ban"
    assert world.balance() == (FULL, 0)
    assert house(world) == {"gateway:sandbox": -FULL}


def test_elsewhere_a_report_is_a_cancellation_with_its_lock(make_world):
    world = make_world(lock=120)
    activation_id = buy(world)
    with pytest.raises(CancelTooEarly):
        report(world.desk, activation_id, world.user_id)
    assert "cancel" not in world.carrier().calls
    world.clock.advance(121)
    assert report(world.desk, activation_id, world.user_id) == "cancelled"
    assert world.balance() == (FULL, 0)


def test_an_unanswered_report_is_followed_until_the_carrier_says_what_happened(world):
    activation_id = buy(world)
    world.carrier().offers.add("ban")
    world.carrier().ban_answer = "provider_error"
    assert report(world.desk, activation_id, world.user_id) == "cancelling"
    assert world.balance() == (FULL - PRICE, 0)
    world.clock.advance(5)
    close_due(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(activation_id)["state"] == "cancelled"
    assert world.balance() == (FULL, 0)


def test_a_number_with_a_code_cannot_be_reported(world):
    activation_id = buy(world)
    world.carrier().offers.add("ban")
    world.carrier().numbers["alpha-1"].codes.append("123456")
    poll(world)
    with pytest.raises(SmsAlreadyReceived):
        report(world.desk, activation_id, world.user_id)
    assert "ban" not in world.carrier().calls
    assert world.balance() == (FULL - PRICE, 0)
