"""Staff force a breaker: stored, audited, obeyed at the next call, and left out of plans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import redis

from nexnum_console.accounts.errors import NotAllowed
from nexnum_console.activations.errors import NothingForSale, PriceChanged
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.bootstrap import open_gate_redis
from nexnum_console.catalogue.service import countries_for_sale, offers, services_for_sale
from nexnum_console.core.actor import Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.egress import EgressPolicy
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.operations.provider_desk import force_breaker
from nexnum_console.providers import registry
from nexnum_console.providers.carriers import StoredCarriers
from nexnum_console.providers.errors import NotAdmitted
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.health import health
from nexnum_console.providers.limiter import Limits
from nexnum_console.providers.script import AUTOMATIC, Call
from nexnum_console.reports import shelf as store
from nexnum_console.reports.prices import prices
from tests.activations.world import World, build
from tests.providers.conftest import CONFIGS

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ADMIN = Actor(1, "ada@example.org", "admin", frozenset({"providers.manage"}))
SUPPORT = Actor(2, "sue@example.org", "support", frozenset({"providers.view"}))
BOX = SecretBox("k" * 32)


@pytest.fixture
def gates(redis_client: redis.Redis, redis_url: str) -> Iterator[Gates]:
    made = Gates(open_gate_redis(redis_url))
    yield made
    made.close()


@pytest.fixture
def world(database: Database, gates: Gates) -> World:
    made = build(database)
    return replace(made, desk=replace(made.desk, shut=gates.shut))


def trip(gates: Gates, account_id: int) -> None:
    gate = gates.gate(account_id, "alpha", Limits(), AUTOMATIC)
    gate.enter(Call("balance", "read", 5.0, 1.0)).done("bad_key")
    assert gates.flush()


def order(world: World, **options: object) -> Order:
    return Order(world.user_id, "telegram", "GB", **options)


def test_a_plan_leaves_out_whoever_is_shut_before_money_is_held(world: World, gates: Gates) -> None:
    trip(gates, world.account("alpha"))
    bought = world.row(purchase(world.desk, order(world)))
    assert bought["account_id"] == world.account("beta")
    assert world.carrier("alpha").calls == []
    trip(gates, world.account("beta"))
    before = world.balance()
    with pytest.raises(NothingForSale, match="does not work at the moment"):
        purchase(world.desk, order(world))
    assert world.balance() == before
    with world.desk.database.transaction() as unit:
        assert unit.scalar("select count(*) from activation") == 1


def test_the_price_cap_is_kept_when_the_cheapest_is_shut(world: World, gates: Gates) -> None:
    trip(gates, world.account("alpha"))
    with pytest.raises(NothingForSale):
        purchase(world.desk, order(world, max_price=150_000))  # beta asks 160,000


def test_a_decision_is_stored_audited_and_obeyed(world: World, gates: Gates) -> None:
    database, account_id = world.desk.database, world.account("alpha")
    assert force_breaker(database, gates, ADMIN, account_id, "open", " they  cheat ", NOW)
    bought = world.row(purchase(world.desk, order(world)))
    assert bought["account_id"] == world.account("beta")
    with database.transaction() as unit:
        shown = {each.provider: each for each in health(unit, gates, NOW)}
        audited = unit.all("select action, actor, before, after, reason from audit_entry")
    alpha = shown["alpha"]
    assert (alpha.state, alpha.since, alpha.decided.reason, alpha.decided.actor) == (
        "open",
        NOW,
        "they cheat",
        "user:1",
    )
    assert shown["beta"].state == "closed"
    assert [tuple(row.values()) for row in audited] == [
        (
            "provider.breaker",
            "user:1",
            {"account": "main", "breaker": "auto"},
            {"account": "main", "breaker": "open"},
            "they cheat",
        )
    ]
    assert force_breaker(database, gates, ADMIN, account_id, "auto", "they are sorry", NOW)
    with database.transaction() as unit:
        assert health(unit, gates, NOW, "alpha")[0].state == "half"


@pytest.mark.parametrize("reason", ["", "  no ", "x" * 241, "a\x00bc"])
def test_a_decision_needs_a_reason(world: World, gates: Gates, reason: str) -> None:
    account_id = world.account("alpha")
    with pytest.raises(InvalidInput):
        force_breaker(world.desk.database, gates, ADMIN, account_id, "open", reason, NOW)
    assert gates.shut([account_id]) == {}


def test_who_may_not_and_what_is_not_there(world: World, gates: Gates) -> None:
    database, account_id = world.desk.database, world.account("alpha")
    with pytest.raises(NotAllowed):
        force_breaker(database, gates, SUPPORT, account_id, "open", "because", NOW)
    with pytest.raises(NotFound):
        force_breaker(database, gates, ADMIN, 999, "open", "because", NOW)
    with pytest.raises(InvalidInput):
        force_breaker(database, gates, ADMIN, account_id, "ajar", "because", NOW)
    with database.transaction() as unit:
        assert unit.scalar("select count(*) from breaker_force") == 0
        assert unit.scalar("select count(*) from audit_entry") == 0


def test_without_redis_the_stored_decision_still_holds(database: Database) -> None:
    """Processes read the account's row anew every 3 s, and the decision with it."""
    away, elsewhere = (Gates(open_gate_redis("redis://127.0.0.1:1/0")) for _ in range(2))
    config = json.loads((CONFIGS / "fivesim.json").read_text("utf-8"))
    with database.transaction() as unit:
        _, account_id = registry.add_provider(unit, BOX, config, secret="KEY")
    assert not force_breaker(database, elsewhere, ADMIN, account_id, "open", "because", NOW)
    carriers = StoredCarriers(database, BOX, EgressPolicy(), lambda *_: None, lambda: NOW, away)
    with pytest.raises(NotAdmitted, match="circuit breaker is open"):
        carriers.get(account_id).client.balance()
    with database.transaction() as unit:
        (shown,) = health(unit, away, NOW)
    assert (shown.state, shown.most, shown.at_once_most) == ("open", 50, 16)
    carriers.close()
    elsewhere.close()


def test_the_console_sees_counts_and_what_was_learned(world: World, gates: Gates) -> None:
    gate = gates.gate(world.account("alpha"), "alpha", Limits(), AUTOMATIC)
    for code in ("ok", "no_numbers", "ok", "rate_limited"):
        gate.enter(Call("balance", "read", 5.0, 1.0)).done(code, 30)
        gates.flush()
    with world.desk.database.transaction() as unit:
        shown = health(unit, gates, NOW, "alpha")[0]
    assert shown.counts == {"ok": 2, "no_numbers": 1, "rate_limited": 1}
    assert (shown.cap, shown.most, shown.per_seconds, shown.at_once_most) == (7.5, 10, 1.0, 8)
    assert 28 < shown.resting <= 30
    assert shown.state == "closed"


def shown(world: World) -> tuple[str, int]:
    """The price on display and the most that a click on it may cost."""
    with world.desk.database.transaction() as unit:
        shelf = store.shelf(
            unit,
            found=store.Found(),
            service="telegram",
            country="GB",
            available=0,
            currency="USD",
            now=NOW,
            shut=world.desk.shut_now(unit),
        )
    assert shelf.country is not None
    return shelf.country.price, shelf.offers[0].price_micro


def test_the_price_on_display_is_of_an_account_that_can_sell_now(
    world: World, gates: Gates
) -> None:
    assert shown(world) == ("$0.15", 150_000)
    trip(gates, world.account("alpha"))
    price, most = shown(world)
    assert (price, most) == ("$0.16", 160_000)
    with world.desk.database.transaction() as unit:
        shut = world.desk.shut_now(unit)
        (offer,) = offers(unit, shut=shut)
        sellable = services_for_sale(unit, shut=shut)["telegram"]
        places = countries_for_sale(unit, shut=shut)["GB"]
        (public,) = prices(unit, "USD", NOW, shut)
        assert store.coverage(unit, shut) == (1, 1, 1000)
    assert (offer.provider, offer.price_micro) == ("beta", 160_000)
    assert {sellable.price_from_micro, places.price_from_micro} == {160_000}
    assert public.price == "$0.16"
    bought = world.row(purchase(world.desk, order(world, max_price=most)))
    assert bought["charged"] == most


def test_a_price_that_went_away_is_refused_with_the_new_one_before_money_is_held(
    world: World, gates: Gates
) -> None:
    _, agreed = shown(world)
    trip(gates, world.account("alpha"))
    before = world.balance()
    with pytest.raises(PriceChanged, match=r"now 0\.16 USD\. Nothing was bought") as refused:
        purchase(world.desk, order(world, max_price=agreed))
    assert refused.value.details == {"cheapest": "0.16"}
    assert world.balance() == before
    _, new = shown(world)
    bought = world.row(purchase(world.desk, order(world, max_price=new)))
    assert (bought["charged"], bought["account_id"]) == (160_000, world.account("beta"))


def test_what_nobody_can_sell_now_is_not_on_display(world: World, gates: Gates) -> None:
    for name in ("alpha", "beta"):
        trip(gates, world.account(name))
    with world.desk.database.transaction() as unit:
        shut = world.desk.shut_now(unit)
        assert (offers(unit, shut=shut), prices(unit, "USD", NOW, shut)) == ([], [])


def test_a_price_that_our_balance_there_cannot_pay_is_not_on_display(world: World) -> None:
    with world.desk.database.transaction() as unit:
        unit.run(
            "update provider_account set balance_micro = 99999 where id = :id",
            id=world.account("alpha"),
        )
    assert shown(world) == ("$0.16", 160_000)
