"""A quote is honoured for a minute, by its user, once, and never above its price."""

from __future__ import annotations

import pytest

from nexnum_console.activations.errors import NothingForSale, PriceChanged
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.quoting import give_quote
from nexnum_console.providers.results import Bought
from nexnum_console.routing.choose import Wanted
from nexnum_console.routing.errors import QuoteExpired, QuoteNotFound, QuoteUsed

WANTED = Wanted("telegram", "GB", max_price=200_000)


def quoted(world, wanted=WANTED) -> str:
    return give_quote(world.desk, world.user_id, wanted).held.id


def buy(world, quote: str, user_id: int | None = None) -> int:
    return purchase(world.desk, Order(user_id or world.user_id, "", "", quote=quote))


def orders(world) -> int:
    with world.desk.database.transaction() as unit:
        return unit.scalar("select count(*) from activation")


def reprice(world, name: str, price: int, cost: int = 100_000) -> None:
    with world.desk.database.transaction() as unit:
        unit.run(
            "update offer set price_micro = :price, cost_micro = :cost where provider_id ="
            " (select id from provider where name = :name)",
            price=price,
            cost=cost,
            name=name,
        )


def test_a_purchase_carries_out_its_quote_and_keeps_the_choice(world):
    row = world.row(buy(world, quoted(world)))
    assert (row["state"], row["charged"], row["price_cap"]) == ("waiting", 150_000, 160_000)
    with world.desk.database.transaction() as unit:
        kept = unit.first("select considered, strategy from decision")
        used = unit.scalar("select activation_id from quote")
    assert [each["provider"] for each in kept["considered"]] == ["alpha", "beta"]
    assert used == row["id"]


def test_ids_cannot_be_guessed_from_one_another(world):
    ids = {quoted(world) for _ in range(20)}
    assert len(ids) == 20
    assert {len(each) for each in ids} == {24}


def test_an_expired_quote_buys_nothing(world):
    quote = quoted(world)
    world.clock.advance(61)
    with pytest.raises(QuoteExpired):
        buy(world, quote)
    assert orders(world) == 0


def test_a_foreign_or_unknown_quote_buys_nothing_and_looks_alike(world):
    with world.desk.database.transaction() as unit:
        other = unit.scalar(
            "insert into app_user (email, password_hash) values ('b@example.org', 'x') returning id"
        )
    quote, said = quoted(world), []
    for id_, user in ((quote, other), ("no-such-quote", world.user_id)):
        with pytest.raises(QuoteNotFound) as refused:
            buy(world, id_, user)
        said.append(refused.value.message)
    assert said[0] == said[1]
    assert orders(world) == 0


def test_a_quote_is_used_once(world):
    quote = quoted(world)
    first = buy(world, quote)
    with pytest.raises(QuoteUsed) as refused:
        buy(world, quote)
    assert refused.value.details == {"activation_id": first}
    assert orders(world) == 1


def test_a_price_that_rose_meanwhile_is_not_charged_and_the_quoted_cost_goes_upstream(world):
    quote = quoted(world, Wanted("telegram", "GB", provider="alpha"))
    reprice(world, "alpha", 290_000, cost=190_000)
    asked = heard_caps(world)
    row = world.row(buy(world, quote))
    assert row["charged"] == 150_000
    assert asked == ["0.10"]


def test_a_price_that_fell_meanwhile_is_what_is_charged(world):
    quote = quoted(world)
    reprice(world, "alpha", 120_000, cost=80_000)
    assert world.row(buy(world, quote))["charged"] == 120_000


def test_stock_is_checked_again(world):
    quote = quoted(world)
    with world.desk.database.transaction() as unit:
        unit.run("update offer set stock = 0")
    with pytest.raises(NothingForSale):
        buy(world, quote)
    with world.desk.database.transaction() as unit:
        unit.run("update offer set stock = 5")
    assert world.row(buy(world, quote))["state"] == "waiting"


# The reference's money faults 14 to 16 (docs/routing.md), each as our promise.


def heard_caps(world) -> list[str]:
    """The caps that carriers are told from here on."""
    caps: list[str] = []
    for carrier in world.carriers.values():

        def buy(country: str, service: str, _real=carrier.buy, **options: str | None) -> Bought:
            caps.append(options["max_price"])
            return _real(country, service, **options)

        carrier.buy = buy
    return caps


def test_fault_14_a_known_no_is_told_apart_and_learned_as_supply(world):
    world.carrier().mood = lambda: "no_numbers"
    activation_id = buy(world, quoted(world))
    with world.desk.database.transaction() as unit:
        calls = unit.all("select state, error_code from attempt order by number")
    assert [(c["state"], c["error_code"]) for c in calls] == [
        ("declined", "no_numbers"),
        ("acquired", None),
    ]
    assert world.row(activation_id)["charged"] == 160_000


@pytest.mark.parametrize("provider", [None, "alpha"])
def test_fault_15_the_cap_goes_upstream_in_the_providers_currency(world, provider):
    with world.desk.database.transaction() as unit:
        unit.run("insert into currency_rate (currency, rate) values ('RUB', 0.01)")
        unit.run("update provider set currency = 'RUB' where name = 'alpha'")
        unit.run(
            "update offer set cost_micro = 10000000 where provider_id ="
            " (select id from provider where name = 'alpha')"
        )
    asked = heard_caps(world)
    purchase(
        world.desk,
        Order(world.user_id, "telegram", "GB", max_price=150_000, provider=provider),
    )
    assert asked == ["10.00"]


def test_fault_16_the_buyer_pays_the_offer_that_sold_and_never_more_than_the_cap(world):
    world.carrier().mood = lambda: "no_numbers"
    before = world.balance()[0]
    row = world.row(buy(world, quoted(world)))
    assert row["charged"] == 160_000 <= row["price_cap"]
    assert before - world.balance()[0] == 160_000
    with world.desk.database.transaction() as unit:
        assert unit.scalar("select cost_micro from activation") == 100_000


def test_a_quote_for_more_than_the_buyer_said_buys_nothing(world):
    quote = quoted(world)
    for most in (100_000, 159_999):
        with pytest.raises(PriceChanged, match="nothing was bought") as refused:
            purchase(world.desk, Order(world.user_id, "", "", quote=quote, max_price=most))
        assert refused.value.details["cheapest"] == "0.16"
    assert orders(world) == 0
    row = world.row(
        purchase(world.desk, Order(world.user_id, "", "", quote=quote, max_price=160_000))
    )
    assert (row["state"], row["price_cap"]) == ("waiting", 160_000)
