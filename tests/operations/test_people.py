"""What staff do to accounts: bound by reasons, once, never below zero, always audited."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from nexnum_console.accounts import service as accounts
from nexnum_console.accounts import sessions
from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.idempotency import KeyReused
from nexnum_console.core.money import to_micro
from nexnum_console.operations import approval_desk, people
from nexnum_console.operations.approval_desk import Decided
from nexnum_console.operations.registration import register
from nexnum_console.operations.verify import verify
from nexnum_console.wallet import approvals
from nexnum_console.wallet.approvals import AlreadyDecided
from nexnum_console.wallet.reading import balance_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"


def admin(database: Database, email: str = "boss@example.org") -> Actor:
    user_id = register(database, email, PASSWORD, currency="USD", role="admin")
    return Actor(user_id, email, "admin", capabilities_of("admin"))


@pytest.fixture
def boss(database: Database) -> Actor:
    return admin(database)


@pytest.fixture
def buyer(database: Database) -> int:
    return register(database, "buyer@example.org", PASSWORD, currency="USD")


def adjust(
    database: Database, boss: Actor, user_id: int, amount: str, key: str = "k1"
) -> people.Preview:
    with database.transaction() as unit:
        return people.adjust_balance(unit, boss, user_id, amount, "goodwill, ticket 7", key, NOW)


def decide(
    database: Database, who: Actor, request_id: int | None, *, approve: bool = True
) -> Decided:
    with database.transaction() as unit:
        return approval_desk.decide(
            unit, who, request_id or 0, "seen the ticket", NOW, approve=approve
        )


def available(database: Database, user_id: int) -> int:
    with database.transaction() as unit:
        return balance_of(unit, user_id).available


def audited(database: Database) -> list[tuple]:
    with database.transaction() as unit:
        rows = unit.all("select action, target, before, after, reason from audit_entry order by id")
    return [tuple(row.values()) for row in rows]


def test_a_balance_goes_up_and_down_with_a_line_and_an_entry(
    database: Database, boss: Actor, buyer: int
) -> None:
    adjust(database, boss, buyer, "12.50")
    adjust(database, boss, buyer, "\N{MINUS SIGN}2.25", "k2")
    assert available(database, buyer) == 10_250_000
    first, second = audited(database)
    assert first[:2] == ("wallet.adjust", f"user:{buyer}")
    assert (first[2], first[3]["available"]) == ({"available": "0.00"}, "12.50")
    assert (second[2], second[3]["available"]) == ({"available": "12.50"}, "10.25")
    assert first[4] == "goodwill, ticket 7"
    assert verify(database, NOW).ok


def test_the_same_key_corrects_once(database: Database, boss: Actor, buyer: int) -> None:
    first = adjust(database, boss, buyer, "5")
    assert adjust(database, boss, buyer, "5") == first
    assert available(database, buyer) == 5_000_000
    assert len(audited(database)) == 1
    with pytest.raises(KeyReused):
        adjust(database, boss, buyer, "6")
    other = admin(database, "other@example.org")
    adjust(database, other, buyer, "6")
    assert available(database, buyer) == 11_000_000


def test_the_same_correction_sent_at_once_by_many_clicks_is_booked_once(
    database: Database, boss: Actor, buyer: int
) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = set(pool.map(lambda _: adjust(database, boss, buyer, "5"), range(16)))
    assert len(outcomes) == 1
    assert available(database, buyer) == 5_000_000


@pytest.mark.parametrize("amount", ["250.01", "-250.01"])
def test_f26_a_correction_above_the_limit_waits_for_a_second_person(
    database: Database, boss: Actor, buyer: int, amount: str
) -> None:
    adjust(database, boss, buyer, "250", "k0")
    adjust(database, boss, buyer, "250", "k1")
    asked = adjust(database, boss, buyer, amount, "k2")
    assert asked.request_id is not None
    assert adjust(database, boss, buyer, amount, "k2") == asked
    assert available(database, buyer) == 500_000_000
    with pytest.raises(people.NotOneself):
        decide(database, boss, asked.request_id)
    other = admin(database, "other@example.org")
    decide(database, other, asked.request_id)
    assert available(database, buyer) == 500_000_000 + to_micro(amount)
    with pytest.raises(AlreadyDecided):
        decide(database, other, asked.request_id)
    with database.transaction() as unit:
        journal = unit.first("select actor, reason from journal order by id desc limit 1")
        assert dict(journal) == {"actor": other.name, "reason": "goodwill, ticket 7"}
        assert approvals.pending(unit) == []
    assert verify(database, NOW).ok


def test_two_people_deciding_at_once_decide_once(
    database: Database, boss: Actor, buyer: int
) -> None:
    asked = adjust(database, boss, buyer, "300")
    others = [admin(database, f"admin{n}@example.org") for n in range(6)]

    def attempt(who: Actor) -> bool:
        try:
            decide(database, who, asked.request_id)
        except AlreadyDecided:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(attempt, others)).count(True) == 1
    assert available(database, buyer) == 300_000_000


def test_a_request_is_withdrawn_by_its_asker_and_rejected_by_another(
    database: Database, boss: Actor, buyer: int
) -> None:
    other = admin(database, "other@example.org")
    for number, who in enumerate((boss, other)):
        asked = adjust(database, boss, buyer, "300", f"k{number}")
        decide(database, who, asked.request_id, approve=False)
    with database.transaction() as unit:
        states = unit.run("select state from adjustment_request order by id").scalars()
    assert (states, available(database, buyer)) == (["withdrawn", "rejected"], 0)


def test_nobody_approves_a_correction_of_their_own_balance(database: Database, boss: Actor) -> None:
    other = admin(database, "other@example.org")
    asked = adjust(database, boss, other.user_id, "300")
    with pytest.raises(people.NotOneself):
        decide(database, other, asked.request_id)


def test_a_taking_that_the_balance_no_longer_covers_is_not_approved(
    database: Database, boss: Actor, buyer: int
) -> None:
    adjust(database, boss, buyer, "250", "k0")
    adjust(database, boss, buyer, "60", "k1")
    asked = adjust(database, boss, buyer, "-300", "k2")
    adjust(database, boss, buyer, "-60", "k3")
    other = admin(database, "other@example.org")
    with pytest.raises(InvalidInput):
        decide(database, other, asked.request_id)
    # It can still be refused, or it would wait for ever.
    decide(database, other, asked.request_id, approve=False)
    assert available(database, buyer) == 250_000_000


def test_nothing_goes_below_zero(database: Database, boss: Actor, buyer: int) -> None:
    adjust(database, boss, buyer, "5")
    with pytest.raises(InvalidInput, match=r"balance is 5\.00 USD"):
        adjust(database, boss, buyer, "-5.01", "k2")
    assert available(database, buyer) == 5_000_000
    with database.transaction() as unit:
        assert people.preview_adjustment(unit, buyer, "-5").after == 0


@pytest.mark.parametrize("amount", ["", "0", "five", "1e3", "NaN", "0.0000001", "10000.01", "1,5"])
def test_amounts_that_are_none(database: Database, boss: Actor, buyer: int, amount: str) -> None:
    with pytest.raises(InvalidInput):
        adjust(database, boss, buyer, amount)
    assert audited(database) == []


@pytest.mark.parametrize("reason", ["", "  a  ", "x" * 301])
def test_a_reason_says_something(database: Database, boss: Actor, buyer: int, reason: str) -> None:
    with pytest.raises(InvalidInput, match="reason"), database.transaction() as unit:
        people.adjust_balance(unit, boss, buyer, "1", reason, "k", NOW)
    with pytest.raises(InvalidInput, match="reason"), database.transaction() as unit:
        people.ban(unit, boss, buyer, reason, NOW)


def test_nobody_corrects_their_own_balance(database: Database, boss: Actor) -> None:
    with pytest.raises(people.NotOneself):
        adjust(database, boss, boss.user_id, "100")


def test_a_ban_shuts_out_at_once_and_is_lifted(database: Database, boss: Actor, buyer: int) -> None:
    with database.transaction() as unit:
        token = sessions.open_session(unit, buyer, now=NOW, lifetime=timedelta(days=1))
        people.ban(unit, boss, buyer, "chargebacks", NOW)
        assert sessions.resolve(unit, token, now=NOW) is None
        assert accounts.get(unit, buyer).status == "banned"
    with pytest.raises(InvalidInput, match="banned already"), database.transaction() as unit:
        people.ban(unit, boss, buyer, "again", NOW)
    with database.transaction() as unit:
        people.unban(unit, boss, buyer, "it was a mistake", NOW)
        assert sessions.resolve(unit, token, now=NOW) is None, "they log in anew"
        assert accounts.get(unit, buyer).status == "active"
    assert [entry[0] for entry in audited(database)] == ["user.ban", "user.unban"]


def test_an_admin_stays(database: Database, boss: Actor) -> None:
    with pytest.raises(people.NotOneself), database.transaction() as unit:
        people.ban(unit, boss, boss.user_id, "leaving", NOW)
    other = admin(database, "other@example.org")
    with database.transaction() as unit:
        people.ban(unit, boss, other.user_id, "left the company", NOW)
    with pytest.raises(people.LastAdmin), database.transaction() as unit:
        people.ban(unit, other, boss.user_id, "revenge", NOW)
