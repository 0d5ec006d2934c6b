"""A carrier's numbers that no order has: ours are given back or booked, others left alone."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from nexnum_console.activations.closing import ORPHANS_A_PASS, close_due, drop_orphans
from nexnum_console.activations.settle import give_back
from nexnum_console.core.money import to_micro_up
from nexnum_console.providers.errors import NotAdmitted
from tests.activations.test_reconcile import buy, drop, listing, settle, stray
from tests.activations.world import UNIT

FULL = 100 * UNIT
PRICE = 150_000


def test_one_pass_gives_back_a_few_orphans_and_the_next_one_the_others(world):
    stray(world)
    for _ in range(ORPHANS_A_PASS + 1):
        world.carrier()._sell("england", "tg")
    assert listing(world).strays == ORPHANS_A_PASS + 2
    world.clock.advance(60)
    assert drop(world) == ORPHANS_A_PASS
    assert drop(world) == 2
    assert world.carrier().live() == []


def test_a_number_sold_after_its_order_was_released_is_given_back(world):
    buy(world, "lose")
    settle(world)
    late = world.carrier()._sell("england", "tg")
    assert listing(world).strays == 1
    world.clock.advance(39)
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 0
    world.clock.advance(2)
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 1
    assert late.state == "cancelled"


def test_a_stray_is_spared_while_a_purchase_it_may_belong_to_is_open(world):
    stray(world)
    listing(world)
    world.clock.advance(60)
    world.carrier().listing_fails = True
    buy(world, "lose")
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 0
    world.carrier().listing_fails = False
    listing(world)


def test_an_orphan_that_earned_its_money_is_booked_as_a_cost(world):
    stray(world).codes.append("123456")
    listing(world)
    world.clock.advance(60)
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 1
    with world.desk.database.transaction() as unit:
        booked = unit.scalar(
            "select sum(e.amount) from entry e join account a on a.id = e.account_id"
            " where a.code = 'orphan_expense:alpha'"
        )
    assert booked == -100_000


def test_a_number_used_up_before_we_looked_costs_us_and_not_the_buyer(world):
    activation_id = buy(world, "sell_and_lose")
    number = world.carrier().numbers["alpha-1"]
    number.codes.append("123456")
    number.state = "finished"
    settle(world)
    assert world.row(activation_id)["state"] == "failed"
    assert world.balance() == (FULL, 0)
    world.clock.advance(60)
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 1
    with world.desk.database.transaction() as unit:
        assert unit.scalar("select state from sighting") == "lost"


def test_what_was_used_up_in_a_long_outage_is_ours_also_where_its_buyer_got_a_later_number(world):
    early = buy(world, "sell_and_lose")
    number = world.carrier().numbers["alpha-1"]
    number.codes.append("123456")
    number.state = "finished"
    world.clock.advance(70)
    late = buy(world, "sell_and_lose")
    tally = listing(world)
    assert (tally.adopted, tally.strays, tally.strangers) == (1, 1, 0)
    assert world.row(early)["upstream_id"] == "alpha-2"
    settle(world)
    assert world.row(late)["state"] == "failed"
    world.clock.advance(60)
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 1
    with world.desk.database.transaction() as unit:
        (kept,) = unit.all("select upstream_id, state from sighting")
    assert (kept["upstream_id"], kept["state"]) == ("alpha-1", "lost")


def test_what_was_used_up_after_its_purchase_was_given_up_is_ours(world):
    buy(world, "lose")
    settle(world)
    world.carrier()._sell("england", "tg").state = "finished"
    assert listing(world).strays == 1


def test_what_was_used_up_long_ago_is_history(world):
    buy(world, "lose")
    settle(world)
    world.carrier()._sell("england", "tg").state = "finished"
    world.clock.advance(7 * 3600)
    assert listing(world).strays == 0


def test_what_others_used_up_on_a_shared_account_is_theirs(make_world):
    world = make_world(exclusive=False)
    buy(world, "lose")
    settle(world)
    world.carrier()._sell("england", "tg").state = "finished"
    assert listing(world).strays == 0


def test_finished_numbers_of_other_times_are_not_ours_to_worry_about(world):
    old = world.carrier()._sell("england", "tg")
    old.state = "finished"
    world.clock.advance(3600)
    buy(world, "lose")
    assert listing(world).strays == 0
    settle(world)


def test_an_orphan_that_may_not_be_cancelled_yet_is_asked_again(world):
    found = stray(world)
    listing(world)
    world.clock.advance(60)
    carrier = world.desk.carriers.get(world.account())
    world.carrier().cancel_answer = "cancel_too_early"
    assert drop_orphans(world.desk, carrier) == 0
    world.carrier().cancel_answer = None
    world.clock.advance(70)
    assert drop_orphans(world.desk, carrier) == 1
    assert found.state == "cancelled"


def test_a_gate_that_lets_nothing_out_uses_up_no_try(world):
    """However long a breaker is open, nothing is written off that nobody was asked about."""
    bought = buy(world)
    (sold,) = world.carrier().live()
    now = world.desk.clock()
    with world.desk.database.transaction() as unit:
        give_back(unit, world.desk, bought, "expired", upstream="closing", now=now)
        unit.run("update activation set close_at = :now, close_tries = 39", now=now)
    carrier = world.desk.carriers.get(world.account())
    refused = NotAdmitted("provider_unavailable", "the breaker is open", retry_after=9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.carrier(), "cancel", Mock(side_effect=refused))
        for _ in range(3):
            close_due(world.desk, carrier)
            world.clock.advance(61)
    with world.desk.database.transaction() as unit:
        row = unit.first("select upstream, close_tries from activation")
    assert (row["upstream"], row["close_tries"]) == ("closing", 39)
    close_due(world.desk, carrier)
    assert sold.state == "cancelled"


def test_what_an_orphan_cost_is_what_the_listing_tells_and_not_what_was_agreed(world):
    """Its order's id was told, its number never: released, it is known at the agreed cost alone."""
    late = stray(world)
    listing(world)
    with world.desk.database.transaction() as unit:
        unit.run("update sighting set cost_micro = 190000 where upstream_id = :id", id=late.id)
    listing(world)
    with world.desk.database.transaction() as unit:
        told = unit.scalar("select cost_micro from sighting where upstream_id = :id", id=late.id)
    assert told == to_micro_up(world.carrier().cost)
