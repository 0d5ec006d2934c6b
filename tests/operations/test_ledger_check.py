"""The ledger is checked again and again, and what came of it is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis
from rq.utils import import_attribute

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core import idempotency, job_runs
from nexnum_console.core.actor import Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.outbox import Outbox
from nexnum_console.core.queue import CATALOGUE, JobQueue
from nexnum_console.notifications import alerts
from nexnum_console.operations import ledger_check, people
from nexnum_console.operations.ledger_check import EVERY, KIND, SUBJECT, Watch
from nexnum_console.operations.registration import enrol
from nexnum_console.operations.verify import CHECKS, verify_newest
from nexnum_console.reports.gauges import GaugeReader
from nexnum_console.reports.ledger_proof import BREAKS, proof
from nexnum_console.reports.listing import parse
from nexnum_console.reports.listing_page import read_page
from nexnum_console.reports.overview_work import LedgerBadge, work
from nexnum_console.wallet import freezing, seals
from nexnum_console.wallet.errors import NotLookedAt, WalletFrozen
from nexnum_console.wallet.seals import SealKey
from tests.activations.world import Silent, World, build
from tests.wallet.conftest import seen_by_all


@pytest.fixture
def world(database: Database) -> World:
    built = build(database)
    purchase(built.desk, Order(built.user_id, "telegram", "GB"))
    return built


@pytest.fixture
def admin(database: Database) -> Actor:
    with database.transaction() as unit:
        user_id = enrol(unit, "boss@example.org", "x", currency="USD", role="admin")
    return Actor(user_id, "boss@example.org", "admin", capabilities_of("admin"))


def _check(world: World) -> bool | None:
    return ledger_check.check(Watch(world.desk.database, Silent(), world.clock))


def _due(world: World) -> bool:
    with world.desk.database.transaction() as unit:
        return ledger_check.is_due(unit, world.clock())


def _badge(world: World) -> LedgerBadge:
    with world.desk.database.transaction() as unit:
        return work(unit, [], world.clock(), "USD").ledger


def test_a_sound_ledger_is_said_to_be(world: World) -> None:
    assert _badge(world).word == "Not checked yet"
    assert _due(world)
    assert _check(world) is True
    badge = _badge(world)
    assert (badge.tone, badge.word) == ("ok", "Verified")
    assert "3 journals hold" in badge.detail


def test_a_broken_one_is_named(world: World, owner_database: Database) -> None:
    with owner_database.transaction() as unit:
        unit.run("update wallet set available = available + 1")
    assert _check(world) is False
    badge = _badge(world)
    assert (badge.tone, badge.word) == ("danger", "Broken")
    assert badge.detail.startswith("does not hold: ")


def test_it_rests_between_checks_and_longer_after_a_long_one(world: World) -> None:
    _check(world)
    assert not _due(world)
    world.clock.advance(EVERY.total_seconds())
    assert _due(world)
    with world.desk.database.transaction() as unit:
        run = job_runs.start(unit, KIND, SUBJECT, now=world.clock())
    world.clock.advance(120)
    with world.desk.database.transaction() as unit:
        job_runs.finish(unit, run, {"broken": [], "checks": 1, "journals": 1}, now=world.clock())
    world.clock.advance(EVERY.total_seconds())
    assert not _due(world)
    world.clock.advance(20 * 120)
    assert _due(world)


def test_one_check_at_a_time_and_a_dead_one_does_not_stay(world: World) -> None:
    with world.desk.database.transaction() as unit:
        job_runs.start(unit, KIND, SUBJECT, now=world.clock())
    assert not _due(world)
    assert _check(world) is None
    world.clock.advance((job_runs.SILENT + timedelta(seconds=1)).total_seconds())
    assert _due(world)
    assert _check(world) is True


def test_a_check_that_failed_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no answer")

    monkeypatch.setattr(ledger_check, "verify", fail)
    with pytest.raises(RuntimeError):
        _check(world)
    badge = _badge(world)
    assert (badge.tone, badge.word) == ("warn", "Check not finished")


def test_a_check_tells_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[bool, int, str]] = []
    verify = ledger_check.verify

    def look(heard):
        def hear(done: int, total: int) -> None:
            heard(done, total)
            with world.desk.database.transaction() as unit:
                shown = proof(unit, CHECKS, world.clock())
            told.append((shown.running, shown.percent, shown.step))

        return hear

    monkeypatch.setattr(
        ledger_check,
        "verify",
        lambda *args, heard: verify(*args, heard=look(heard)),
    )
    assert _check(world) is True
    assert told[0][0]
    assert told[0][1] < 20
    assert told[-1][1] == 100
    assert told[-1][2].split()[1] == told[-1][2].split()[3]
    with world.desk.database.transaction() as unit:
        after = proof(unit, CHECKS, world.clock())
    assert (after.running, after.word) == (False, "All hold")
    assert [line.name for line in after.promises] == [f"I{n}" for n in range(1, 17)]
    assert {line.name for line in after.promises if line.freezes} >= {"I1", "I3", "I11"}


def test_whoever_asks_for_a_check_gets_one_at_once_and_is_noted(
    world: World, admin: Actor, redis_client: redis.Redis
) -> None:
    _check(world)
    jobs = JobQueue(redis_client)
    ledger_check.ask(world.desk.database, jobs, admin, world.clock())
    (job,) = jobs.queue(CATALOGUE).jobs
    assert job.func_name == ledger_check.CHECK_NOW
    assert callable(import_attribute(job.func_name))
    with world.desk.database.transaction() as unit:
        assert unit.scalar("select action from audit_entry") == "ledger.check"


def test_a_broken_ledger_shows_its_evidence_and_the_frozen_wallet(
    world: World, owner_database: Database
) -> None:
    with owner_database.transaction() as unit:
        unit.run("update wallet set available = available + 1")
    _check(world)
    with world.desk.database.transaction() as unit:
        shown = proof(unit, CHECKS, world.clock())
        evidence = read_page(unit, BREAKS, parse(BREAKS, {"state": "open", "name": "I3"}))
    broken = [line.name for line in shown.promises if line.tone == "danger"]
    assert "I3" in broken
    assert shown.word == f"Broken: {', '.join(broken)}"
    assert [(one.email, one.reason[:2]) for one in shown.frozen] == [("buyer@example.org", "I3")]
    assert "booked" in evidence.rows[0].cells["finding"]["text"]


def _watch(world: World) -> Watch:
    return Watch(world.desk.database, Silent(), world.clock)


def _wallet(world: World) -> dict:
    with world.desk.database.transaction() as unit:
        return dict(
            unit.first("select id, frozen_reason from wallet where user_id = :u", u=world.user_id)
        )


def _evidence(world: World) -> list[dict]:
    with world.desk.database.transaction() as unit:
        return [dict(row) for row in unit.all("select * from ledger_break order by id")]


@pytest.mark.parametrize("whole", [True, False])
def test_a_break_freezes_its_wallet_alerts_and_is_left_as_it_is(
    world: World, owner_database: Database, whole: bool
) -> None:
    with owner_database.transaction() as unit:
        unit.run("update wallet set available = available + 1")
    look = ledger_check.check if whole else ledger_check.check_newest
    assert look(_watch(world)) is False
    wallet = _wallet(world)
    (row,) = _evidence(world)
    assert wallet["frozen_reason"].startswith(f"I3 does not hold, evidence {row['id']}: wallet")
    assert (row["name"], row["wallet_id"]) == ("I3", wallet["id"])
    with pytest.raises(WalletFrozen):
        purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    assert look(_watch(world)) is False
    assert [(e["id"], e["closed_at"]) for e in _evidence(world)] == [(row["id"], None)]
    with world.desk.database.transaction() as unit:
        (alert,) = unit.all("select kind, subject, times from alert")
        assert dict(alert) == {"kind": "ledger-broken", "subject": "I3", "times": 2}
        told = Outbox(lambda _: None), SecretBox("k" * 40), ["root@example.org"], world.clock()
        assert alerts.mail_new(unit, *told) == 1
        assert alerts.mail_new(unit, *told) == 0
        assert unit.scalar("select count(*) from mail where subject = 'Alert: I3'") == 1


def test_a_journal_sealed_between_two_looks_is_looked_at(
    world: World, owner_database: Database
) -> None:
    assert ledger_check.check_newest(_watch(world)) is True
    purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    with owner_database.transaction() as unit:
        unit.run("alter table journal disable trigger user")
        unit.run("update journal set reason = 'gift' where id = (select max(id) from journal)")
        unit.run("alter table journal enable trigger user")
        last = unit.scalar("select max(id) from journal")
    key = SealKey("k" * 40)
    for _ in range(3):
        with world.desk.database.transaction() as unit:
            seals.seal(unit, key, world.clock())
        world.clock.advance(20)
    with world.desk.database.transaction() as unit:
        assert unit.scalar("select upto_id from ledger_block") == last
    assert ledger_check.check_newest(_watch(world)) is False
    assert {row["name"] for row in _evidence(world)} == {"I11"}
    report = verify_newest(world.desk.database, world.clock())
    assert (report.journals, report.settled) == (0, last)


def test_a_break_in_old_journals_stays_told_until_a_whole_check_says_otherwise(
    world: World, owner_database: Database
) -> None:
    key = SealKey("k" * 40)
    for _ in range(3):
        with world.desk.database.transaction() as unit:
            seals.seal(unit, key, world.clock())
        world.clock.advance(20)
    with owner_database.transaction() as unit:
        unit.run("alter table journal disable trigger user")
        unit.run("update journal set reason = 'gift' where id = 1")
        unit.run("alter table journal enable trigger user")
    assert ledger_check.check_newest(_watch(world)) is True
    assert ledger_check.check(_watch(world)) is False
    assert ledger_check.check_newest(_watch(world)) is True
    with world.desk.database.transaction() as unit:
        gauges = GaugeReader().read(unit, world.clock())
    assert {g.name: g.breaks for g in gauges.invariants if g.breaks} == {"I11": 1}
    assert {g.name for g in gauges.invariants} == {f"I{n}" for n in range(1, 17)}
    assert gauges.frozen == 1


def test_an_alert_says_that_wallets_are_stopped_only_where_one_is(
    world: World, owner_database: Database
) -> None:
    with world.desk.database.transaction() as unit:
        idempotency.begin(
            unit, "user:1", "k", b"x" * 32, now=world.clock(), lease=timedelta(seconds=1)
        )
    with owner_database.transaction() as unit:
        unit.run("update wallet set available = available + 1")
    world.clock.advance(3600)
    assert _check(world) is False
    with world.desk.database.transaction() as unit:
        told = {row["subject"]: row["text"] for row in unit.all("select * from alert")}
    assert "No wallet is stopped for it; nothing was changed" in told["I14"]
    assert "Outgoing moves of the wallets concerned are stopped" in told["I3"]


def test_what_a_person_settled_with_a_reason_is_not_frozen_again(
    world: World, owner_database: Database, admin: Actor
) -> None:
    with owner_database.transaction() as unit:
        unit.run("update wallet set available = available + 1 where id = :w", w=world.wallet_id)
    ledger_check.check(_watch(world))
    with world.desk.database.transaction() as unit:
        seen = seen_by_all(unit, world.wallet_id)
        people.unfreeze(unit, admin, world.user_id, seen, "looked at it, ticket 12", world.clock())
    assert _wallet(world)["frozen_reason"] is None
    (row,) = _evidence(world)
    assert (row["closed_by"], row["note"]) == (admin.name, "looked at it, ticket 12")
    assert ledger_check.check(_watch(world)) is False
    assert _wallet(world)["frozen_reason"] is None
    with world.desk.database.transaction() as unit, pytest.raises(InvalidInput):
        people.unfreeze(unit, admin, world.user_id, seen, "again, for good", world.clock())


def test_a_tampered_wallet_is_not_let_go_with_the_dispute_that_stopped_it_first(
    world: World, owner_database: Database, admin: Actor
) -> None:
    with world.desk.database.transaction() as unit:
        freezing.freeze(unit, world.wallet_id, "deposit 9 is disputed at stripe", cause="d:9")
        seen = seen_by_all(unit, world.wallet_id)
    with owner_database.transaction() as unit:
        unit.run("alter table journal disable trigger user")
        unit.run("update journal set reason = 'gift' where id = 1")
        unit.run("alter table journal enable trigger user")
    assert ledger_check.check(_watch(world)) is False
    (row,) = _evidence(world)
    assert (row["name"], row["wallet_id"]) == ("I11", world.wallet_id)
    with world.desk.database.transaction() as unit:
        (shown,) = proof(unit, CHECKS, world.clock()).frozen
        with pytest.raises(NotLookedAt, match=rf"I11 does not hold.*evidence {row['id']} \(I11: "):
            people.unfreeze(unit, admin, world.user_id, seen, "dispute won", world.clock())
    assert [(one.kind, one.words[:9], one.quoted) for one in shown.causes] == [
        ("freeze", "deposit 9", False),
        ("freeze", "I11 does ", False),
        ("evidence", "I11: wall", True),
    ]
    assert _evidence(world)[0]["closed_at"] is None
    assert ledger_check.check(_watch(world)) is False
    with pytest.raises(WalletFrozen):
        purchase(world.desk, Order(world.user_id, "telegram", "GB"))
