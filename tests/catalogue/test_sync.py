"""A sync stores all of a list or nothing."""

from __future__ import annotations

import pytest

from nexnum_console.catalogue import rates, stale, sync
from nexnum_console.catalogue.errors import ListingShrank, ListingUnreadable, RateMissing
from nexnum_console.catalogue.staging import reprice
from nexnum_console.core import job_runs
from nexnum_console.core.db import Database
from nexnum_console.core.job_runs import AlreadyRunning
from nexnum_console.providers import registry
from nexnum_console.providers.client import ProviderClient
from nexnum_console.providers.errors import ProviderError
from tests.catalogue.conftest import NOW, Listed, Price, Sync, add
from tests.providers.making import Script, provider

COUNTRIES = ["england", "germany", "france", "brazil", "india", "usa"]
SERVICES = ["whatsapp", "telegram", "google", "facebook", "viber"]


def _full() -> Listed:
    return Listed(
        prices_=[Price(c, s, "any", "0.20", 10) for c in COUNTRIES for s in SERVICES],
    )


def _offers(database: Database) -> list[dict[str, object]]:
    with database.transaction() as unit:
        rows = unit.all(
            "select country, service, operator, cost_micro, price_micro, stock, available"
            " from offer order by country, service, operator"
        )
    return [dict(row) for row in rows]


def _available(database: Database) -> int:
    return sum(bool(row["available"]) for row in _offers(database))


def _run(database: Database) -> job_runs.Run:
    with database.transaction() as unit:
        run = job_runs.latest(unit, sync.KIND, "fivesim")
    assert run is not None
    return run


def test_offers_are_priced_with_margin_and_rate(database: Database, run_sync: Sync) -> None:
    add(database, currency="EUR", margin="1.3")
    with database.transaction() as unit:
        rates.set_rate(unit, "EUR", "1.1", wallet_currency="USD", now=NOW)
    report = run_sync(Listed(prices_=[Price("england", "whatsapp", "vodafone", "0.333", 7)]))
    assert (report.offers, report.changed, report.gone) == (1, 1, 0)
    assert _offers(database) == [
        {
            "country": "GB",
            "service": "whatsapp",
            "operator": "vodafone",
            "cost_micro": 333_000,
            "price_micro": 480_000,
            "stock": 7,
            "available": True,
        }
    ]
    run = _run(database)
    assert (run.state, run.done, run.total) == ("done", 5, 5)
    assert run.result is not None
    assert run.result["offers"] == 1


def test_lists_that_stand_in_the_config_fill_the_catalogue(
    database: Database, run_sync: Sync
) -> None:
    add(database, name="printed")
    lists = {
        "countries": [{"id": "england"}, {"id": "usa"}],
        "services": [{"code": ["whatsapp", "telegram"]}],
        "prices": [{"country": "usa", "service": "telegram", "price": "0.9"}, {"price": "0.50"}],
    }
    mappings = {name: {"type": "fixed", "rows": rows} for name, rows in lists.items()}
    source = ProviderClient(provider({}, mappings), "K", Script())
    run_sync(source, provider="printed")
    assert [(row["country"], row["service"], row["cost_micro"]) for row in _offers(database)] == [
        ("GB", "telegram", 500_000),
        ("GB", "whatsapp", 500_000),
        ("US", "telegram", 900_000),
        ("US", "whatsapp", 500_000),
    ]


def test_what_cannot_be_used_is_counted_and_the_rest_stored(
    database: Database, run_sync: Sync
) -> None:
    add(database)
    report = run_sync(
        Listed(
            prices_=[
                Price("england", "whatsapp", None, "0.2", None),
                Price("england", "whatsapp", None, "0.1", 0),
                Price("england", "whatsapp", None, "0.3", 4),
                Price("atlantis", "whatsapp", None, "0.2", 1),
                Price("england", "telegram", None, "0", 1),
                Price("england", "telegram", None, "-1", 1),
                Price("england", "telegram", None, "junk", 1),
                Price("england", "telegram", None, "9" * 40, 1),
                Price(None, "telegram", None, "1", 1),
                Price("england", "q" * 65, None, "1", 1),
            ]
        )
    )
    assert report.skipped == {
        "a better price for the same thing": 2,
        "unknown country": 1,
        "no usable price": 4,
        "incomplete": 1,
        "unreadable": 1,
    }
    assert report.unknown_countries == ["atlantis"]
    (offer,) = _offers(database)
    assert (offer["cost_micro"], offer["stock"], offer["operator"]) == (200_000, None, "any")


def test_what_is_no_longer_listed_is_no_longer_sold(database: Database, run_sync: Sync) -> None:
    add(database)
    source = _full()
    run_sync(source)
    source.prices_ = source.prices_[:20]
    report = run_sync(source)
    assert (report.changed, report.gone) == (0, 10)
    assert _available(database) == 20
    assert run_sync(_full()).changed == 10
    assert _available(database) == 30


@pytest.mark.parametrize("kept", [0, 1, 14])
def test_a_list_that_lost_more_than_half_does_not_empty_the_shop(
    database: Database, run_sync: Sync, kept: int
) -> None:
    add(database)
    source = _full()
    run_sync(source)
    source.prices_ = source.prices_[:kept]
    with pytest.raises(ListingShrank):
        run_sync(source)
    assert _available(database) == 30
    assert _run(database).state == "failed"
    assert f"listed {kept} usable offers" in str(_run(database).error)
    assert run_sync(source, force=True).gone == 30 - kept


def test_half_is_enough(database: Database, run_sync: Sync) -> None:
    add(database)
    source = _full()
    run_sync(source)
    source.prices_ = source.prices_[:15]
    assert run_sync(source).gone == 15


def test_a_list_of_unreadable_rows_counts_as_empty(database: Database, run_sync: Sync) -> None:
    add(database)
    source = _full()
    run_sync(source)
    source.prices_ = [row._replace(price="?") for row in source.prices_]
    with pytest.raises(ListingShrank):
        run_sync(source)
    assert _available(database) == 30


def test_a_provider_that_fails_changes_nothing(database: Database, run_sync: Sync) -> None:
    add(database)
    run_sync(_full())
    with pytest.raises(ListingUnreadable):
        run_sync(Listed(fault=ProviderError("provider_unavailable", "an HTML page came")))
    assert _available(database) == 30
    assert _run(database).error == "fivesim could not be read: an HTML page came"


def test_a_first_empty_list_is_a_failure_too(database: Database, run_sync: Sync) -> None:
    add(database)
    with pytest.raises(ListingShrank):
        run_sync(Listed())


def test_without_a_rate_nothing_is_sold_and_the_reason_says_so(
    database: Database, run_sync: Sync
) -> None:
    add(database, currency="RUB")
    with database.transaction() as unit:
        rates.set_rate(unit, "RUB", "0.0125", wallet_currency="USD", now=NOW)
    run_sync(_full())
    with database.transaction() as unit:
        unit.run("delete from currency_rate where currency = 'RUB'")
    with pytest.raises(RateMissing, match="no rate for RUB"):
        run_sync(_full())
    assert _available(database) == 0
    assert "no rate for RUB" in str(_run(database).error)


def test_one_sync_of_a_provider_at_a_time(database: Database, run_sync: Sync) -> None:
    add(database)
    with database.transaction() as unit:
        job_runs.start(unit, sync.KIND, "fivesim", now=NOW)
    with pytest.raises(AlreadyRunning):
        run_sync(_full())


def test_a_fault_of_ours_is_in_the_run_too(database: Database, run_sync: Sync) -> None:
    add(database)
    with pytest.raises(ZeroDivisionError):
        run_sync(Listed(fault=ZeroDivisionError()))
    assert _run(database).state == "failed"


def test_a_new_margin_reprices_at_once(database: Database, run_sync: Sync) -> None:
    add(database, margin="1.5")
    run_sync(_full())
    with database.transaction() as unit:
        moved = registry.set_margin(
            unit,
            "fivesim",
            "2.25",
            reprice=lambda unit, provider_id: reprice(unit, now=NOW, provider_id=provider_id),
        )
    assert moved == 30
    assert {row["price_micro"] for row in _offers(database)} == {450_000}


def test_an_offer_that_cost_more_is_for_sale_again_when_its_price_was_read(
    database: Database, run_sync: Sync
) -> None:
    """Its alert stays for a day without another one: who always takes more is told of once."""
    add(database)
    run_sync(_full())
    with database.transaction() as unit:
        account = unit.scalar("select min(id) from provider_account")
        offered = stale.Offered(account, "GB", "whatsapp", "any", 200_000)
        assert stale.take_off(unit, offered, NOW)
        assert not stale.take_off(unit, offered, NOW)
        stale.tell(unit, "fivesim", offered, 300_000, NOW)
    assert _available(database) == len(COUNTRIES) * len(SERVICES) - 1
    run_sync(_full())
    assert _available(database) == len(COUNTRIES) * len(SERVICES)
    with database.transaction() as unit:
        open_still = "select closed_at is null from alert where kind = 'price_jump'"
        assert unit.scalar(open_still)
        stale.prices_read(unit, "fivesim", NOW + stale.QUIET)
        assert not unit.scalar(open_still)
