"""Seals: what is sealed cannot be rewritten unseen, and nothing is skipped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexnum_console.core.db import Database
from nexnum_console.wallet import ledger, seals
from nexnum_console.wallet.seals import DELAY, SealKey
from tests.wallet.conftest import NOW, broken, cause

UNIT = 1_000_000
KEY = SealKey("a secret key of the installation, long enough")
LATER = NOW + DELAY


def seal_all(database: Database, now=NOW) -> list[seals.Block]:
    blocks = []
    for step in range(4):
        with database.transaction() as unit:
            block = seals.seal(unit, KEY, now + step * DELAY)
        blocks += [block] if block else []
    return blocks


def wrong(database: Database, trusted=frozenset({KEY.public}), head=None) -> list[str]:
    with database.transaction() as unit:
        return list(seals.findings(unit, trusted, head))


@pytest.fixture
def sealed(verified, open_wallet):
    wallet = open_wallet(10 * UNIT)
    legs = {"orphan_expense:fivesim": -5, "float:fivesim": 5}
    with verified.transaction() as unit:
        ledger.hold(unit, wallet, UNIT, cause("activation:1"))
        ledger.book_house(unit, "orphan_cost", legs, "USD", cause("orphan:1"))
    return verified, wallet


def test_journals_of_wallets_and_of_the_house_are_sealed_once(sealed):
    database, wallet = sealed
    (block,) = seal_all(database)
    assert (block.number, block.journals) == (1, 3)
    with database.transaction() as unit:
        ledger.hold(unit, wallet, UNIT, cause("activation:2"))
    (second,) = seal_all(database, NOW + timedelta(hours=1))
    assert (second.number, second.journals, second.after_id) == (2, 1, block.upto_id)
    assert wrong(database) == []


def test_a_journal_that_commits_late_is_waited_for(sealed):
    database, wallet = sealed
    with database.transaction() as late:
        ledger.book_house(late, "orphan_cost", {"revenue": -1, "promo": 1}, "USD", cause("o:late"))
        with database.transaction() as unit:
            ledger.hold(unit, wallet, UNIT, cause("activation:9"))
        assert seal_all(database) == []
    assert sum(block.journals for block in seal_all(database, NOW + timedelta(hours=1))) == 5
    assert wrong(database) == []


def test_sums_of_accounts_follow_the_seals(sealed):
    database, _ = sealed
    seal_all(database)
    with database.transaction() as unit:
        assert (
            unit.all(
                "select r.account_id from account_rollup r join (select account_id, sum(amount) as"
                " amount, count(*) as entries from entry group by 1) e using (account_id)"
                " where e.amount <> r.amount or e.entries <> r.entries"
            )
            == []
        )
        assert unit.scalar("select count(*) from account_rollup") == 5


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        # Both rewrite a hash so that the row fits itself again, as only its owner could.
        (
            "update journal set actor = 'x', hash = '\\x00' where kind = 'orphan_cost'",
            "sealed ones",
        ),
        ("delete from entry where journal_id = 3; delete from journal where id = 3", "2 are there"),
        ("update account set code = 'float:smsman' where code = 'float:fivesim'", "sealed ones"),
        ("update ledger_block set journals = 2", "holds 2 journals, 3 are there"),
        ("update ledger_block set sealed_at = sealed_at + interval '1 s'", "does not cover"),
        ("update ledger_block set signature = decode(repeat('00', 64), 'hex')", "not ours"),
        ("delete from ledger_block", "is gone or another one"),
    ],
)
def test_an_owner_of_the_database_is_found_out(sealed, owner_database, tampering, told):
    database, _ = sealed
    (block,) = seal_all(database)
    with owner_database.transaction() as unit:
        for table in ("journal", "entry", "account", "ledger_block"):
            unit.run(f"alter table {table} disable trigger user")
    try:
        with owner_database.transaction() as unit:
            for statement in tampering.split("; "):
                unit.run(statement)
        assert any(told in finding for finding in wrong(database, head=block.head()))
    finally:
        with owner_database.transaction() as unit:
            unit.run("truncate entry, journal, hold, ledger_block cascade")
            unit.run("truncate account cascade")
            unit.run(
                "update wallet set available = 0, reserved = 0, version = 0,"
                " head = sha256(convert_to('nexnum wallet of user ' || user_id, 'UTF8'))"
            )


def test_a_seal_of_another_key_is_not_ours(sealed):
    database, _ = sealed
    seal_all(database)
    assert wrong(database, frozenset({SealKey("somebody else's key, as long").public})) != []


def test_heads_and_keys_are_told_outside(sealed, tmp_path):
    database, _ = sealed
    (block,) = seal_all(database)
    folder = tmp_path / "ledger"
    seals.export(folder, block)
    seals.export(folder, block)
    with (folder / seals.HEADS).open("a") as file:
        file.write('{"number": 9, "ha')
    assert seals.last_head(folder) == block.head()
    assert seals.public_keys(folder) == {KEY.public}
    assert (folder / seals.HEADS).stat().st_mode & 0o077 == 0
    assert wrong(database, head=seals.last_head(folder)) == []


def test_a_large_ledger_is_sealed_in_runs(sealed, monkeypatch):
    database, _ = sealed
    monkeypatch.setattr(seals, "BLOCK_MAX", 2)
    assert [block.journals for block in seal_all(database)] == [2, 1]
    assert wrong(database) == []
    assert broken(database) == {}
