"""What an admin does about routing: saved as it was looked at, for as long as it was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from nexnum_console.activations import purchase
from nexnum_console.activations.purchase import Order
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.runtime_settings import stored_rules
from nexnum_console.operations import routing_desk
from nexnum_console.routing.errors import PolicyChanged
from nexnum_console.routing.policy import Policy, policy_of
from nexnum_console.routing.rulings import rules_held
from tests.activations.world import World, build

ACTOR = "operator:shell"


class Heard:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        self.topics.append(topic)


@pytest.fixture
def make_world(database: Database) -> Iterator[Callable[..., World]]:
    return lambda **options: build(database, **options)


def held(world: World) -> Policy:
    with world.desk.database.transaction() as unit:
        return policy_of(stored_rules(unit))


def save(world: World, heard: Heard, version: str, **weights: str) -> routing_desk.Saved:
    with world.desk.database.transaction() as unit:
        return routing_desk.set_policy(
            unit,
            heard,
            ACTOR,
            weights,
            version=version,
            reason="codes fail",
            now=world.clock(),
        )


def test_weights_are_saved_together_and_told_once(make_world):
    world, heard = make_world(), Heard()
    before = held(world)
    saved = save(
        world, heard, before.version, failure_cost="0.20", price_weight="0.50", canary="0.1"
    )
    assert saved.changed == ("failure_cost", "canary")  # 0.50 is 0.5
    assert held(world) == saved.policy
    assert saved.policy.failure_cost == 200_000
    with world.desk.database.transaction() as unit:
        entries = unit.all("select action, before, after, reason from audit_entry")
    assert [(e["action"], e["before"], e["after"], e["reason"]) for e in entries] == [
        (
            "routing.policy",
            {"failure_cost": 50_000, "canary": "0.05"},
            {"failure_cost": 200_000, "canary": "0.1"},
            "codes fail",
        )
    ]
    assert heard.topics == ["routing"]


def test_weights_made_from_another_policy_are_not_saved(make_world):
    world, heard = make_world(), Heard()
    seen = held(world).version
    save(world, heard, seen, failure_cost="0.20")
    with pytest.raises(PolicyChanged):
        save(world, heard, seen, failure_cost="0.90")
    assert held(world).failure_cost == 200_000


@pytest.mark.parametrize(
    ("weights", "error"), [({"exploration": "0.9"}, InvalidInput), ({"luck": "1"}, NotFound)]
)
def test_one_weight_that_cannot_hold_saves_none(make_world, weights, error):
    world, heard = make_world(), Heard()
    before = held(world)
    with pytest.raises(error):
        save(world, heard, before.version, failure_cost="0.20", **weights)
    assert held(world) == before
    assert heard.topics == []


def test_a_ban_ends_by_itself_and_stays_to_be_seen(make_world):
    world = make_world(names=("alpha", "beta"))
    with world.desk.database.transaction() as unit:
        routing_desk.rule_provider(
            unit, Heard(), ACTOR, "alpha", "ban", reason="outage", hours=2, now=world.clock()
        )
    first = purchase.purchase(world.desk, Order(world.user_id, "telegram", "GB", max_price=200_000))
    assert world.row(first)["account_id"] == world.account("beta")
    later = world.clock() + timedelta(hours=3)
    with world.desk.database.transaction() as unit:
        (rule,) = rules_held(unit)
    assert rule.holds(world.clock())
    assert not rule.holds(later)


def test_a_rule_of_no_length_is_refused(make_world):
    world = make_world()
    with world.desk.database.transaction() as unit, pytest.raises(InvalidInput):
        routing_desk.rule_provider(
            unit, Heard(), ACTOR, "alpha", "ban", reason="x", hours=-1, now=world.clock()
        )
