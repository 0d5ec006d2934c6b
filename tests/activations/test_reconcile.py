"""Unknown purchases are settled by the carrier's listing, and by nothing else."""

from __future__ import annotations

import pytest

from nexnum_console.accounts.capabilities import ADMIN
from nexnum_console.activations import lanes
from nexnum_console.activations.attempts import Number, Stray, bind, remember
from nexnum_console.activations.cancel import cancel
from nexnum_console.activations.closing import close_due, drop_orphans
from nexnum_console.activations.purchase import Order, place, purchase
from nexnum_console.activations.reconcile import reconcile, settle_lane
from nexnum_console.activations.sweep import sweep
from nexnum_console.reports.activation_story import story
from nexnum_console.reports.activations_list import ACTIVATIONS
from nexnum_console.reports.finder import Scope, find
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import read_page
from tests.activations.world import UNIT

FULL = 100 * UNIT
PRICE = 150_000


def buy(world, mood: str = "sell") -> int:
    world.carrier().mood = lambda: mood
    return purchase(world.desk, Order(world.user_id, "telegram", "GB"))


def stray(world):
    """A number that a purchase which was given up may have bought."""
    buy(world, "lose")
    settle(world)
    return world.carrier()._sell("england", "tg")


def listing(world):
    tally = reconcile(world.desk, world.desk.carriers.get(world.account()))
    assert (tally is None) == world.carrier().listing_fails
    return tally


def test_a_number_sold_behind_a_lost_answer_is_adopted(world):
    activation_id = buy(world, "sell_and_lose")
    assert listing(world).adopted == 1
    row = world.row(activation_id)
    assert (row["state"], row["upstream_id"], row["charged"]) == ("waiting", "alpha-1", PRICE)
    assert world.balance() == (FULL - PRICE, 0)


def test_what_was_not_sold_is_released_after_settle_and_two_empty_listings(world):
    activation_id = buy(world, "lose")
    world.clock.advance(29)
    assert listing(world).released == 0
    assert listing(world).released == 0
    assert world.row(activation_id)["state"] == "confirming"
    world.clock.advance(2)
    assert listing(world).released == 0, "those before prove nothing"
    assert listing(world).released == 1
    assert world.row(activation_id)["state"] == "failed"
    assert world.balance() == (FULL, 0)


def test_one_listing_after_settle_is_not_enough(world):
    activation_id = buy(world, "lose")
    world.clock.advance(60)
    assert listing(world).released == 0
    assert world.row(activation_id)["state"] == "confirming"
    assert listing(world).released == 1


def test_a_listing_that_fails_counts_for_nothing(world):
    activation_id = buy(world, "lose")
    world.clock.advance(60)
    world.carrier().listing_fails = True
    for _ in range(5):
        listing(world)
    assert world.row(activation_id)["state"] == "confirming"
    assert world.balance() == (FULL - PRICE, PRICE)


def test_the_first_lists_after_two_outages_release_nothing(world):
    activation_id = buy(world, "lose")
    world.clock.advance(60)
    for _ in range(3):
        world.carrier().listing_fails = True
        listing(world)
        world.carrier().listing_fails = False
        assert listing(world).released == 0
    assert world.row(activation_id)["state"] == "confirming"
    assert listing(world).released == 1


def test_two_listings_at_the_same_moment_are_not_two_in_a_row(world):
    """After an outage two workers may ask at once, and both get a provider's empty first list."""
    activation_id = buy(world, "lose")
    world.clock.advance(60)
    real = world.carrier().active

    def overtaken():
        world.carrier().active = real
        assert listing(world).released == 0
        return real()

    world.carrier().active = overtaken
    assert listing(world).released == 0
    assert attempt(world)["empty_listings"] == 1
    assert world.row(activation_id)["state"] == "confirming"
    assert listing(world).released == 1


def test_a_lane_that_was_lost_during_the_listing_settles_nothing(world):
    buy(world, "lose")
    world.clock.advance(60)
    database = world.desk.database
    lane = lanes.take(database, world.account(), "settle", "slow", world.clock())
    taken = []

    def overtaken():
        world.clock.advance(lanes.LEASE_SECONDS + 1)
        taken.append(lanes.take(database, world.account(), "settle", "other", world.clock()))
        world.carrier().calls.append("active")
        return []

    world.carrier().calls.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.carrier(), "active", overtaken)
        settle_lane(world.desk, lane, lambda: True)
    assert taken[0] is not None
    assert world.carrier().calls == ["active"]
    assert attempt(world)["empty_listings"] == 0
    assert not lane.renew(world.clock()), "a lane that was lost stays lost"
    assert not lane.renew(world.clock())
    settle(world)


def test_a_pass_that_breaks_off_begins_with_another_part_next_time(world):
    """A carrier may be so slow that its lane's time is over with the first call."""
    unknown = buy(world, "lose")
    cancelled = buy(world)
    world.carrier().cancel_answer = "provider_error"
    assert cancel(world.desk, cancelled, world.user_id) == "cancelling"
    world.clock.advance(20)
    asked = []
    for _ in range(2):
        world.carrier().calls.clear()
        lane = lanes.take(
            world.desk.database, world.account(), "settle", "test", world.desk.clock()
        )
        settle_lane(world.desk, lane, lambda: not world.carrier().calls)
        lane.leave()
        asked.append(world.carrier().calls[:])
    assert asked == [["active"], ["cancel"]]
    world.carrier().cancel_answer = None
    world.clock.advance(20)
    close_due(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(cancelled)["state"] == "cancelled"
    settle(world)
    assert world.row(unknown)["state"] == "failed"


def test_unknown_purchases_share_the_free_numbers_oldest_first(world):
    lost = buy(world, "lose")
    sold = buy(world, "sell_and_lose")
    listing(world)
    assert world.row(lost)["upstream_id"] == "alpha-1"
    assert world.row(sold)["state"] == "confirming"
    world.clock.advance(60)
    listing(world)
    listing(world)
    assert world.row(sold)["state"] == "failed"
    assert world.balance() == (FULL - PRICE, 0)


def test_a_number_of_another_order_is_not_adopted(world):
    buy(world, "sell")
    unknown = buy(world, "lose")
    assert listing(world).adopted == 0
    assert world.row(unknown)["state"] == "confirming"
    settle(world)


def test_an_order_whose_process_died_before_asking_is_released(world):
    with world.desk.database.transaction() as unit:
        placed = place(unit, world.desk, Order(world.user_id, "telegram", "GB"))
    assert sweep(world.desk) == 0
    world.clock.advance(16)
    assert sweep(world.desk) == 1
    assert world.row(placed.activation_id)["reason"] == "interrupted"
    assert world.balance() == (FULL, 0)


class Died(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("mood", ["sell_and_die", "die"])
def test_a_call_whose_process_died_is_unknown_until_the_listing_tells(world, mood):
    carrier = world.carrier()

    def die() -> str:
        if mood == "sell_and_die":
            carrier._sell("england", "tg")
        raise Died

    carrier.mood = die
    with pytest.raises(Died):
        purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    world.clock.advance(16)
    assert sweep(world.desk) == 1
    listing(world)
    settle(world)
    with world.desk.database.transaction() as unit:
        state = unit.scalar("select state from activation")
    assert state == ("waiting" if mood == "sell_and_die" else "failed")


def settle(world) -> None:
    world.clock.advance(60)
    listing(world)
    listing(world)


def attempt(world):
    with world.desk.database.transaction() as unit:
        return unit.first("select * from attempt order by id desc limit 1")


def drop(world) -> int:
    return drop_orphans(world.desk, world.desk.carriers.get(world.account()))


def test_the_id_of_an_order_whose_number_did_not_come_is_kept(world):
    activation_id = buy(world, "numberless")
    assert world.row(activation_id)["state"] == "confirming"
    assert attempt(world)["provider_order_id"] == "alpha-1"
    settle(world)


def test_the_number_of_a_known_order_is_not_given_to_an_older_purchase(world):
    lost = buy(world, "lose")
    promised = buy(world, "numberless")
    assert listing(world).adopted == 1
    assert world.row(promised)["upstream_id"] == "alpha-1"
    assert world.row(lost)["state"] == "confirming"
    settle(world)


def test_an_order_with_a_known_id_takes_no_other_number(world):
    promised = buy(world, "numberless")
    lost = buy(world, "lose")
    world.carrier().unlisted.add("alpha-1")
    world.carrier()._sell("england", "tg")
    listing(world)
    assert world.row(promised)["state"] == "confirming"
    assert world.row(lost)["upstream_id"] == "alpha-2"
    settle(world)


@pytest.mark.parametrize("exclusive", [True, False])
def test_an_order_whose_number_never_comes_is_released_and_cancelled_there(make_world, exclusive):
    world = make_world(exclusive=exclusive)
    activation_id = buy(world, "numberless")
    stranger = world.carrier()._sell("england", "tg")
    world.carrier().unlisted |= {"alpha-1", stranger.id}
    settle(world)
    assert world.row(activation_id)["state"] == "failed"
    assert world.balance() == (FULL, 0)
    assert drop(world) == 1
    assert world.carrier().numbers["alpha-1"].state == "cancelled"
    assert stranger.state == "waiting"
    assert drop(world) == 0


def test_cancelling_such_an_order_is_tried_again_until_the_provider_answers(world):
    buy(world, "numberless")
    world.carrier().unlisted.add("alpha-1")
    settle(world)
    world.carrier().cancel_answer = "provider_error"
    assert drop(world) == 0
    world.carrier().cancel_answer = None
    world.clock.advance(120)
    assert drop(world) == 1
    assert world.carrier().numbers["alpha-1"].state == "cancelled"


def test_staff_find_the_order_of_a_number_that_never_came(world):
    activation_id = buy(world, "numberless")
    world.carrier().unlisted.add("alpha-1")
    settle(world)
    with world.desk.database.transaction() as unit:
        told = story(unit, activation_id)
        listed = read_page(unit, ACTIVATIONS, parse(ACTIVATIONS, {"q": "alpha-1"}), 0)
        found = find(unit, Scope(0, ADMIN), "alpha-1")
    assert told.attempts[0].order == "alpha-1"
    assert "alpha-1" in " ".join(step.title for step in told.steps)
    assert [int(row.id) for row in listed.rows] == [activation_id]
    assert [(one.kind, one.id) for one in found] == [("number", activation_id)]


def test_a_number_that_was_given_up_is_not_bound(world):
    """A late answer names a number that we gave back: its buyer would wait for nothing."""
    activation_id = buy(world, "lose")
    terms = world.desk.carriers.get(world.account()).terms
    with world.desk.database.transaction() as unit:
        attempt_id = unit.scalar("select id from attempt")
        stray = Stray("alpha-9", "+447700900009", "england", "tg", 100_000)
        remember(unit, stray, terms, world.clock())
        unit.run("update sighting set state = 'cancelled'")
    late = Number("alpha-9", "+447700900009", 100_000, None, None)
    assert bind(world.desk, attempt_id, late, terms, world.clock()) is False
    row = world.row(activation_id)
    assert (row["state"], row["phone"]) == ("confirming", None)
    with world.desk.database.transaction() as unit:
        assert unit.scalar("select error_code from attempt") == "activation_closed"
