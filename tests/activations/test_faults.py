"""Faults of docs/faults.md that no other file plays, by their promise."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from bench.simulation.run import run_seed
from nexnum_console.activations import lanes
from nexnum_console.activations.attempts import Number, bind
from nexnum_console.activations.closing import drop_orphans
from nexnum_console.activations.polling import poll_lane
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.reconcile import reconcile, settle_lane
from nexnum_console.activations.settle import Sms, give_back, store_messages
from nexnum_console.api.errors import OUTAGES
from nexnum_console.catalogue.service import candidates
from nexnum_console.core.clock import SteadyClock
from nexnum_console.stack.layout import CHECKOUT
from tests.activations.world import START, UNIT
from tests.support.loops import finish

PRICE = 150_000
RACES = 12
# PostgreSQL is the only database.
UNPLAYED = {"F19"}


def _order(world, max_price: int | None = None) -> Order:
    return Order(world.user_id, "telegram", "GB", max_price=max_price)


def _alerts(world, kind: str) -> list[tuple[str, int, bool]]:
    """Subject, how often it was raised, whether it is open."""
    with world.desk.database.transaction() as unit:
        rows = unit.all("select * from alert where kind = :kind order by id", kind=kind)
    return [(row["subject"], row["times"], row["closed_at"] is None) for row in rows]


def _for_sale(world) -> list[str]:
    with world.desk.database.transaction() as unit:
        return [each.provider for each in candidates(unit, "telegram", "GB")]


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
    assert _for_sale(world) == ["beta"], "the offer is off the shelf until its price was read"
    assert _alerts(world, "price_jump") == [("alpha", 1, True)]


def test_a_provider_that_refuses_our_price_is_not_asked_again_until_its_list_was_read(world):
    world.carrier().mood = lambda: "max_price_too_low"
    for _ in range(2):
        assert world.row(purchase(world.desk, _order(world, max_price=200_000)))["phone"]
    assert world.carrier().calls == ["buy"]
    assert _for_sale(world) == ["beta"]
    assert _alerts(world, "price_jump") == [], "nobody lost anything"


def test_a_price_that_a_sync_has_read_meanwhile_stays_for_sale(world):
    def sync_first() -> str:
        with world.desk.database.transaction() as unit:
            unit.run("update offer set cost_micro = 190000 where external_service = 'tg'")
        return "max_price_too_low"

    world.carrier().mood = sync_first
    purchase(world.desk, _order(world, max_price=200_000))
    assert _for_sale(world) == ["alpha", "beta"]


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


def test_a_deadlock_ends_one_of_two_and_leaves_nothing_of_it(world):
    database, both = world.desk.database, threading.Barrier(2)

    def change(first: int, second: int) -> str:
        try:
            with database.transaction() as unit:
                for account, step in ((first, "one"), (second, "two")):
                    unit.run(
                        "update provider_account set label = label || :step where id = :id",
                        step=step,
                        id=account,
                    )
                    if step == "one":
                        both.wait(10)
        except OUTAGES as error:
            return type(error.__cause__).__name__
        return "done"

    accounts = sorted(world.carriers)
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(change, accounts, reversed(accounts)))
    assert sorted(told) == ["DeadlockDetected", "done"]
    with database.transaction() as unit:
        labels = set(unit.run("select label from provider_account").scalars())
    assert {label[-3:] for label in labels} == {"one", "two"}
    assert all(not label.endswith(("onetwo", "twoone")) for label in labels)


def test_after_a_backup_was_restored_every_account_is_listed_and_what_it_shows_is_told(world):
    world.carrier().buy("england", "tg")
    (forgotten,) = world.carrier().numbers.values()
    _list_what_is_due(world)
    assert _alerts(world, "stranger") == [(f"alpha account {world.account()}", 1, True)]
    world.clock.advance(100)
    drop_orphans(world.desk, world.desk.carriers.get(world.account()))
    assert forgotten.state == "waiting", "it may be anybody's: nobody gives it back"
    forgotten.state = "cancelled"
    world.clock.advance(lanes.RELIST_ALL.total_seconds())
    _list_what_is_due(world)
    assert _alerts(world, "stranger") == [(f"alpha account {world.account()}", 1, False)]


def test_every_account_is_listed_when_the_console_starts_and_once_a_day(world):
    database = world.desk.database
    assert _list_what_is_due(world) == sorted(world.carriers)
    assert _list_what_is_due(world) == []
    world.clock.advance(lanes.RELIST_ALL.total_seconds() + 1)
    assert _list_what_is_due(world) == sorted(world.carriers)
    lanes.list_anew(database)
    with database.transaction() as unit:
        unit.run("update provider_account set enabled = false where id = :id", id=world.account())
    assert _list_what_is_due(world) == [world.account("beta")]


def test_an_account_whose_listing_fails_rests_before_it_is_asked_again(world):
    world.carrier().listing_fails = world.carrier("beta").listing_fails = True
    world.carrier("beta").offers.discard("active")
    _list_what_is_due(world)
    assert _list_what_is_due(world) == []
    world.clock.advance(lanes.FAILED_REST.total_seconds() + 1)
    assert _list_what_is_due(world) == [world.account()], "who cannot list is not asked for it"


def _list_what_is_due(world) -> list[int]:
    """One look of the workers; returns the accounts that were listed."""
    desk = world.desk
    lanes.claim_for_queue(desk.database, desk.clock())
    found = sorted(lanes.due(desk.database, "settle", desk.clock()))
    for account_id in found:
        lane = lanes.take(desk.database, account_id, "settle", "test", desk.clock())
        settle_lane(desk, lane, lambda: True)
        lane.leave()
    return found


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


def test_no_number_expires_early_when_the_clock_jumps_ahead(world):
    wall = [timedelta()]
    steady = SteadyClock(lambda: world.clock() + wall[0], lambda: _seconds(world))
    desk = replace(world.desk, clock=steady)
    bought = purchase(desk, _order(world))
    wall[0] = timedelta(minutes=10)
    _poll(desk, world)
    assert world.row(bought)["state"] == "waiting"
    assert steady.ahead == wall[0]
    world.clock.advance(600)
    _poll(desk, world)
    assert world.row(bought)["state"] == "expired"


def _seconds(world) -> float:
    return (world.clock() - START).total_seconds()


def _poll(desk, world) -> None:
    lane = lanes.take(desk.database, world.account(), "poll", "test", desk.clock())
    more = iter([True])
    world.clock.advance(5)
    finish(poll_lane(desk, lane, lambda: next(more, False)))
    lane.leave()


def test_a_clock_that_jumps_ten_minutes_and_back_breaks_no_promise(fresh_urls):
    outcome = run_seed(fresh_urls.app, fresh_urls.owner, 7, 250)
    assert outcome.states


def test_every_test_that_the_table_of_faults_names_exists():
    table = (CHECKOUT / "docs" / "faults.md").read_text("utf-8")
    rows = {line.split("|")[1].strip(): line for line in table.splitlines() if line[:3] == "| F"}
    for fault, row in rows.items():
        path, named = "", 0
        for place, name in re.findall(r"`(\S+?\.py|…)(?:::(\w+))?`", row):
            path = path if place == "…" else place
            source = (CHECKOUT / "tests" / path).read_text("utf-8")
            assert not name or f"def {name}(" in source, f"{fault}: {path}::{name}"
            named += bool(name)
        assert named or fault in UNPLAYED, f"{fault} names no test"
    wanted = {f"F{number}" for number in (*range(1, 27), 30, 31)}
    assert {one for fault in rows for one in fault.split(", ")} == wanted
