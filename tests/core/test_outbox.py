"""The outbox loses nothing, repeats under one id, and keeps the order of a key.

The reference's outbox read without SKIP LOCKED, marked messages before delivering them, took every
type, gave up after one failure and deleted what failed; each has its test here.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError

from nexnum_console.core import dead_letters, outbox
from nexnum_console.core.db import Database
from nexnum_console.core.outbox import DeliveryFailed, Doorbell, Message, Outbox, Route
from nexnum_console.core.queue import ERRANDS, JobQueue

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
BOX = Outbox(lambda topic: None)


class Receiver:
    """Takes messages, except for those it was told to refuse so many times."""

    def __init__(self, **refusals: int) -> None:
        self.refusals = refusals
        self.taken: list[Message] = []

    def __call__(self, message: Message) -> None:
        left = self.refusals.get(message.payload["name"], 0)
        if left:
            self.refusals[message.payload["name"]] = left - 1
            raise DeliveryFailed("the receiver answered 503")
        self.taken.append(message)

    def names(self) -> list[str]:
        return [message.payload["name"] for message in self.taken]


def put(database: Database, *names: str, key: str = "activation:1", topic: str = "told") -> None:
    with database.transaction() as unit:
        for name in names:
            BOX.put(unit, topic, key, {"name": name}, now=NOW)


def deliver(database: Database, handle, at: datetime = NOW, **terms) -> int:
    return outbox.deliver_due(database, "told", Route(handle, **terms), lambda: at)


def rows(database: Database) -> dict[str, dict]:
    with database.transaction() as unit:
        found = unit.all("select payload->>'name' as name, o.* from outbox o order by id")
        return {row["name"]: dict(row) for row in found}


def test_a_message_leaves_once_and_only_with_its_transaction(database: Database) -> None:
    receiver = Receiver()
    put(database, "kept")
    with pytest.raises(ZeroDivisionError), database.transaction() as unit:
        1 / BOX.put(unit, "told", "activation:1", {"name": "rolled back"}, now=NOW) / 0
    assert deliver(database, receiver) == 1
    assert deliver(database, receiver) == 0
    assert receiver.names() == ["kept"]
    kept = rows(database)["kept"]
    assert (kept["state"], kept["settled_at"]) == ("done", NOW)
    assert str(kept["message_id"]) == receiver.taken[0].message_id


def test_two_workers_never_hold_the_same_message(database: Database) -> None:
    for number in range(40):
        put(database, str(number), key=f"activation:{number}")
    both = threading.Barrier(2, timeout=20)
    first: list[str] = []

    def work() -> list[str]:
        mine: list[str] = []

        def handle(message: Message) -> None:
            if not mine:
                # Neither goes on before both hold one.
                both.wait()
                first.append(message.payload["name"])
            mine.append(message.payload["name"])

        deliver(database, handle)
        return mine

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(work), pool.submit(work)]
        taken = [name for job in jobs for name in job.result()]
    assert len(set(first)) == 2
    assert sorted(taken, key=int) == [str(number) for number in range(40)]


def test_a_claim_waits_for_no_other_workers_lock(database: Database) -> None:
    put(database, "locked", key="activation:1")
    put(database, "free", key="activation:2")
    receiver = Receiver()
    with database.transaction() as unit:
        unit.run("select id from outbox where key = 'activation:1' for update")
        assert deliver(database, receiver) == 1
    assert receiver.names() == ["free"]


def test_a_message_is_done_only_after_its_receiver_has_it(database: Database) -> None:
    put(database, "one")
    seen: list[str] = []

    def look(message: Message) -> None:
        seen.append(rows(database)["one"]["state"])

    deliver(database, look)
    assert seen == ["waiting"]
    assert rows(database)["one"]["state"] == "done"


def test_a_worker_takes_only_the_topic_it_delivers(database: Database) -> None:
    put(database, "ours")
    put(database, "theirs", topic="provider_request")
    receiver = Receiver()
    deliver(database, receiver)
    assert receiver.names() == ["ours"]
    theirs = rows(database)["theirs"]
    assert (theirs["state"], theirs["tries"]) == ("waiting", 0)
    with database.transaction() as unit:
        assert outbox.due_topics(unit, NOW) == ["provider_request"]


def test_a_failure_is_tried_again_later_and_later(database: Database) -> None:
    put(database, "one")
    receiver, now, waits = Receiver(one=5), NOW, []
    for _ in range(5):
        assert deliver(database, receiver, now, longest_wait=timedelta(minutes=30)) == 0
        assert deliver(database, receiver, now) == 0, "not before its time"
        row = rows(database)["one"]
        assert row["error"] == "the receiver answered 503"
        waits.append((row["next_at"] - now).total_seconds())
        now = row["next_at"]
    assert waits == [15, 60, 240, 960, 1800]
    assert deliver(database, receiver, now) == 1
    assert (rows(database)["one"]["state"], rows(database)["one"]["error"]) == ("done", "")


def test_the_order_of_a_key_holds_while_its_first_message_fails(database: Database) -> None:
    put(database, "a1", "a2", "a3", key="activation:1")
    put(database, "b1", "b2", key="activation:2")
    receiver = Receiver(a1=1)
    deliver(database, receiver)
    assert receiver.names() == ["b1", "b2"], "a failure holds back its own key alone"
    deliver(database, receiver, NOW + timedelta(seconds=15))
    assert receiver.names() == ["b1", "b2", "a1", "a2", "a3"]


def test_a_key_has_one_message_on_its_way(database: Database) -> None:
    put(database, "first", "second")
    beside: list[int] = []

    def handle(message: Message) -> None:
        if not beside:
            beside.append(deliver(database, Receiver()))

    assert deliver(database, handle) == 2
    assert beside == [0]


def test_a_dead_message_holds_its_key_until_it_is_redriven_in_its_place(
    database: Database,
) -> None:
    put(database, "poison", "after", key="activation:1")
    put(database, "other", key="activation:2")
    receiver = Receiver(poison=2)
    deliver(database, receiver, tries=1)
    later = NOW + timedelta(days=3)
    deliver(database, receiver, later, tries=1)
    assert receiver.names() == ["other"]
    dead = rows(database)["poison"]
    assert (dead["state"], dead["error"]) == ("dead", "the receiver answered 503")
    with database.transaction() as unit:
        assert outbox.due_topics(unit, later) == []
        (standing,) = dead_letters.standings(unit, later)
    assert (standing.waiting, standing.held, standing.dead) == (1, 1, 1)
    assert standing.oldest_seconds == timedelta(days=3).total_seconds()
    _redrive(database, later)
    deliver(database, receiver, later, tries=2)
    deliver(database, receiver, later + timedelta(minutes=1), tries=2)
    assert receiver.names() == ["other", "poison", "after"]
    redriven = rows(database)["poison"]
    assert redriven["message_id"] == dead["message_id"], "receivers know it again"
    assert (redriven["state"], redriven["redrives"]) == ("done", 1)


def test_a_dropped_message_lets_its_key_go_on(database: Database) -> None:
    put(database, "poison", "after")
    receiver, rung = Receiver(poison=9), []
    deliver(database, receiver, tries=1)
    poison = rows(database)["poison"]["id"]
    with database.transaction() as unit:
        (dropped,) = dead_letters.drop(unit, Outbox(rung.append), [poison], NOW)
        assert dead_letters.drop(unit, Outbox(rung.append), [poison], NOW) == []
    assert (dropped.id, dropped.error, rung) == (poison, "the receiver answered 503", ["told"])
    deliver(database, receiver)
    assert receiver.names() == ["after"]


def test_a_refusal_for_good_is_not_tried_again(database: Database) -> None:
    put(database, "one")

    def refuse(message: Message) -> None:
        raise DeliveryFailed("no such address", final=True)

    deliver(database, refuse)
    assert (rows(database)["one"]["state"], rows(database)["one"]["tries"]) == ("dead", 1)


def test_what_went_wrong_is_kept_without_secrets(database: Database) -> None:
    put(database, "one")

    def break_off(message: Message) -> None:
        raise RuntimeError("POST https://bob:hunter2@hooks.example?token=s3cret failed")

    deliver(database, break_off)
    error = rows(database)["one"]["error"]
    assert error.startswith("RuntimeError: POST https://***@hooks.example")
    assert "hunter2" not in error
    assert "s3cret" not in error


def test_a_message_that_kills_its_workers_dies_itself(database: Database) -> None:
    put(database, "one", "two")

    class Killed(BaseException):
        pass

    def die(message: Message) -> None:
        raise Killed

    now = NOW
    for _ in range(3):
        with pytest.raises(Killed):
            deliver(database, die, now, tries=3)
        now += timedelta(minutes=3)
    receiver = Receiver()
    assert deliver(database, receiver, now, tries=3) == 0
    dead = rows(database)["one"]
    assert dead["state"] == "dead"
    assert "every process that tried it ended" in dead["error"]


def test_a_worker_that_was_too_slow_ends_nothing(database: Database) -> None:
    put(database, "one")

    def slow(message: Message) -> None:
        # Meanwhile the lease is over and another worker fails at it.
        deliver(database, Receiver(one=1), NOW + timedelta(minutes=3))

    assert deliver(database, slow) == 0
    row = rows(database)["one"]
    assert (row["state"], row["fence"], row["error"]) == (
        "waiting",
        2,
        "the receiver answered 503",
    )


def test_upkeep_deletes_what_was_delivered_and_never_a_dead_letter(database: Database) -> None:
    put(database, "done", key="a")
    put(database, "dead", key="b")
    put(database, "dropped", key="c")
    put(database, "waiting", key="d")
    receiver = Receiver(dead=9, dropped=9, waiting=1)
    deliver(database, receiver, tries=1)
    with database.transaction() as unit:
        unit.run("update outbox set state = 'waiting' where payload->>'name' = 'waiting'")
        dead_letters.drop(unit, BOX, [rows(database)["dropped"]["id"]], NOW)
    for days, left in ((6, 4), (8, 3), (91, 2), (4000, 2)):
        with database.transaction() as unit:
            dead_letters.forget(unit, NOW + timedelta(days=days))
        assert len(rows(database)) == left, f"after {days} days"
    assert set(rows(database)) == {"dead", "waiting"}


def test_all_dead_letters_are_redriven_at_once(database: Database) -> None:
    for number in range(5):
        put(database, str(number), key=str(number))
    deliver(database, Receiver(**{str(number): 9 for number in range(4)}), tries=1)
    assert len(_redrive(database, NOW)) == 4
    receiver = Receiver()
    deliver(database, receiver, tries=1)
    assert sorted(receiver.names()) == ["0", "1", "2", "3"]


def test_a_ring_is_one_job_until_it_begins(database: Database, redis_client: redis.Redis) -> None:
    jobs = JobQueue(redis_client)
    bell = Doorbell(redis_client, jobs)
    with database.transaction() as unit:
        for number in range(3):
            Outbox(bell.ring).put(unit, "told", str(number), {"name": "x"}, now=NOW)
        assert jobs.waiting(ERRANDS) == 0, "nobody is woken for what may be rolled back"
    assert jobs.waiting(ERRANDS) == 1
    (job,) = jobs.queue(ERRANDS).get_jobs()
    assert (job.func_name, list(job.args)) == (outbox.JOB, ["told"])
    bell.answered("told")
    bell.ring("told")
    assert jobs.waiting(ERRANDS) == 2


def test_without_redis_messages_are_stored_and_delivered_later(database: Database) -> None:
    away = redis.Redis(port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
    bell = Doorbell(away, JobQueue(away))
    with database.transaction() as unit:
        Outbox(bell.ring).put(unit, "told", "activation:1", {"name": "one"}, now=NOW)
    bell.answered("told")
    with database.transaction() as unit:
        assert outbox.due_topics(unit, NOW) == ["told"]
    receiver = Receiver()
    deliver(database, receiver)
    assert receiver.names() == ["one"]


def test_a_key_that_is_too_long_is_refused(database: Database) -> None:
    with pytest.raises(SQLAlchemyError), database.transaction() as unit:
        BOX.put(unit, "told", "k" * 121, {"name": "one"}, now=NOW)


def _redrive(database: Database, now: datetime) -> list[dead_letters.Letter]:
    with database.transaction() as unit:
        return dead_letters.redrive(unit, BOX, None, now)
