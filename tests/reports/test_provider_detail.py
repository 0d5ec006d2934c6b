"""One provider's page, counted from a small world: its figures, syncs, errors, and no key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.core import job_runs
from nexnum_console.core.db import Database
from nexnum_console.reports.overview import SYNC_KIND
from nexnum_console.reports.provider_detail import ProviderPage, provider_page, row_of
from tests.activations.world import World, build


@pytest.fixture
def world(database: Database) -> World:
    return build(database)


def _page(world: World, name: str = "alpha") -> ProviderPage:
    with world.desk.database.transaction() as unit:
        return provider_page(unit, name, world.clock())


def _buy(world: World) -> int:
    return purchase(world.desk, Order(world.user_id, "telegram", "GB"))


def _code(world: World, activation_id: int, after: float) -> None:
    world.clock.advance(after)
    with world.desk.database.transaction() as unit:
        store_messages(unit, world.desk, activation_id, [Sms("1", "Code 1", "x")], world.clock())


def _said(page: ProviderPage) -> dict[str, str]:
    return {fact.label: fact.value for fact in (*page.facts, *page.answers)}


def test_one_that_sold_nothing_is_not_judged(world: World) -> None:
    page = _page(world)
    assert (page.success, page.errors, page.runs) == ([], [], [])
    said = _said(page)
    assert (said["Purchases asked"], said["Answer takes"], said["First code after"]) == (
        "0",
        "–",
        "–",
    )
    assert (said["Balance at the carrier"], said["Key"]) == ("unknown", "none stored")
    assert (page.margin, page.rank) == ("1.5", "0")


def test_a_rate_carries_its_sample_and_is_the_providers_own(world: World) -> None:
    _code(world, _buy(world), 10)
    _code(world, _buy(world), 20)
    page = _page(world)
    (bar,) = page.success
    assert (bar.value, bar.note, bar.target > 0) == ("100.0 %", "n = 2", True)
    said = _said(page)
    assert (said["Purchases asked"], said["Sold"], said["Sold over all time"]) == (
        "2",
        "100.0 %",
        "2",
    )
    assert said["First code after"].startswith("15"), "between 10 and 20 seconds"
    assert _page(world, "beta").success == []


def test_the_day_ends(world: World) -> None:
    _code(world, _buy(world), 10)
    world.clock.advance(25 * 3600)
    page = _page(world)
    assert page.success == []
    assert _said(page)["Purchases asked"] == "0"
    assert _said(page)["Sold over all time"] == "1"


def test_errors_lead_to_their_orders_newest_first(world: World) -> None:
    for mood in ("no_numbers", "rate_limited"):
        world.carrier().mood = lambda mood=mood: mood
        _buy(world)
    page = _page(world)
    assert [line.code for line in page.errors] == ["rate limited", "no numbers"]
    assert all(line.href.endswith(f"/{line.activation}") for line in page.errors)
    assert page.errors[0].activation > page.errors[1].activation
    assert _said(page)["Declined"] == "2"
    assert _page(world, "beta").errors == []


def test_syncs_tell_how_they_ended(world: World) -> None:
    now = world.clock()
    with world.desk.database.transaction() as unit:
        first = job_runs.start(unit, SYNC_KIND, "alpha", now=now)
        job_runs.fail(unit, first, "the carrier answered 502", now=now + timedelta(seconds=1))
        second = job_runs.start(unit, SYNC_KIND, "alpha", now=now + timedelta(minutes=1))
        result = {"offers": 1200, "changed": 7, "gone": 2}
        job_runs.finish(unit, second, result, now=now + timedelta(seconds=63.5))
        third = job_runs.start(unit, SYNC_KIND, "alpha", now=now + timedelta(minutes=2))
        job_runs.progress(unit, third, "prices", done=3, total=4, now=now + timedelta(seconds=121))
        row = row_of(unit, "alpha", now + timedelta(seconds=122))
    assert row is not None
    assert (row.syncing, row.sync_step, row.sync_percent) == (True, "prices", 75)
    told = [(run.title, run.detail) for run in _page(world).runs]
    assert told == [
        ("Syncing", "prices"),
        ("Synced", "1,200 offers · 7 changed · 2 gone · 3.5 s"),
        ("Sync failed", "the carrier answered 502"),
    ]
    assert _page(world, "beta").runs == []


def test_a_key_is_never_told(world: World) -> None:
    with world.desk.database.transaction() as unit:
        unit.run(
            "update provider_account set secret_sealed = :sealed, secret_host = 'alpha.example'"
            " where provider_id = (select id from provider where name = 'alpha')",
            sealed=b"SEALED-BYTES",
        )
    page = _page(world)
    assert _said(page)["Key"] == "stored and sealed"
    assert "SEALED" not in repr(page)


def test_nobody_by_that_name(world: World) -> None:
    with world.desk.database.transaction() as unit:
        assert row_of(unit, "nobody", world.clock()) is None
