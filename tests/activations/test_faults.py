"""Faults of docs/faults.md that no other file plays, by their promise."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from bench.simulation.run import run_seed
from nexnum_console.activations.attempts import Number, bind
from nexnum_console.activations.closing import drop_orphans
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.reconcile import reconcile
from nexnum_console.activations.settle import Sms, give_back, store_messages
from tests.activations.world import UNIT

PRICE = 150_000
RACES = 12


def _order(world) -> Order:
    return Order(world.user_id, "telegram", "GB")


def test_a_price_that_jumps_between_quote_and_purchase_costs_the_buyer_nothing_more(world):
    world.carrier().cost = "0.19"
    bought = world.row(purchase(world.desk, _order(world)))
    assert (bought["charged"], bought["price_cap"]) == (PRICE, PRICE)
    assert bought["cost_micro"] == 190_000
    assert world.balance() == (100 * UNIT - PRICE, 0)
    with world.desk.database.transaction() as unit:
        told = unit.scalar(
            "select detail from activation_event where activation_id = :id"
            " and kind = 'cost_above_quote'",
            id=bought["id"],
        )
    assert told == {"cost": 190_000, "quoted": 100_000}


def test_a_code_in_the_instant_of_expiry_is_delivered_or_refunded_and_never_both(world):
    outcomes = set()
    for number in range(RACES):
        bought = purchase(world.desk, _order(world))
        gate = threading.Barrier(2)

        def sms(bought=bought, number=number, gate=gate) -> None:
            gate.wait()
            with world.desk.database.transaction() as unit:
                found = [Sms(f"{number:06d}", "", "")]
                store_messages(unit, world.desk, bought, found, world.clock())

        def expire(bought=bought, gate=gate) -> None:
            gate.wait()
            with world.desk.database.transaction() as unit:
                give_back(
                    unit, world.desk, bought, "expired", upstream="closing", now=world.clock()
                )

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(sms), pool.submit(expire)]:
                done.result()
        row = world.row(bought)
        with world.desk.database.transaction() as unit:
            late = unit.scalar("select late from message where activation_id = :id", id=bought)
            refunds = unit.scalar(
                "select count(*) from journal where ref = :ref and kind = 'refund'",
                ref=f"activation:{bought}",
            )
        outcomes.add((row["state"], late, refunds))
    assert outcomes <= {("received", False, 0), ("expired", True, 1)}


def test_after_a_backup_was_restored_what_the_carrier_lists_is_an_orphan_and_not_lost(world):
    world.carrier().buy("england", "tg")
    (forgotten,) = world.carrier().numbers.values()
    carrier = world.desk.carriers.get(world.account())
    reconcile(world.desk, carrier)
    with world.desk.database.transaction() as unit:
        assert unit.scalar("select state from sighting where upstream_id = :id", id=forgotten.id)
    world.clock.advance(carrier.terms.settle_seconds + 11)
    drop_orphans(world.desk, carrier)
    assert forgotten.state == "cancelled"


def test_a_late_answer_that_tells_no_cost_leaves_a_stray_of_the_agreed_cost(world):
    world.carrier().mood = lambda: "lose"
    bought = purchase(world.desk, _order(world))
    carrier = world.desk.carriers.get(world.account())
    world.clock.advance(carrier.terms.settle_seconds + 1)
    reconcile(world.desk, carrier)
    reconcile(world.desk, carrier)
    assert world.row(bought)["state"] == "failed"
    late = Number("alpha-1", "+447700900001", None, None, None)
    with world.desk.database.transaction() as unit:
        attempt = unit.scalar("select id from attempt where activation_id = :id", id=bought)
    assert not bind(world.desk, attempt, late, carrier.terms, world.clock())
    with world.desk.database.transaction() as unit:
        cost = unit.scalar("select cost_micro from sighting where upstream_id = 'alpha-1'")
    assert cost == 100_000


def test_a_clock_that_jumps_ten_minutes_and_back_breaks_no_promise(fresh_urls):
    outcome = run_seed(fresh_urls.app, 7, 250)
    assert outcome.states
