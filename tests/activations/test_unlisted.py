"""A provider without a list of live numbers: what a lost answer sold there a person must tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexnum_console.activations import lanes, reconcile
from nexnum_console.activations.attempts import Number, bind
from nexnum_console.activations.errors import NotResolvable
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.resolving import Question, hurry, resolve
from nexnum_console.activations.unlisted import ALERT
from nexnum_console.notifications import alerts
from nexnum_console.operations.verify import verify
from nexnum_console.providers.client import ProviderClient
from nexnum_console.providers.errors import ProviderError
from nexnum_console.reports.activation_story import story
from nexnum_console.reports.holds_list import HOLDS
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import read_page
from nexnum_console.reports.questions_list import QUESTIONS
from tests.activations.test_faults import _alerts
from tests.activations.world import UNIT, World
from tests.providers.conftest import shipped

FULL = 100 * UNIT
PRICE = 150_000


@pytest.fixture
def world(make_world) -> World:
    made = make_world()
    carrier = made.carrier()
    carrier.offers.discard("active")

    def refuse() -> list[object]:
        carrier.calls.append("active")
        raise ProviderError("bad_request", "the config has no “active”")

    carrier.active = refuse
    return made


def buy(world: World, mood: str = "lose") -> int:
    world.carrier().mood = lambda: mood
    return purchase(world.desk, Order(world.user_id, "telegram", "GB", provider="alpha"))


def due(world: World) -> bool:
    lanes.claim_for_queue(world.desk.database, world.clock())
    return world.account() in lanes.due(world.desk.database, "settle", world.clock())


def work(world: World) -> None:
    """As a worker that finds the lane due; it must leave it by itself."""
    lane = lanes.take(world.desk.database, world.account(), "settle", "test", world.clock())
    assert lane is not None
    rounds = iter([True] * 10)  # two passes of a listing and three more parts, each looked at
    reconcile.settle_lane(world.desk, lane, lambda: next(rounds, False))
    lane.leave()


def attempt(world: World) -> int:
    with world.desk.database.transaction() as unit:
        return int(unit.scalar("select max(id) from attempt"))


def broken(world: World) -> list[str]:
    report = verify(world.desk.database, world.clock())
    return [result.name for result in report.results if result.breaks]


def test_its_lane_is_worked_once_and_not_in_a_loop(world, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(reconcile.time, "sleep", slept.append)
    bought = buy(world)
    assert due(world)
    work(world)
    assert not due(world)
    assert slept == []
    assert "active" not in world.carrier().calls, "what cannot be asked is not asked"
    for _ in range(3):
        world.clock.advance(lanes.RELIST.total_seconds() + 1)
        assert due(world), "now and then, as any account with failed purchases"
        work(world)
        assert not due(world)
    assert world.row(bought)["state"] == "confirming"
    assert world.balance() == (FULL - PRICE, PRICE)


def test_staff_are_told_at_once_by_order_and_provider_and_again_each_day(world):
    bought = buy(world)
    work(world)
    subject = f"alpha: activation {bought}"
    assert _alerts(world, ALERT) == [(subject, 1, True)]
    world.clock.advance(60)
    work(world)
    assert _alerts(world, ALERT) == [(subject, 1, True)]
    with world.desk.database.transaction() as unit:
        text = unit.scalar("select text from alert where kind = :kind", kind=ALERT)
        alerts.close(unit, [unit.scalar("select id from alert")], world.clock())
    assert f"unknown:{attempt(world)}" in text
    assert "alpha" in text
    world.clock.advance(lanes.RELIST_ALL.total_seconds())
    work(world)
    assert _alerts(world, ALERT)[-1] == (subject, 1, True), "what goes on is told anew"


def test_no_time_and_no_listing_releases_it_a_person_does_and_the_alert_closes(world):
    bought = buy(world)
    question = Question("unknown", attempt(world))
    work(world)
    with (
        pytest.raises(NotResolvable, match="may still turn up"),
        world.desk.database.transaction() as unit,
    ):
        resolve(unit, world.desk, question, "unsold", world.clock())
    world.clock.advance(3600)
    work(world)
    assert world.row(bought)["state"] == "confirming"
    with world.desk.database.transaction() as unit:
        resolve(unit, world.desk, question, "unsold", world.clock())
    assert world.row(bought)["state"] == "failed"
    assert world.balance() == (FULL, 0)
    assert _alerts(world, ALERT) == [(f"alpha: activation {bought}", 1, False)]


def test_an_answer_that_comes_late_binds_its_number_and_closes_the_alert(world):
    bought = buy(world)
    work(world)
    terms = world.desk.carriers.get(world.account()).terms
    late = Number("alpha-9", "+447700900009", 100_000, None, None)
    assert bind(world.desk, attempt(world), late, terms, world.clock())
    assert world.row(bought)["state"] == "waiting"
    assert _alerts(world, ALERT) == [(f"alpha: activation {bought}", 1, False)]


def test_where_the_provider_gets_a_list_it_settles_as_any_other(world):
    bought = buy(world, "sell_and_lose")
    work(world)
    carrier = world.carrier()
    carrier.offers.add("active")
    del carrier.active
    world.clock.advance(lanes.RELIST.total_seconds() + 1)
    assert due(world)
    work(world)
    assert world.row(bought)["upstream_id"] == "alpha-1"
    assert _alerts(world, ALERT) == [(f"alpha: activation {bought}", 1, False)]


def test_its_hold_is_no_break_of_the_ledger_until_days_have_passed(world):
    buy(world)
    work(world)
    world.clock.advance(timedelta(days=2).total_seconds())
    assert broken(world) == []
    world.clock.advance(timedelta(days=1, minutes=1).total_seconds())
    assert broken(world) == ["I7"]
    with world.desk.database.transaction() as unit:
        resolve(unit, world.desk, Question("unknown", attempt(world)), "unsold", world.clock())


def test_any_other_hold_is_one_when_an_hour_old(make_world):
    world = make_world()
    bought = buy(world)
    world.clock.advance(3601)
    assert broken(world) == ["I7"]
    for _ in range(2):
        reconcile.reconcile(world.desk, world.desk.carriers.get(world.account()))
    assert world.row(bought)["state"] == "failed"


def test_the_console_says_that_a_person_has_to_look(world):
    bought = buy(world)
    work(world)
    with world.desk.database.transaction() as unit:
        titles = [step.title for step in story(unit, bought).steps]
        page = read_page(unit, QUESTIONS, parse(QUESTIONS, {}), 0)
        (held,) = read_page(unit, HOLDS, parse(HOLDS, {}), 0).rows
    assert "alpha has no list that could tell" in titles
    assert "Nobody but a person" in str(held.cells["why"]["sub"])
    (row,) = page.rows
    assert row.cells["next"]["text"] == "Look at the provider's site"
    assert row.cells["seen"]["text"] == "The provider lists nothing"


@pytest.mark.parametrize("name", ["daisysms", "smsman", "smspva_v1", "vaksms"])
def test_these_shipped_providers_have_no_list(name: str) -> None:
    client = ProviderClient.__new__(ProviderClient)
    client.compiled = shipped(name)
    assert client.supports("buy")
    assert not client.supports("active")


def test_no_worker_is_sent_to_look_where_there_is_no_list(world):
    buy(world)
    question = Question("unknown", attempt(world))
    with world.desk.database.transaction() as unit:
        assert hurry(unit, [question], world.clock()) == 1, "not known to be without one yet"
    work(world)
    with world.desk.database.transaction() as unit:
        assert hurry(unit, [question], world.clock()) == 0
