"""Another code may give the order another id: neither is ever another buyer's number."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from nexnum_console.activations import aftercare, lanes, renewed
from nexnum_console.activations.answers import Answer, apply_answer
from nexnum_console.activations.closing import drop_orphans
from nexnum_console.activations.errors import CarrierSilent
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.reconcile import reconcile
from nexnum_console.providers.results import StatusReport
from nexnum_console.reports.activation_story import story
from tests.activations.test_aftercare import kinds, with_code
from tests.activations.test_lifecycle import FULL, PRICE, house, poll
from tests.activations.world import Sold, World


class Died(BaseException):
    """The process ends here."""


def another_id(world: World, of: str = "alpha-1") -> Sold:
    """What the carrier makes of the order: a new one, with the number that the old one had."""
    former = world.carrier().numbers[of]
    return world.carrier()._sell(former.country, former.service, former.phone)


def resent(world: World, activation_id: int, of: str = "alpha-1") -> Sold:
    new = another_id(world, of)
    world.carrier().resent_as = new.id
    aftercare.resend(world.desk, activation_id, world.user_id)
    return new


def unanswered(world: World, activation_id: int) -> None:
    world.carrier().aftercare_answer = "provider_error"
    with pytest.raises(CarrierSilent, match="nobody knows yet whether"):
        aftercare.resend(world.desk, activation_id, world.user_id)
    world.carrier().aftercare_answer = None


def died_asking(world: World, activation_id: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.carrier(), "resend", Mock(side_effect=Died))
        with pytest.raises(Died):
            aftercare.resend(world.desk, activation_id, world.user_id)


def another_buyer(world: World) -> int:
    """Whose purchase was lost on its way: nothing was sold, and nobody knows."""
    world.carrier().mood = lambda: "lose"
    return purchase(world.desk, Order(world.user_id, "telegram", "GB"))


def listing(world: World):
    return reconcile(world.desk, world.desk.carriers.get(world.account()))


def nothing_comes_of_it(world: World, buyer: int) -> None:
    """The other buyer gets the money back, and no number is given back to the carrier."""
    world.clock.advance(60)
    for _ in range(2):
        tally = listing(world)
        assert (tally.adopted, tally.strays) == (0, 0)
    assert world.row(buyer)["state"] == "failed"
    world.clock.advance(60)
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 0
    assert "cancel" not in world.carrier().calls
    assert "orphan_expense:alpha" not in house(world)
    assert world.balance() == (FULL - PRICE, 0)


def test_the_old_order_of_a_renewed_number_is_not_sold_to_the_next_buyer(world):
    mine = with_code(world)
    new = resent(world, mine)
    buyer = another_buyer(world)
    assert listing(world).adopted == 0
    nothing_comes_of_it(world, buyer)
    assert world.row(mine)["upstream_id"] == new.id


def test_an_order_renewed_twice_leaves_no_id_to_anybody_else(world):
    mine = with_code(world)
    second = resent(world, mine)
    third = resent(world, mine, second.id)
    buyer = another_buyer(world)
    nothing_comes_of_it(world, buyer)
    assert world.row(mine)["upstream_id"] == third.id


def test_a_purchase_that_failed_before_makes_the_old_order_no_orphan(world):
    failed = another_buyer(world)
    assert world.row(failed)["state"] == "confirming"
    world.carrier().mood = lambda: "sell"
    resent(world, with_code(world))
    nothing_comes_of_it(world, failed)


@pytest.mark.parametrize("lost", [unanswered, died_asking])
def test_an_order_renewed_behind_a_lost_answer_is_found_by_the_listing(world, lost):
    mine = with_code(world)
    new = another_id(world)
    lost(world, mine)
    buyer = another_buyer(world)
    assert listing(world).adopted == 0
    row = world.row(mine)
    assert (row["state"], row["upstream_id"]) == ("received", new.id)
    assert kinds(world, mine)[-1] == "resend_found"
    new.codes.append("999999")
    poll(world)
    assert world.row(mine)["code"] == "999999"
    nothing_comes_of_it(world, buyer)


def test_asking_again_after_a_lost_answer_leaves_no_order_to_anybody_else(world):
    mine = with_code(world)
    another_id(world)
    unanswered(world, mine)
    last = resent(world, mine)
    buyer = another_buyer(world)
    nothing_comes_of_it(world, buyer)
    assert world.row(mine)["upstream_id"] == last.id


def test_a_lost_answer_without_another_order_changes_nothing(world):
    mine = with_code(world)
    unanswered(world, mine)
    listing(world)
    assert world.row(mine)["upstream_id"] == "alpha-1"
    world.carrier().numbers["alpha-1"].codes.append("999999")
    poll(world)
    assert world.row(mine)["code"] == "999999"
    aftercare.resend(world.desk, mine, world.user_id)
    assert kinds(world, mine)[-1] == "resend_asked"


def test_a_lost_answer_has_its_account_listed_at_once(world):
    mine = with_code(world)
    lane = lanes.take(world.desk.database, world.account(), "settle", "test", world.clock())
    listing(world)
    lane.leave()
    assert lanes.due(world.desk.database, "settle", world.clock()) == []
    unanswered(world, mine)
    assert lanes.due(world.desk.database, "settle", world.clock()) == [world.account()]


def test_what_an_order_was_bought_under_is_nobody_elses_for_ever(world):
    """Also of orders that were renewed before both their ids were kept."""
    mine = with_code(world)
    aftercare.finish(world.desk, mine, world.user_id)
    world.carrier().numbers["alpha-1"].state = "waiting"
    with world.desk.database.transaction() as unit:
        unit.run("update activation set upstream_id = 'alpha-9' where id = :id", id=mine)
    nothing_comes_of_it(world, another_buyer(world))


def test_a_number_asked_for_again_is_bound_though_an_order_with_it_lives(world):
    world.carrier().offers.add("reuse")
    served = with_code(world)
    aftercare.finish(world.desk, served, world.user_id)
    world.carrier().mood = lambda: "sell"
    purchase(world.desk, Order(world.user_id, "", "", reuse=served))
    world.carrier().mood = lambda: "sell_and_lose"
    lost = purchase(world.desk, Order(world.user_id, "", "", reuse=served))
    assert listing(world).adopted == 1
    assert world.row(lost)["phone"] == world.row(served)["phone"]


def test_an_answer_that_tells_the_old_id_does_not_make_it_the_next_buyers(world):
    mine = with_code(world)
    resent(world, mine)
    world.carrier().mood = lambda: "twice"
    buyer = purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    assert world.row(buyer)["state"] == "confirming"
    assert listing(world).adopted == 1
    assert world.row(buyer)["phone"] != world.row(mine)["phone"]


def test_one_phone_sold_for_another_service_is_another_order(world):
    with_code(world)
    phone = world.carrier().numbers["alpha-1"].phone
    same, other = (world.carrier()._sell("england", service, phone) for service in ("tg", "wa"))
    with world.desk.database.transaction() as unit:
        held = renewed.holders(unit, world.account(), world.carrier().active(), world.clock())
    assert set(held) == {"alpha-1", same.id}
    assert other.id not in held


def test_a_row_with_the_phone_of_a_live_order_that_asked_for_nothing_is_left_alone(world):
    mine = with_code(world)
    another_id(world)
    buyer = another_buyer(world)
    nothing_comes_of_it(world, buyer)
    assert world.row(mine)["upstream_id"] == "alpha-1"


def test_staff_read_what_became_of_it(world):
    mine = with_code(world)
    new = another_id(world)
    unanswered(world, mine)
    listing(world)
    with world.desk.database.transaction() as unit:
        titles = [step.title for step in story(unit, mine).steps]
        details = " ".join(step.detail for step in story(unit, mine).steps)
    assert "Nobody knows whether another code was asked for" in titles
    assert "The carrier's listing shows the order under another id" in titles
    assert f"From now on it is {new.id}." in details


@pytest.mark.parametrize("ended", ["finished", "cancelled", "expired"])
@pytest.mark.parametrize("asking", [died_asking, unanswered])
def test_the_end_of_the_old_order_ends_nothing_while_another_may_have_been_made(
    world, asking, ended
):
    mine = with_code(world)
    asking(world, mine)
    new = another_id(world)
    world.carrier().numbers["alpha-1"].state = ended
    poll(world, seconds=20)
    assert world.row(mine)["state"] == "received", "it may go on under another id"
    listing(world)
    assert world.row(mine)["upstream_id"] == new.id
    new.codes.append("777777")
    poll(world)
    assert world.row(mine)["sms_count"] == 2


def test_an_answer_about_the_old_order_that_comes_late_ends_nothing(world):
    mine = with_code(world)
    old = world.row(mine)
    resent(world, mine)
    carrier = world.desk.carriers.get(world.account())
    ended = StatusReport("finished", None, None, None, ())
    apply_answer(world.desk, carrier, Answer(old, ended, None), Mock())
    assert world.row(mine)["state"] == "received"


def test_an_order_that_ended_and_was_not_made_anew_ends_here_after_settle(world):
    mine = with_code(world)
    unanswered(world, mine)
    world.carrier().numbers["alpha-1"].state = "finished"
    poll(world)
    assert world.row(mine)["state"] == "received"
    poll(world, seconds=world.desk.carriers.get(world.account()).terms.settle_seconds + 1)
    assert world.row(mine)["state"] == "finished"
