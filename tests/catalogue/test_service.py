"""Who could sell a number now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexnum_console.catalogue.service import (
    candidates,
    countries_for_sale,
    offers,
    services_for_sale,
)
from nexnum_console.core.db import Database
from nexnum_console.providers import registry
from tests.catalogue.conftest import NOW, Listed, Price, Sync, add


@pytest.fixture
def shop(database: Database, run_sync: Sync) -> dict[str, tuple[int, int]]:
    """Two providers; the second is cheaper for WhatsApp in the United Kingdom."""
    ids = {"fivesim": add(database), "sms_activate": add(database, "sms_activate", priority=5)}
    run_sync(
        Listed(
            prices_=[
                Price("england", "whatsapp", "vodafone", "0.30", 3),
                Price("england", "whatsapp", "o2", "0.40", None),
                Price("england", "telegram", None, "0.10", 0),
                Price("germany", "whatsapp", None, "1.00", 50),
            ]
        )
    )
    run_sync(Listed(prices_=[Price("16", "wa", None, "0.20", 9)]), "sms_activate")
    return ids


Shop = dict[str, tuple[int, int]]


def _who(database: Database, **wishes: object) -> list[tuple[str, str, int]]:
    with database.transaction() as unit:
        found = candidates(unit, "whatsapp", "GB", **wishes)
    return [
        (one.provider, one.operator, one.price_micro)
        for one in found
        if one.paid_for and not one.starved and one.stock != 0
    ]


ALL = [
    ("sms_activate", "any", 300_000),
    ("fivesim", "vodafone", 450_000),
    ("fivesim", "o2", 600_000),
]


def test_cheapest_first_with_all_a_purchase_needs(database: Database, shop: Shop) -> None:
    assert _who(database) == ALL
    with database.transaction() as unit:
        first = candidates(unit, "whatsapp", "GB")[0]
    assert (first.external_country, first.external_service) == ("16", "wa")
    assert (first.provider_id, first.account_id) == shop["sms_activate"]
    assert (first.cost_micro, first.currency, first.rate) == (200_000, "USD", 1)
    assert (first.stock, first.priority, first.settle_seconds) == (9, 5, 150)


def test_an_operator_narrows_it(database: Database, shop: Shop) -> None:
    assert _who(database, operator="o2") == [ALL[2]]


@pytest.mark.parametrize(
    "change",
    [
        "update provider set enabled = false where name = 'sms_activate'",
        "update provider_account set enabled = false where id = :account",
        "update provider_account set balance_micro = 199999 where id = :account",
        "update provider_account set starved_until = now() + interval '1 hour' where id = :account",
        "update offer set stock = 0 where external_country = '16'",
        "update offer set available = false where external_country = '16'",
    ],
)
def test_who_cannot_sell_is_not_asked(database: Database, shop: Shop, change: str) -> None:
    with database.transaction() as unit:
        unit.run(change, **({"account": shop["sms_activate"][1]} if ":account" in change else {}))
    assert _who(database) == ALL[1:]


def test_a_balance_that_just_suffices_sells(database: Database, shop: Shop) -> None:
    with database.transaction() as unit:
        registry.note_balance(unit, shop["sms_activate"][1], 200_000, now=NOW)
    assert _who(database) == ALL


def test_starving_ends_by_itself_or_by_a_deposit(database: Database, shop: Shop) -> None:
    account = shop["sms_activate"][1]
    with database.transaction() as unit:
        registry.note_starved(unit, account, until=NOW + timedelta(minutes=5))
    assert len(_who(database, now=NOW)) == 2
    assert len(_who(database, now=NOW + timedelta(minutes=5))) == 3
    with database.transaction() as unit:
        registry.note_balance(unit, account, 10_000_000, now=NOW)
    assert len(_who(database, now=NOW)) == 3


def _rule(database: Database, kind: str, provider_id: int, service: str = "") -> None:
    with database.transaction() as unit:
        unit.run(
            "insert into routing_rule (provider_id, service, country, kind, reason, actor, at)"
            " values (:provider, :service, '', :kind, 'r', 'a', :now)"
            " on conflict (provider_id, service, country) do update set kind = excluded.kind",
            provider=provider_id,
            service=service,
            kind=kind,
            now=NOW,
        )


def _shown(database: Database) -> list[tuple[str, int]]:
    with database.transaction() as unit:
        found = offers(unit, sort="price", services=["whatsapp"], countries=["GB"])
        cheapest = services_for_sale(unit, country="GB").get("whatsapp")
    assert (found[0].price_micro if found else None) == (
        cheapest.price_from_micro if cheapest else None
    )
    return [(one.provider, one.price_micro) for one in found]


def test_a_banned_provider_is_not_on_display(database: Database, shop: Shop) -> None:
    _rule(database, "ban", shop["sms_activate"][0])
    assert _shown(database) == [("fivesim", 450_000), ("fivesim", 600_000)]
    # The narrowest rule holds.
    _rule(database, "pin", shop["sms_activate"][0], "whatsapp")
    assert _shown(database) == [("sms_activate", 300_000)]


def test_a_pin_hides_the_others_as_long_as_it_can_be_asked(database: Database, shop: Shop) -> None:
    provider, account = shop["fivesim"]
    _rule(database, "pin", provider)
    assert _shown(database) == [("fivesim", 450_000), ("fivesim", 600_000)]
    with database.transaction() as unit:
        unit.run("update provider_account set balance_micro = 0 where id = :id", id=account)
    assert _shown(database) == [("sms_activate", 300_000)]


def test_a_rule_that_has_ended_hides_nothing(database: Database, shop: Shop) -> None:
    _rule(database, "ban", shop["sms_activate"][0])
    with database.transaction() as unit:
        unit.run("update routing_rule set until = now() - interval '1 minute'")
    assert len(_shown(database)) == 3


def test_lists_for_the_store(database: Database, shop: Shop) -> None:
    with database.transaction() as unit:
        by_price = offers(unit, sort="price")
        by_stock = offers(unit, sort="stock", services=["whatsapp"])
        page_two = offers(unit, sort="price", limit=2, offset=2)
        services = services_for_sale(unit)
        countries = countries_for_sale(unit, service="whatsapp")
    assert [one.price_micro for one in by_price] == [300_000, 450_000, 600_000, 1_500_000]
    assert by_stock[0].country == "DE"
    assert page_two == by_price[2:]
    assert set(services) == {"whatsapp"}
    assert services["whatsapp"].price_from_micro == 300_000
    assert (countries["GB"].stock, countries["GB"].offers) == (12, 3)
