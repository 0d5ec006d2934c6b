"""From a live number to its end: SMS, cancel, expiry, and what the carrier does with our money."""

from __future__ import annotations

import pytest

from nexnum_console.activations import lanes
from nexnum_console.activations.cancel import cancel
from nexnum_console.activations.closing import TRIES_MAX, close_due
from nexnum_console.activations.errors import (
    ActivationNotFound,
    CancelTooEarly,
    NotCancellable,
    SmsAlreadyReceived,
)
from nexnum_console.activations.polling import poll_lane
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.settle import Sms, store_messages
from tests.activations.world import UNIT
from tests.support.loops import finish

FULL = 100 * UNIT
PRICE = 150_000


def buy(world) -> int:
    return purchase(world.desk, Order(world.user_id, "telegram", "GB"))


def poll(world, name: str = "alpha", seconds: float = 2) -> None:
    """Let time pass and one poll round happen."""
    world.clock.advance(seconds)
    rounds = iter((True, False))
    account = world.account(name)
    lane = lanes.take(world.desk.database, account, "poll", "test", world.clock())
    assert lane is not None
    finish(poll_lane(world.desk, lane, lambda: next(rounds)))
    lane.leave()


def messages(world, activation_id):
    with world.desk.database.transaction() as unit:
        return unit.all(
            "select code, late from message where activation_id = :id order by id",
            id=activation_id,
        )


def house(world) -> dict[str, int]:
    with world.desk.database.transaction() as unit:
        rows = unit.all(
            "select a.code, sum(e.amount) as amount from account a"
            " join entry e on e.account_id = a.id where a.kind = 'house' group by a.code"
        )
    return {row["code"]: row["amount"] for row in rows if row["amount"]}


def test_a_code_arrives_once_and_keeps_the_charge(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append("012345")
    poll(world)
    poll(world, seconds=5)
    row = world.row(activation_id)
    assert (row["state"], row["code"], row["sms_count"]) == ("received", "012345", 1)
    assert [m["code"] for m in messages(world, activation_id)] == ["012345"]
    assert world.balance() == (FULL - PRICE, 0)


def test_a_second_code_is_a_second_message(world):
    activation_id = buy(world)
    number = world.carrier().numbers["alpha-1"]
    number.codes.append("111111")
    poll(world)
    number.codes.append("222222")
    poll(world, seconds=5)
    row = world.row(activation_id)
    assert (row["sms_count"], row["code"]) == (2, "222222")


def test_at_the_end_of_its_life_a_number_with_a_code_is_finished_not_refunded(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append("111111")
    poll(world)
    poll(world, seconds=601)
    row = world.row(activation_id)
    assert (row["state"], row["upstream"]) == ("finished", "kept")
    assert world.balance() == (FULL - PRICE, 0)
    assert house(world)["cogs:alpha"] == -100_000


def test_without_a_code_the_end_of_its_life_refunds_and_asks_the_carrier_for_ours(world):
    activation_id = buy(world)
    poll(world, seconds=601)
    assert world.row(activation_id)["state"] == "expired"
    assert world.row(activation_id)["upstream"] == "closing"
    assert world.balance() == (FULL, 0)
    close_due(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(activation_id)["upstream"] == "refunded"
    assert house(world) == {"gateway:sandbox": -FULL}


def test_a_carrier_that_expires_a_number_by_itself_has_refunded_us(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].state = "expired"
    poll(world)
    row = world.row(activation_id)
    assert (row["state"], row["upstream"]) == ("expired", "refunded")
    assert world.balance() == (FULL, 0)


def test_a_number_that_the_carrier_finished_without_a_code_was_paid_for_and_is_a_loss(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].state = "finished"
    poll(world)
    row = world.row(activation_id)
    assert (row["state"], row["upstream"]) == ("expired", "lost")
    assert world.balance() == (FULL, 0), "the buyer got no code"
    assert house(world) == {
        "gateway:sandbox": -FULL,
        "float:alpha": 100_000,
        "refund_loss:alpha": -100_000,
    }
    with world.desk.database.transaction() as unit:
        told = unit.all("select kind from activation_event order by id desc limit 2")
    assert [one["kind"] for one in told] == ["provider_lost", "expired"]


def test_a_carrier_that_keeps_our_money_is_a_loss_on_the_books(world):
    activation_id = buy(world)
    poll(world, seconds=601)
    world.carrier().cancel_answer = "sms_already_received"
    close_due(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(activation_id)["upstream"] == "lost"
    assert house(world)["refund_loss:alpha"] == -100_000
    assert world.balance() == (FULL, 0)


def test_a_code_the_carrier_was_paid_for_is_shown_though_its_number_had_expired_here(world):
    """Nobody could ask for it in time; the refusal to cancel tells that it is there."""
    activation_id = buy(world)
    carrier = world.carrier()
    carrier.status_answer = "provider_error"
    poll(world, seconds=1_200)
    assert world.row(activation_id)["state"] == "expired"
    carrier.live()[0].codes.append("482193")
    close_due(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(activation_id)["upstream"] == "closing", "what came is asked for again"
    carrier.status_answer = None
    world.clock.advance(60)
    close_due(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(activation_id)["upstream"] == "lost"
    assert [dict(m) for m in messages(world, activation_id)] == [{"code": "482193", "late": True}]
    assert world.balance() == (FULL, 0)


@pytest.mark.parametrize(
    ("refusal", "state", "codes", "status", "ending"),
    [
        ("invalid_transition", "waiting", ["482193"], None, "lost"),
        ("invalid_transition", "finished", [], None, "lost"),
        ("invalid_transition", "expired", [], None, "refunded"),
        ("invalid_transition", "waiting", [], None, "closing"),
        ("invalid_transition", "waiting", [], "activation_not_found", "refunded"),
        ("invalid_transition", "waiting", [], "provider_error", "closing"),
        ("activation_not_found", "finished", ["482193"], None, "lost"),
        ("activation_not_found", "cancelled", [], None, "refunded"),
        ("activation_closed", "waiting", [], None, "refunded"),
        ("activation_closed", "waiting", [], "activation_expired", "refunded"),
        ("sms_already_received", "waiting", ["482193"], None, "lost"),
        ("sms_already_received", "cancelled", [], None, "lost"),
        ("sms_already_received", "waiting", [], "activation_not_found", "lost"),
        ("cancel_too_early", "waiting", [], None, "closing"),
    ],
)
def test_a_refusal_to_take_a_number_back_is_read_with_the_numbers_own_state(
    world, refusal, state, codes, status, ending
):
    activation_id = buy(world)
    poll(world, seconds=601)
    carrier = world.carrier()
    number = carrier.numbers["alpha-1"]
    number.state, number.codes[:] = state, codes
    carrier.cancel_answer, carrier.status_answer = refusal, status
    close_due(world.desk, world.desk.carriers.get(world.account()))
    row = world.row(activation_id)
    assert (row["upstream"], row["close_tries"]) == (ending, int(ending == "closing"))
    assert [m["code"] for m in messages(world, activation_id)] == codes
    assert house(world).get("refund_loss:alpha") == (-100_000 if ending == "lost" else None)
    assert world.balance() == (FULL, 0)


@pytest.mark.parametrize(
    ("state", "codes", "ending"),
    [("waiting", ["482193"], "lost"), ("waiting", [], "lost"), ("expired", [], "refunded")],
)
def test_before_a_number_that_is_never_taken_back_is_given_up_it_is_looked_at(
    world, state, codes, ending
):
    activation_id = buy(world)
    poll(world, seconds=601)
    carrier = world.carrier()
    carrier.numbers["alpha-1"].state, carrier.numbers["alpha-1"].codes[:] = state, codes
    carrier.cancel_answer = "provider_error"
    for _ in range(TRIES_MAX):
        assert world.row(activation_id)["upstream"] == "closing"
        close_due(world.desk, world.desk.carriers.get(world.account()))
        world.clock.advance(60)
    assert world.row(activation_id)["upstream"] == ending
    assert [m["code"] for m in messages(world, activation_id)] == codes


def test_a_late_code_is_kept_and_shown_and_the_refund_stands(world):
    activation_id = buy(world)
    poll(world, seconds=601)
    with world.desk.database.transaction() as unit:
        assert store_messages(
            unit, world.desk, activation_id, [Sms("999999", "late", "")], world.clock()
        )
    assert world.row(activation_id)["state"] == "expired"
    assert [dict(m) for m in messages(world, activation_id)] == [{"code": "999999", "late": True}]
    assert world.balance() == (FULL, 0)


def test_a_cancelled_number_is_refunded_and_never_polled_again(world):
    activation_id = buy(world)
    assert cancel(world.desk, activation_id, world.user_id) == "cancelled"
    assert world.balance() == (FULL, 0)
    poll(world, seconds=30)
    assert "status" not in world.carrier().calls
    assert house(world) == {"gateway:sandbox": -FULL}


def test_a_number_is_cancelled_by_its_owner_once(world):
    activation_id = buy(world)
    with pytest.raises(ActivationNotFound):
        cancel(world.desk, activation_id, world.user_id + 1)
    cancel(world.desk, activation_id, world.user_id)
    with pytest.raises(NotCancellable):
        cancel(world.desk, activation_id, world.user_id)
    assert world.carrier().calls.count("cancel") == 1


def test_the_lock_refuses_before_the_carrier_is_asked(make_world):
    world = make_world(lock=120)
    activation_id = buy(world)
    with pytest.raises(CancelTooEarly) as refusal:
        cancel(world.desk, activation_id, world.user_id)
    assert refusal.value.retry_after == 120
    assert "cancel" not in world.carrier().calls
    assert world.row(activation_id)["state"] == "waiting"


@pytest.mark.parametrize(
    ("answer", "error"),
    [("cancel_too_early", CancelTooEarly), ("sms_already_received", SmsAlreadyReceived)],
)
def test_a_carrier_that_refuses_leaves_the_number_waiting(world, answer, error):
    activation_id = buy(world)
    world.carrier().cancel_answer = answer
    with pytest.raises(error):
        cancel(world.desk, activation_id, world.user_id)
    assert world.row(activation_id)["state"] == "waiting"
    assert world.balance() == (FULL - PRICE, 0)


def test_an_unanswered_cancel_is_asked_again_until_the_carrier_says_what_happened(world):
    activation_id = buy(world)
    world.carrier().cancel_answer = "provider_error"
    assert cancel(world.desk, activation_id, world.user_id) == "cancelling"
    assert world.balance() == (FULL - PRICE, 0)
    world.carrier().cancel_answer = None
    world.clock.advance(5)
    close_due(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(activation_id)["state"] == "cancelled"
    assert world.balance() == (FULL, 0)


@pytest.mark.parametrize("refusal", ["activation_not_found", "activation_closed"])
@pytest.mark.parametrize(
    ("state", "status", "told"),
    [
        ("cancelled", None, "cancelled"),
        ("expired", None, "cancelled"),
        ("cancelled", "activation_not_found", "cancelled"),
        ("waiting", None, "cancelling"),
        ("cancelled", "provider_error", "cancelling"),
    ],
)
def test_a_cancel_of_what_is_over_there_is_a_refund_at_once(world, refusal, state, status, told):
    """So that nobody waits for the number's end where an earlier answer was lost."""
    activation_id = buy(world)
    carrier = world.carrier()
    carrier.numbers["alpha-1"].state = state
    carrier.cancel_answer, carrier.status_answer = refusal, status
    assert cancel(world.desk, activation_id, world.user_id) == told
    back = FULL if told == "cancelled" else FULL - PRICE
    assert world.balance() == (back, 0)


def test_a_cancel_of_what_was_used_up_there_is_refused_and_its_code_comes(world):
    activation_id = buy(world)
    carrier = world.carrier()
    carrier.numbers["alpha-1"].codes.append("123456")
    carrier.cancel_answer = "activation_not_found"
    with pytest.raises(SmsAlreadyReceived):
        cancel(world.desk, activation_id, world.user_id)
    poll(world)
    assert world.row(activation_id)["code"] == "123456"
    assert world.balance() == (FULL - PRICE, 0)


def test_a_code_that_beats_an_unanswered_cancel_wins(world):
    activation_id = buy(world)
    world.carrier().cancel_answer = "provider_error"
    cancel(world.desk, activation_id, world.user_id)
    world.carrier().numbers["alpha-1"].codes.append("123456")
    poll(world)
    assert world.row(activation_id)["state"] == "received"
    assert world.balance() == (FULL - PRICE, 0)


def test_a_received_number_cannot_be_cancelled(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append("123456")
    poll(world)
    with pytest.raises(SmsAlreadyReceived):
        cancel(world.desk, activation_id, world.user_id)


def test_a_lane_has_one_holder_and_is_free_again_when_its_lease_ends(world):
    database, account = world.desk.database, world.account()
    first = lanes.take(database, account, "poll", "one", world.clock())
    assert first is not None
    assert lanes.take(database, account, "poll", "two", world.clock()) is None
    world.clock.advance(lanes.LEASE_SECONDS + 1)
    second = lanes.take(database, account, "poll", "two", world.clock())
    assert second is not None
    assert not first.renew(world.clock())
    assert second.renew(world.clock())
