"""What stops a wallet: each cause by itself, and nobody lets go what they have not looked at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nexnum_console.core.errors import InvalidInput
from nexnum_console.wallet import freezing, ledger
from nexnum_console.wallet.errors import NotLookedAt, WalletFrozen
from nexnum_console.wallet.freezing import Seen
from tests.wallet.conftest import NOW, cause, seen_by_all

UNIT = 1_000_000


def _spends(database, wallet, ref="activation:1"):
    try:
        with database.transaction() as unit:
            ledger.hold(unit, wallet, UNIT, cause(ref))
            ledger.release(unit, wallet, UNIT, cause(ref))
    except WalletFrozen:
        return False
    return True


def _rows(database):
    with database.transaction() as unit:
        rows = unit.all("select cause, closed_by, note from wallet_freeze order by id")
    return [tuple(row.values()) for row in rows]


def test_a_wallet_stands_still_until_each_cause_has_ended(verified, open_wallet):
    wallet = open_wallet(5 * UNIT)
    with verified.transaction() as unit:
        assert freezing.freeze(unit, wallet, "first disputed", cause="dispute:1", now=NOW)
        assert freezing.freeze(unit, wallet, "second disputed", cause="dispute:2", now=NOW)
        assert not freezing.freeze(unit, wallet, "second again", cause="dispute:2", now=NOW)
        told = unit.scalar("select frozen_reason from wallet where id = :w", w=wallet)
    assert told == "first disputed; second disputed"
    with verified.transaction() as unit:
        assert freezing.end(unit, "dispute:1", "gateway:x", "won", NOW) == 1
        assert freezing.end(unit, "dispute:1", "gateway:x", "won", NOW) == 0
    assert not _spends(verified, wallet)
    with verified.transaction() as unit:
        freezing.end(unit, "dispute:2", "gateway:x", "won", NOW)
    assert _spends(verified, wallet)
    assert _rows(verified) == [
        ("dispute:1", "gateway:x", "won"),
        ("dispute:2", "gateway:x", "won"),
    ]


def test_a_wallet_is_let_go_only_by_whoever_saw_all_that_stops_it(verified, open_wallet):
    wallet = open_wallet(5 * UNIT)
    with verified.transaction() as unit:
        freezing.freeze(unit, wallet, "first disputed", cause="dispute:1")
        seen = seen_by_all(unit, wallet)
        freezing.freeze(unit, wallet, "second disputed", cause="dispute:2")
    with verified.transaction() as unit, pytest.raises(NotLookedAt, match="second disputed") as no:
        freezing.thaw(unit, wallet, seen, "user:1", "the first was won", NOW)
    assert "first disputed" not in no.value.message
    assert not _spends(verified, wallet)
    assert {closed_by for _, closed_by, _ in _rows(verified)} == {None}
    with verified.transaction() as unit:
        held = freezing.thaw(unit, wallet, seen_by_all(unit, wallet), "user:1", "both won", NOW)
    assert held.reason == "first disputed; second disputed"
    assert _spends(verified, wallet)
    assert _rows(verified) == [
        ("dispute:1", "user:1", "both won"),
        ("dispute:2", "user:1", "both won"),
    ]
    with verified.transaction() as unit, pytest.raises(InvalidInput, match="not frozen"):
        freezing.thaw(unit, wallet, Seen(), "user:1", "once more", NOW)


def test_evidence_that_nobody_looked_at_is_not_settled(verified, open_wallet):
    wallet = open_wallet(5 * UNIT)
    with verified.transaction() as unit:
        freezing.freeze(unit, wallet, "first disputed", cause="dispute:1")
        seen = seen_by_all(unit, wallet)
        freezing.write_down(unit, "I11", "the chain is cut", wallet, NOW)
    with verified.transaction() as unit, pytest.raises(NotLookedAt, match="chain is cut"):
        freezing.thaw(unit, wallet, seen, "user:1", "the dispute was won", NOW)
    with verified.transaction() as unit:
        assert freezing.freeze_for_break(unit, wallet, "I11", NOW)
        freezing.end(unit, "dispute:1", "gateway:x", "won", NOW)
    assert not _spends(verified, wallet)


def test_causes_that_come_at_the_same_time_are_all_told(verified, open_wallet):
    wallet = open_wallet(5 * UNIT)

    def stop(number):
        with verified.transaction() as unit:
            freezing.freeze(unit, wallet, f"disputed {number}", cause=f"dispute:{number % 4}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(stop, range(16)))
    with verified.transaction() as unit:
        words = [one.words for one in freezing.standing(unit, wallet)]
        told = unit.scalar("select frozen_reason from wallet where id = :w", w=wallet)
    assert len(words) == 4
    assert told == "; ".join(words)
