"""What staff change about a provider: prices follow at once, each change is audited once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import pytest
from redis.exceptions import ConnectionError as RedisGone

from nexnum_console.activations.desk import nobody_shut
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound, Unavailable
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.money import CENT
from nexnum_console.operations import provider_desk
from nexnum_console.reports.provider_detail import margin_preview
from nexnum_console.routing.choose import Wanted, choose
from tests.catalogue.conftest import Listed, Price, Sync, add, run_sync

__all__ = ["run_sync"]
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ADMIN = Actor(1, "ada@example.org", "admin", frozenset({"providers.manage"}))


@dataclass
class Heard:
    """Who listens to the console's channel."""

    topics: list[str] = field(default_factory=list)

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        self.topics.append(f"{channel} {topic}")


@dataclass
class Queue:
    """A job queue that notes what it is given, or does not answer."""

    gone: bool = False
    jobs: list[tuple[object, ...]] = field(default_factory=list)

    def enqueue(self, queue: str, job: str, *arguments: object, timeout_seconds: int) -> None:
        if self.gone:
            raise RedisGone("refused")
        self.jobs.append((queue, job, *arguments))


@pytest.fixture
def stocked(database: Database, run_sync: Sync) -> Database:
    """Two providers that sell the same number at the same price, margin 1.3."""
    sold = Listed([("GB", "United Kingdom")], [("tg", "Telegram")])
    sold.prices_ = [Price("GB", "tg", "any", "0.10", 40)]
    for name in ("fivesim", "sms_activate"):
        add(database, name, margin="1.3")
        run_sync(sold, name)
    return database


def _deed(database: Database, deed: Callable[[UnitOfWork], object]) -> object:
    with database.transaction() as unit:
        return deed(unit)


def _prices(database: Database) -> dict[str, int]:
    with database.transaction() as unit:
        rows = unit.all(
            "select p.name, o.price_micro from offer o join provider p on p.id = o.provider_id"
        )
    return {row["name"]: row["price_micro"] // CENT for row in rows}


def _audited(database: Database) -> list[tuple[object, ...]]:
    with database.transaction() as unit:
        rows = unit.all("select action, target, before, after from audit_entry order by id")
    return [tuple(row.values()) for row in rows]


def _asked_first(database: Database) -> list[str]:
    with database.transaction() as unit:
        wanted = Wanted(_service(unit), "GB", strategy="cheapest")
        chosen = choose(unit, wanted, shut=nobody_shut, rng=Random(1), now=NOW)
    return [one.provider for one in chosen.candidates]


def _service(unit: UnitOfWork) -> str:
    return str(unit.scalar("select service from offer limit 1"))


def test_a_margin_moves_this_providers_prices_and_no_others(stocked: Database) -> None:
    heard = Heard()
    assert _prices(stocked) == {"fivesim": 13, "sms_activate": 13}
    changed = _deed(
        stocked, lambda unit: provider_desk.set_margin(unit, heard, ADMIN, "fivesim", "2", NOW)
    )
    assert changed == provider_desk.MarginChanged("1.3", "2", 1)
    assert _prices(stocked) == {"fivesim": 20, "sms_activate": 13}
    assert _asked_first(stocked) == ["sms_activate"], "the dearer one is above the price shown"
    assert heard.topics == [f"{ADMIN_CHANNEL} provider"]
    (entry,) = _audited(stocked)
    assert entry[:2] == ("provider.margin", "provider:fivesim")
    assert [float(side["margin"]) for side in entry[2:]] == [1.3, 2.0]


def test_what_the_preview_says_is_what_happens(stocked: Database) -> None:
    with stocked.transaction() as unit:
        shown = margin_preview(unit, "fivesim", "1.75", "USD")
    assert {(one.before, one.after) for one in shown} == {("$0.13", "$0.18")}
    assert _prices(stocked)["fivesim"] == 13, "a preview changes nothing"
    _deed(
        stocked,
        lambda unit: provider_desk.set_margin(unit, Heard(), ADMIN, "fivesim", "1.75", NOW),
    )
    assert _prices(stocked)["fivesim"] == 18


@pytest.mark.parametrize("margin", ["", "0.99", "1000.1", "1.00001", "NaN", "two", "-1"])
def test_margins_that_are_none_change_nothing(stocked: Database, margin: str) -> None:
    heard = Heard()
    with pytest.raises(InvalidInput), stocked.transaction() as unit:
        provider_desk.set_margin(unit, heard, ADMIN, "fivesim", margin, NOW)
    with pytest.raises(InvalidInput), stocked.transaction() as unit:
        margin_preview(unit, "fivesim", margin, "USD")
    assert _prices(stocked) == {"fivesim": 13, "sms_activate": 13}
    assert (_audited(stocked), heard.topics) == ([], [])


def test_the_same_again_is_no_change(stocked: Database) -> None:
    heard = Heard()
    _deed(
        stocked, lambda unit: provider_desk.set_margin(unit, heard, ADMIN, "fivesim", "1.30", NOW)
    )
    _deed(stocked, lambda unit: provider_desk.set_enabled(unit, heard, ADMIN, "fivesim", True, NOW))
    assert (_audited(stocked), heard.topics) == ([], [])


def test_at_equal_prices_the_lower_rank_is_asked_first(stocked: Database) -> None:
    for name, rank in (("fivesim", "20"), ("sms_activate", "10")):
        _deed(
            stocked,
            lambda unit, name=name, rank=rank: provider_desk.set_rank(
                unit, Heard(), ADMIN, name, rank, NOW
            ),
        )
    assert _asked_first(stocked) == ["sms_activate", "fivesim"]
    _deed(stocked, lambda unit: provider_desk.set_rank(unit, Heard(), ADMIN, "fivesim", "5", NOW))
    assert _asked_first(stocked) == ["fivesim", "sms_activate"]
    assert _audited(stocked)[-1][2:] == ({"rank": 20}, {"rank": 5})


@pytest.mark.parametrize("rank", ["", "-1", "1.5", "1001", "10000", "first", "²"])
def test_ranks_that_are_none_change_nothing(stocked: Database, rank: str) -> None:
    with pytest.raises(InvalidInput, match="whole number"), stocked.transaction() as unit:
        provider_desk.set_rank(unit, Heard(), ADMIN, "fivesim", rank, NOW)
    assert _audited(stocked) == []


def test_one_that_is_off_is_not_asked_until_it_is_on(stocked: Database) -> None:
    for enabled, asked in ((False, ["sms_activate"]), (True, ["fivesim", "sms_activate"])):
        _deed(
            stocked,
            lambda unit, on=enabled: provider_desk.set_enabled(
                unit, Heard(), ADMIN, "fivesim", on, NOW
            ),
        )
        assert sorted(_asked_first(stocked)) == asked
    assert [entry[2:] for entry in _audited(stocked)] == [
        ({"enabled": True}, {"enabled": False}),
        ({"enabled": False}, {"enabled": True}),
    ]


def test_a_sync_is_queued_once_and_refused_in_words(stocked: Database) -> None:
    queue = Queue()
    provider_desk.ask_sync(stocked, queue, "fivesim")
    assert queue.jobs == [("catalogue", provider_desk.SYNC_JOB, "fivesim")]
    with pytest.raises(Unavailable, match="no sync was asked for"):
        provider_desk.ask_sync(stocked, Queue(gone=True), "fivesim")


def test_nobody_by_that_name(stocked: Database) -> None:
    queue, heard = Queue(), Heard()
    with pytest.raises(NotFound):
        provider_desk.ask_sync(stocked, queue, "nobody")
    with pytest.raises(NotFound), stocked.transaction() as unit:
        provider_desk.set_margin(unit, heard, ADMIN, "nobody", "2", NOW)
    with pytest.raises(NotFound), stocked.transaction() as unit:
        provider_desk.set_rank(unit, heard, ADMIN, "nobody", "2", NOW)
    assert (queue.jobs, heard.topics, _audited(stocked)) == ([], [], [])
