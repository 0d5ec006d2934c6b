"""Files of lists: written whole, for the one who asked, as long as they may see the list."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
import redis
from redis.exceptions import ConnectionError as RedisGone

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.activations.purchase import Order
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound, Unavailable
from nexnum_console.core.events import Events
from nexnum_console.core.queue import ERRANDS, JobQueue
from nexnum_console.operations import exports
from nexnum_console.operations.buying import buy_once
from nexnum_console.reports import saved_views
from nexnum_console.reports.activations_list import ACTIVATIONS
from tests.activations.world import START, UNIT, World, build

NOW = START + timedelta(hours=1)


@pytest.fixture
def world(database: Database) -> World:
    built = build(database, funds=10 * UNIT)
    wish = {"service": "telegram", "country": "GB", "actor": f"user:{built.user_id}"}
    for n in range(3):
        buy_once(built.desk, Order(user_id=built.user_id, **wish), f"{n:032x}")  # type: ignore[arg-type]
    return built


@pytest.fixture
def jobs(redis_client: redis.Redis) -> JobQueue:
    return JobQueue(redis_client)


@pytest.fixture
def events(redis_client: redis.Redis) -> Events:
    return Events(redis_client)


def staff(database: Database, email: str = "staff@example.org", role: str = "support") -> Actor:
    with database.transaction() as unit:
        user_id = unit.scalar(
            "insert into app_user (email, password_hash, role) values (:email, 'x', :role)"
            " returning id",
            email=email,
            role=role,
        )
    return Actor(user_id, email, role, capabilities_of(role))


def ask(world: World, jobs: JobQueue, who: Actor, query: str = "") -> int:
    return exports.ask(world.desk.database, jobs, who, ACTIVATIONS, query, NOW)


def write(world: World, events: Events, export_id: int) -> None:
    exports.write(world.desk.database, events, export_id, lambda: NOW)


def fetch(world: World, export_id: int, who: Actor, after: timedelta = timedelta()) -> str:
    with world.desk.database.transaction() as unit:
        file = exports.fetch(unit, export_id, who, NOW + after)
    assert file.name == f"activations-{NOW:%Y-%m-%d-%H%M}.csv"
    return gzip.decompress(file.content).decode()


def seen(world: World, who: Actor) -> saved_views.ExportView:
    with world.desk.database.transaction() as unit:
        return saved_views.newest_export(unit, "activations", who.user_id, NOW)


def test_the_filtered_list_in_its_order_with_its_columns(
    world: World, jobs: JobQueue, events: Events
) -> None:
    who = staff(world.desk.database)
    export_id = ask(world, jobs, who, "state=waiting&sort=number&cols=state.price")
    assert jobs.waiting(ERRANDS) == 1
    assert seen(world, who).state == "waiting"
    write(world, events, export_id)
    lines = fetch(world, export_id, who).splitlines()
    assert lines[0] == "Activation,State,Price"
    assert [line.split(",")[1:] for line in lines[1:]] == [["waiting", "0.15"]] * 3
    numbers = [int(line.split(",")[0]) for line in lines[1:]]
    assert numbers == sorted(numbers)
    assert (seen(world, who).state, seen(world, who).label) == ("done", "3 rows ready")
    assert seen(world, who).href == f"/api/exports/{export_id}"
    with world.desk.database.transaction() as unit:
        told = unit.first("select actor, target, after from audit_entry")
    assert told is not None
    assert (told["actor"], told["target"]) == (who.name, "list:activations")
    assert told["after"]["rows"] == 3


def test_a_file_is_for_the_one_who_asked(world: World, jobs: JobQueue, events: Events) -> None:
    who, other = staff(world.desk.database), staff(world.desk.database, "other@example.org")
    export_id = ask(world, jobs, who)
    with pytest.raises(NotFound):
        fetch(world, export_id, who)
    write(world, events, export_id)
    with pytest.raises(NotFound):
        fetch(world, export_id, other)
    demoted = Actor(who.user_id, who.email, "user", capabilities_of("user"))
    with pytest.raises(NotFound):
        fetch(world, export_id, demoted)
    with pytest.raises(NotFound):
        fetch(world, export_id, who, timedelta(hours=25))
    assert fetch(world, export_id, who)


def test_a_role_lost_meanwhile_writes_nothing(world: World, jobs: JobQueue, events: Events) -> None:
    who = staff(world.desk.database)
    export_id = ask(world, jobs, who)
    with world.desk.database.transaction() as unit:
        unit.run("update app_user set role = 'user' where id = :id", id=who.user_id)
    write(world, events, export_id)
    assert seen(world, who).state == "failed"
    assert "may not see this list" in seen(world, who).label


def test_one_file_of_a_list_at_a_time(world: World, jobs: JobQueue, events: Events) -> None:
    who = staff(world.desk.database)
    first = ask(world, jobs, who)
    with pytest.raises(exports.ExportRunning):
        ask(world, jobs, who)
    write(world, events, first)
    write(world, events, first)  # RQ may run a job twice
    second = ask(world, jobs, who)
    with pytest.raises(NotFound):
        fetch(world, first, who)
    assert second != first


def test_a_lost_worker_does_not_block_the_list_for_ever(world: World, jobs: JobQueue) -> None:
    who = staff(world.desk.database)
    first = ask(world, jobs, who)
    with world.desk.database.transaction() as unit:
        unit.run("update export_file set created_at = created_at - interval '11 minutes'")
    assert seen(world, who).state == "failed"
    assert ask(world, jobs, who) != first


def test_too_many_rows_are_refused_with_a_cure(
    world: World, jobs: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    with pytest.raises(InvalidInput, match="More than 2 rows match"):
        ask(world, jobs, staff(world.desk.database))
    assert jobs.waiting(ERRANDS) == 0


def test_without_a_queue_nothing_is_promised(
    world: World, jobs: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: object, **_kwargs: object) -> None:
        raise RedisGone("nobody answers")

    monkeypatch.setattr(jobs, "enqueue", gone)
    who = staff(world.desk.database)
    with pytest.raises(Unavailable):
        ask(world, jobs, who)
    assert seen(world, who).state == "failed"


def test_a_fault_while_writing_is_told_on_the_row(
    world: World,
    jobs: JobQueue,
    events: Events,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_args: object) -> str:
        raise ValueError("a column that cannot be written")

    who = staff(world.desk.database)
    export_id = ask(world, jobs, who)
    monkeypatch.setattr(exports.csv_file, "body", broken)
    write(world, events, export_id)
    assert seen(world, who).state == "failed"
    assert "could not be written, id" in seen(world, who).label
    assert "a column that cannot be written" in caplog.text
