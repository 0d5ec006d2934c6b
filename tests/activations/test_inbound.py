"""What providers push: kept once, confirmed by a status call, safe whatever happens between."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from nexnum_console.activations import inbound, lanes
from nexnum_console.activations.attempts import Number, bind, fail
from nexnum_console.activations.inbound import Push, confirm_due, forget, take_push
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.settle import give_back
from nexnum_console.activations.sweep import sweep
from tests.activations.test_lifecycle import messages, poll
from tests.activations.world import START, UNIT, World

PRICE = 150_000
FULL = 100 * UNIT
CODE = "012345"


def buy(world: World, mood: str = "sell") -> int:
    world.carrier().mood = lambda: mood
    return purchase(world.desk, Order(world.user_id, "telegram", "GB"))


def push(world: World, *, key: str = "id:1", verified: str = "hmac", **event: str) -> str:
    told = {"event": "sms", "activation_id": "alpha-1", "code": CODE, "text": "", **event}
    kept = {name: value for name, value in told.items() if value}
    return take_push(world.desk, Push(world.account(), "", key, verified, kept, "{}"))


def delivered(world: World) -> list[dict[str, object]]:
    with world.desk.database.transaction() as unit:
        return [dict(row) for row in unit.all("select * from inbound_delivery order by id")]


def outcomes(world: World) -> list[str]:
    return [str(row["outcome"]) for row in delivered(world)]


def confirm(world: World) -> int:
    return confirm_due(world.desk, world.desk.carriers.get(world.account()))


def codes(world: World, activation_id: int) -> list[tuple[str, bool]]:
    return [(row["code"], row["late"]) for row in messages(world, activation_id)]


def test_a_pushed_code_is_shown_only_once_a_status_call_confirmed_it(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    assert push(world) == "checking"
    assert codes(world, activation_id) == []
    poll(world, seconds=0)
    assert codes(world, activation_id) == [(CODE, False)]
    assert world.row(activation_id)["state"] == "received"
    assert outcomes(world) == ["applied"]


def test_a_push_makes_its_number_due_at_once(world):
    activation_id = buy(world)
    assert world.row(activation_id)["next_at"] > world.clock()
    push(world)
    assert world.row(activation_id)["next_at"] <= world.clock()
    assert lanes.due(world.desk.database, "poll", world.clock()) == []
    lanes.claim_for_queue(world.desk.database, world.clock())
    assert lanes.due(world.desk.database, "poll", world.clock()) == [world.account()]


def test_a_forged_code_is_never_shown_and_ends_unconfirmed(world):
    activation_id = buy(world)
    push(world, code="666666")
    poll(world)
    for _ in range(inbound.CHECKS_MOST):
        world.clock.advance(400)
        assert confirm(world) == 1
    assert (codes(world, activation_id), outcomes(world)) == ([], ["unconfirmed"])
    assert world.row(activation_id)["sms_count"] == 0


def test_the_same_event_is_taken_once_however_often_it_comes(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    for _ in range(3):
        push(world)
    poll(world, seconds=0)
    assert push(world) == "applied"
    (row,) = delivered(world)
    assert (row["times"], row["outcome"]) == (4, "applied")
    assert codes(world, activation_id) == [(CODE, False)]


def test_the_same_event_pushed_at_once_by_many_is_taken_once(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    with ThreadPoolExecutor(8) as pool:
        told = [pool.submit(push, world) for _ in range(32)]
        asked = [pool.submit(poll_quietly, world) for _ in range(4)]
        assert {one.result() for one in told} <= {"checking", "applied"}
        for one in asked:
            one.result()
    poll(world)
    (row,) = delivered(world)
    assert (row["times"], row["outcome"]) == (32, "applied")
    assert codes(world, activation_id) == [(CODE, False)]
    assert world.row(activation_id)["sms_count"] == 1


def poll_quietly(world: World) -> None:
    """Confirm as a second worker does, at the same time."""
    world.clock.advance(11)
    confirm(world)


def test_another_event_with_a_known_sms_is_a_duplicate(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    poll(world)
    assert push(world, key="id:2") == "duplicate"
    assert codes(world, activation_id) == [(CODE, False)]


def test_events_out_of_order_end_the_same(world):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes += ["111111", "222222"]
    push(world, key="id:2", code="222222")
    push(world, key="id:1", code="111111")
    poll(world, seconds=0)
    assert outcomes(world) == ["applied", "applied"]
    assert [code for code, _ in codes(world, activation_id)] == ["111111", "222222"]
    assert world.row(activation_id)["code"] == "222222"


def test_an_event_before_our_own_purchase_commits_is_applied_once_it_does(world):
    activation_id = buy(world, "sell_and_lose")
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    assert push(world) == "waiting"
    sweep(world.desk)
    assert outcomes(world) == ["waiting"]
    with world.desk.database.transaction() as unit:
        attempt_id = unit.scalar("select id from attempt")
    sold = Number("alpha-1", world.carrier().numbers["alpha-1"].phone, 100_000, None, None)
    terms = world.desk.carriers.get(world.account()).terms
    assert bind(world.desk, attempt_id, sold, terms, world.clock())
    sweep(world.desk)
    assert outcomes(world) == ["checking"]
    poll(world, seconds=0)
    assert (codes(world, activation_id), outcomes(world)) == ([(CODE, False)], ["applied"])


def test_an_event_by_number_alone_finds_the_order_that_is_open(world):
    buy(world)
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    phone = world.carrier().numbers["alpha-1"].phone
    assert push(world, activation_id="", phone=phone) == "checking"


def test_an_event_of_nobodys_number_is_unknown_in_the_end_but_not_while_a_purchase_is(world):
    push(world, activation_id="nobody-has-it")
    activation_id = buy(world, "lose")
    world.clock.advance(inbound.WAIT.total_seconds() + 1)
    sweep(world.desk)
    assert outcomes(world) == ["waiting"]
    with world.desk.database.transaction() as unit:
        unit.run("update attempt set state = 'released'")
    assert fail(world.desk, activation_id, "not_sold", world.clock())
    sweep(world.desk)
    assert outcomes(world) == ["unknown"]
    assert push(world, activation_id="nobody-has-it") == "waiting"


def test_a_late_sms_is_kept_and_the_refund_stands(world):
    activation_id = buy(world)
    with world.desk.database.transaction() as unit:
        give_back(unit, world.desk, activation_id, "expired", upstream="closing", now=world.clock())
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    assert push(world) == "checking"
    assert confirm(world) == 1
    assert (codes(world, activation_id), outcomes(world)) == ([(CODE, True)], ["applied"])
    assert world.row(activation_id)["state"] == "expired"
    assert world.balance() == (FULL, 0)


def test_where_no_status_call_exists_only_a_proof_is_believed(world):
    activation_id = buy(world)
    world.carrier().offers.discard("status")
    assert push(world, key="id:1", verified="address") == "refused"
    assert codes(world, activation_id) == []
    assert push(world, key="id:2", verified="hmac") == "applied"
    assert codes(world, activation_id) == [(CODE, False)]


def test_a_status_that_fails_is_asked_again_later(world):
    activation_id = buy(world)
    push(world)
    world.carrier().status_answer = "provider_error"
    world.clock.advance(11)
    assert confirm(world) == 1
    assert confirm(world) == 0
    world.carrier().status_answer = None
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    world.clock.advance(11)
    assert confirm(world) == 1
    assert (codes(world, activation_id), outcomes(world)) == ([(CODE, False)], ["applied"])


def test_what_is_no_sms_changes_nothing(world):
    activation_id = buy(world)
    before = world.row(activation_id)
    assert push(world, event="ping", code="") == "ignored"
    assert world.row(activation_id) == before


_FALL = """
import os
import sys
from datetime import UTC, datetime
from nexnum_console.activations import inbound
from nexnum_console.activations.desk import Desk
from nexnum_console.core.db import Database

class Client:
    def supports(self, operation):
        return True

class Carriers:
    client = Client()
    def get(self, account_id):
        return self

class Silent:
    def publish(self, *args, **ids):
        pass

url, account, place = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if place == "inside":
    inbound._judge = lambda *args: os._exit(137)
desk = Desk(Database(url), Carriers(), Silent(), lambda: datetime(2026, 11, 1, 12, 1, tzinfo=UTC),
            10.0, "USD")
told = {"event": "sms", "activation_id": "alpha-1", "code": "012345"}
inbound.take_push(desk, inbound.Push(account, "", "id:1", "hmac", told, "{}"))
os._exit(137)
"""


@pytest.mark.parametrize(("place", "kept"), [("inside", []), ("after", ["checking"])])
def test_what_is_sent_again_after_a_crash_in_the_middle_is_taken_once(world, place, kept):
    activation_id = buy(world)
    world.carrier().numbers["alpha-1"].codes.append(CODE)
    fallen = subprocess.run(
        [sys.executable, "-c", _FALL, world.desk.database.url, str(world.account()), place],
        check=False,
    )
    assert fallen.returncode == 137
    assert outcomes(world) == kept
    world.clock.advance(120)
    push(world)
    poll(world, seconds=0)
    assert (codes(world, activation_id), outcomes(world)) == ([(CODE, False)], ["applied"])


def test_junk_does_not_fill_the_table_and_old_events_are_forgotten(world, monkeypatch):
    monkeypatch.setattr(inbound, "REFUSALS_KEPT", 3)
    for number in range(6):
        junk = Push(world.account(), "", f"refused:{number}", "", None, "x" * 20_000, "no proof")
        assert take_push(world.desk, junk) == "refused"
    kept = delivered(world)
    assert [row["event_key"] for row in kept] == ["refused:3", "refused:4", "refused:5"]
    assert {len(str(row["body"])) for row in kept} == {inbound.BODY_MOST}
    with world.desk.database.transaction() as unit:
        assert forget(unit, START + inbound.KEPT) == 0
        assert forget(unit, START + inbound.KEPT + timedelta(minutes=1)) == 3
