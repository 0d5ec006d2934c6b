"""The verifier must see what a person with every right on the database could do."""

from __future__ import annotations

import pytest

from nexnum_console.wallet import ledger
from tests.wallet.conftest import broken, cause

UNIT = 1_000_000
FREE = ledger.Cost("fivesim", 0)


@pytest.fixture
def booked(database, owner_database, open_wallet):
    """A ledger with a hold, a charge and a refund, and its guards taken off."""
    wallet = open_wallet(10 * UNIT)
    with database.transaction() as unit:
        for order in ("activation:1", "activation:2"):
            ledger.hold(unit, wallet, UNIT, cause(order))
        ledger.commit(unit, wallet, cause("activation:1"), held=UNIT, charge=UNIT, cost=FREE)
        ledger.refund(unit, wallet, UNIT, cause("activation:1"))
    assert broken(database) == {}
    with owner_database.transaction() as unit:
        for table in ("journal", "entry"):
            unit.run(f"alter table {table} disable trigger user")
    return owner_database


@pytest.mark.parametrize(
    ("tampering", "names"),
    [
        ("update entry set amount = amount + 1 where id = 1", {"I1", "I2", "I3", "I4", "I11"}),
        ("update entry set amount = -amount where journal_id = 3", {"I3", "I4", "I11"}),
        ("update wallet set available = available + 1", {"I3"}),
        (
            "update wallet set available = available - 5, reserved = reserved + 5",
            {"I3", "I6"},
        ),
        ("update journal set reason = 'gift' where id = 2", {"I11"}),
        ("update journal set occurred_at = occurred_at + interval '1 day'", {"I11"}),
        ("update journal set kind = 'hold' where kind = 'commit'", {"I10", "I11"}),
        ("update hold set amount = amount + 1 where state = 'open'", {"I6"}),
        ("update wallet set head = '\\x00'", {"I11"}),
        (
            "delete from entry where journal_id = (select max(id) from journal)",
            {"I1", "I3", "I11"},
        ),
    ],
)
def test_tampering_is_found(booked, tampering, names):
    with booked.transaction() as unit:
        unit.run(tampering)
    assert set(broken(booked)) == names


def test_a_deleted_journal_is_named_by_wallet_and_sequence(booked):
    with booked.transaction() as unit:
        unit.run("delete from entry where journal_id = 2")
        unit.run("delete from journal where id = 2")
    found = broken(booked)
    assert any("sequence 2: a journal is missing" in finding for finding in found["I11"])


def test_an_edit_is_named_by_wallet_sequence_and_time(booked):
    with booked.transaction() as unit:
        unit.run("update journal set actor = 'nobody' where id = 3")
    (finding,) = broken(booked)["I11"]
    assert "sequence 3, journal 3 booked 20" in finding
