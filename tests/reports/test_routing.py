"""A purchase's choice in words, and other weights judged by what past orders came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from nexnum_console.activations import purchase
from nexnum_console.activations.learning import learn
from nexnum_console.activations.purchase import Order
from nexnum_console.activations.settle import Sms, give_back, store_messages
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.operations import routing_desk
from nexnum_console.reports.activation_story import story
from nexnum_console.reports.routing import SETTLED_AFTER, choice_story, simulate
from nexnum_console.routing import decisions, quotes
from nexnum_console.routing.replay import Estimate
from nexnum_console.routing.rulings import rules_held
from tests.activations.world import World, build

ACTOR = "operator:shell"


class Quiet:
    """Hears no event."""

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        return


QUIET = Quiet()


@pytest.fixture
def make_world(database: Database) -> Iterator[Callable[..., World]]:
    return lambda **options: build(database, **options)


def buy(world: World, max_price: int = 200_000) -> int:
    order = Order(world.user_id, "telegram", "GB", max_price=max_price)
    return purchase.purchase(world.desk, order)


def rule(world: World, kind, provider: str = "alpha", **scope: str) -> None:
    with world.desk.database.transaction() as unit:
        routing_desk.rule_provider(
            unit, QUIET, ACTOR, provider, kind, reason="bad week", now=world.clock(), **scope
        )


def test_the_choice_is_told_in_words(make_world):
    world = make_world(names=("alpha", "beta", "gamma"))
    rule(world, "ban", "beta", service="telegram")
    activation_id = buy(world)
    with world.desk.database.transaction() as unit:
        told = choice_story(unit, activation_id, "USD")
        whole = story(unit, activation_id)
    assert told.words.startswith("3 offers were looked at and 2 could be asked, ordered by price.")
    assert [(line.provider, line.words) for line in told.lines] == [
        ("alpha", "First in line."),
        ("gamma", "Number 2 in line: a higher price than the first."),
        ("beta", "Left out: an admin banned it for this."),
    ]
    assert whole.considered == told.lines
    assert "alpha was first in the plan and sold the number" in whole.choice


def test_the_narrowest_rule_holds_and_can_be_taken_back(make_world):
    world = make_world()
    rule(world, "ban")
    rule(world, "pin", service="telegram", country="GB")
    assert world.row(buy(world))["account_id"] == world.account("alpha")
    with world.desk.database.transaction() as unit:
        for scope in ({"service": "telegram", "country": "GB"}, {}):
            routing_desk.free_provider(unit, QUIET, ACTOR, "alpha", now=world.clock(), **scope)
        assert rules_held(unit) == []
        with pytest.raises(NotFound):
            routing_desk.free_provider(unit, QUIET, ACTOR, "alpha", now=world.clock())
        with pytest.raises(NotFound):
            routing_desk.rule_provider(
                unit, QUIET, ACTOR, "alpha", "ban", service="x", reason="y", now=world.clock()
            )
        audited = unit.run("select action from audit_entry order by id").scalars()
    assert audited == ["routing.rule", "routing.rule", "routing.free", "routing.free"]


def test_past_orders_judge_other_weights(make_world):
    world = make_world(strategy="best")
    for number in range(30):
        activation_id = buy(world)
        world.clock.advance(10)
        with world.desk.database.transaction() as unit:
            if number % 3:
                sms = [Sms(f"1234{number:02}", "code", "x")]
                store_messages(unit, world.desk, activation_id, sms, world.clock())
            else:
                now = world.clock() + timedelta(minutes=20)
                give_back(unit, world.desk, activation_id, "expired", upstream="refunded", now=now)
    world.clock.advance(60)
    learn(world.desk)

    def tried() -> Estimate | None:
        with world.desk.database.transaction() as unit:
            policy = routing_desk.policy_with(unit, {"failure_cost": "1", "exploration": "0.1"})
            return simulate(unit, policy, 100, world.clock())

    assert tried() is None, "what went well is known long before what did not"
    world.clock.advance(SETTLED_AFTER.total_seconds())
    learn(world.desk)
    found = tried()
    assert found is not None
    assert found.orders == 30
    assert found.delivered_was == pytest.approx(2 / 3)
    assert 33_000 <= found.profit_was <= 40_000
    assert found.profit_low <= found.profit <= found.profit_high


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"exploration": "0.9"}, InvalidInput), ({"luck": "1"}, NotFound)],
)
def test_weights_are_checked_before_they_are_tried(make_world, changes, error):
    world = make_world()
    with world.desk.database.transaction() as unit, pytest.raises(error):
        routing_desk.policy_with(unit, changes)


def test_what_is_too_old_is_forgotten_and_what_is_open_is_not(make_world):
    world = make_world()
    buy(world)
    later = world.clock() + timedelta(days=decisions.KEPT_DAYS + 1)
    with world.desk.database.transaction() as unit:
        assert decisions.sweep(unit, later) == 0
        unit.run("update decision set learned = 2")
        assert decisions.sweep(unit, later) == 1
        assert quotes.sweep(unit, later) == 0
