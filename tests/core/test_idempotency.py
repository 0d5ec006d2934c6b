"""One request, one effect, one answer."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from nexnum_console.core import idempotency
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.idempotency import Fresh, InFlight, KeyReused, Replay

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LEASE = timedelta(seconds=30)
BODY = idempotency.fingerprint("POST", "/api/numbers/purchase", b'{"service":"whatsapp"}')


def _begin(database: Database, *, key: str = "k1", who: str = "user:1", at=NOW, what=BODY):
    with database.transaction() as unit:
        return idempotency.begin(unit, who, key, what, now=at, lease=LEASE)


def test_the_answer_is_replayed(database: Database) -> None:
    assert _begin(database) == Fresh()
    with database.transaction() as unit:
        idempotency.finish(unit, "user:1", "k1", 201, '{"id": 7}')
    assert _begin(database) == Replay(201, '{"id": 7}')


def test_a_second_caller_is_asked_to_wait(database: Database) -> None:
    _begin(database)
    with pytest.raises(InFlight) as refused:
        _begin(database, at=NOW + timedelta(seconds=29))
    assert refused.value.retry_after == 1


def test_other_content_under_the_same_key_is_refused(database: Database) -> None:
    _begin(database)
    with pytest.raises(KeyReused):
        _begin(database, what=idempotency.fingerprint("POST", "/x", b"other"))


def test_keys_of_different_people_do_not_meet(database: Database) -> None:
    _begin(database)
    assert _begin(database, who="user:2") == Fresh()


def test_after_a_crash_the_next_caller_continues_the_same_work(database: Database) -> None:
    with database.transaction() as unit:
        idempotency.begin(unit, "user:1", "k1", BODY, now=NOW, lease=LEASE)
        idempotency.attach(unit, "user:1", "k1", "activation:42")
    assert _begin(database, at=NOW + LEASE) == Fresh("activation:42", begun=True)
    with pytest.raises(InFlight) as refused:
        _begin(database, at=NOW + LEASE)
    assert refused.value.details == {"ref": "activation:42"}


def test_a_rolled_back_claim_leaves_nothing(database: Database) -> None:
    def failing() -> None:
        with database.transaction() as unit:
            idempotency.begin(unit, "user:1", "k1", BODY, now=NOW, lease=LEASE)
            raise RuntimeError("the work failed")

    with pytest.raises(RuntimeError):
        failing()
    assert _begin(database) == Fresh()


def test_the_first_answer_stays(database: Database) -> None:
    _begin(database)
    with database.transaction() as unit:
        first = idempotency.finish(unit, "user:1", "k1", 201, "first")
        second = idempotency.finish(unit, "user:1", "k1", 500, "second")
    assert first == second == Replay(201, "first")
    assert _begin(database) == Replay(201, "first")


@pytest.mark.parametrize("key", ["", "with space", "x" * 129, "ключ"])
def test_unreadable_keys_are_refused(database: Database, key: str) -> None:
    with pytest.raises(InvalidInput):
        _begin(database, key=key)


def test_sixteen_at_once_are_one(database: Database) -> None:
    together = threading.Barrier(16)

    def call(_: int) -> str:
        together.wait()
        try:
            with database.transaction() as unit:
                found = idempotency.begin(unit, "user:1", "k1", BODY, now=NOW, lease=LEASE)
                if isinstance(found, Fresh):
                    unit.run("insert into runtime_setting (name, value) values ('x', '{}')")
        except InFlight:
            return "in flight"
        return type(found).__name__

    with ThreadPoolExecutor(16) as pool:
        outcomes = Counter(pool.map(call, range(16)))
    assert outcomes == {"Fresh": 1, "in flight": 15}


def test_new_work_may_be_named_with_its_key(database: Database) -> None:
    def begin(at: datetime) -> Fresh | Replay:
        with database.transaction() as unit:
            return idempotency.begin(
                unit, "user:1", "named", BODY, now=at, lease=LEASE, naming="'order:' || 40 + 2"
            )

    assert begin(NOW) == Fresh("order:42")
    assert begin(NOW + LEASE) == Fresh("order:42", begun=True)


def test_a_refused_request_leaves_its_key_free_and_an_answered_one_does_not(
    database: Database,
) -> None:
    _begin(database)
    with database.transaction() as unit:
        idempotency.free(unit, "user:1", "k1")
    other = idempotency.fingerprint("POST", "/x", b"other")
    assert _begin(database, what=other) == Fresh()
    with database.transaction() as unit:
        idempotency.finish(unit, "user:1", "k1", 200, "kept")
        idempotency.free(unit, "user:1", "k1")
    assert _begin(database, what=other) == Replay(200, "kept")


def test_answers_are_kept_as_long_as_promised_and_what_lost_its_work_for_ever(
    database: Database,
) -> None:
    for key in ("answered", "begun", "lost"):
        _begin(database, key=key)
    with database.transaction() as unit:
        idempotency.finish(unit, "user:1", "answered", 200, "kept")
        idempotency.attach(unit, "user:1", "begun", "intent:7")
    with database.transaction() as unit:
        assert idempotency.sweep(unit, NOW + idempotency.KEPT) == 0
        for _ in range(2):
            assert idempotency.sweep(unit, NOW + idempotency.KEPT + 2 * LEASE, most=1) == 1
        assert idempotency.sweep(unit, NOW + idempotency.KEPT + 2 * LEASE) == 0
        assert unit.scalar("select key from idempotency_key") == "lost"
