"""All invariants of money and orders, in one snapshot.

The whole proof is cut into pieces that a few connections work off side by side; they share one
snapshot, so that all of them see the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from nexnum_console.activations import verify as activations
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.reports import reconciliation
from nexnum_console.wallet import seals
from nexnum_console.wallet import verify as wallet
from nexnum_console.wallet.verify import Check, CheckResult, Found, ask, summed

IDEMPOTENCY: Final = Check(
    "I14",
    "no request lost its work: an expired lease names what was begun",
    "select 'request of ' || principal || ' from ' || created_at || ': begun and nothing kept'"
    " as finding from idempotency_key where state = 'open' and ref = ''"
    " and locked_until < cast(:now as timestamptz) - interval '10 minutes'",
)
CHECKS: Final = (
    wallet.CHECKS
    + activations.CHECKS
    + (reconciliation.FLOATS, reconciliation.GATEWAYS, IDEMPOTENCY)
)
# How far the looks at the newest journals have come.
CHECKED: Final = "checked"
LANES: Final = 2
PIECE: Final = 100_000

Piece = Callable[[UnitOfWork], list[Found]]


@dataclass(frozen=True, slots=True)
class Seals:
    """What seals are judged by: keys to trust and the newest head told outside the database."""

    trusted: frozenset[bytes]
    folder: Path

    def keys(self) -> frozenset[bytes]:
        """Every key that may have sealed: ours now, and those the folder knows from before."""
        return self.trusted | seals.public_keys(self.folder)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of every check, and how much was looked at. Of a look at the newest journals,
    ``settled`` is the last one below which none can come any more: the next look begins there."""

    results: tuple[CheckResult, ...]
    journals: int
    entries: int
    wallets: int
    settled: int | None = None

    @property
    def ok(self) -> bool:
        """Whether every promise holds."""
        return all(result.breaks == 0 for result in self.results)


def verify(
    database: Database,
    now: datetime,
    seal: Seals | None = None,
    lanes: int = LANES,
    heard: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Check everything. Reads only: a break is reported and left as evidence.

    ``heard`` is told how many of the pieces are done, one call at a time.
    """
    with database.snapshot() as unit:
        snapshot = str(unit.scalar("select pg_export_snapshot()"))
        ends = unit.first(
            "select coalesce(min(id), 1) as first, coalesce(max(id), 0) as last from journal"
        )
        assert ends is not None, "an aggregate has one row"
        pieces = _pieces(ends["first"], ends["last"], now, seal)
        with ThreadPoolExecutor(lanes) as pool:
            found = []
            done = pool.map(lambda piece: _in_snapshot(database, snapshot, piece), pieces)
            counts = unit.first(  # while the lanes work
                "select (select count(*) from journal) as journals,"
                " (select count(*) from entry) as entries, (select count(*) from wallet) as wallets"
            )
            for number, rows in enumerate(done, 1):
                found.append(rows)
                heard(number, len(pieces))
    assert counts is not None, "a select without from has one row"
    return Report(summed(CHECKS, [each for part in found for each in part]), **counts)


def verify_newest(database: Database, now: datetime) -> Report:
    """Check what came since the last such look, and whatever is cheap for all: balances, holds,
    limits. What was sealed since then was not looked at yet, and is now.

    Older journals are covered by the whole proof and by their seals, not by this.
    """
    with database.snapshot() as unit:
        unit.run("set local statement_timeout = '60s'")
        rows = unit.all("select name, journal_id from ledger_mark")
        marks = {row["name"]: int(row["journal_id"]) for row in rows}
        settled = marks.get(seals.MARK, 0)  # whoever wrote below it has ended
        low = marks.get(CHECKED, settled)
        found = [each for check in CHECKS for each in ask(unit, check, now, low=low, whole=False)]
        counts = unit.first(
            "select count(distinct j.id) as journals, count(e.id) as entries,"
            " count(distinct j.wallet_id) as wallets"
            " from journal j left join entry e on e.journal_id = j.id where j.id > :low",
            low=low,
        )
    assert counts is not None, "an aggregate has one row"
    return Report(summed(CHECKS, found), **counts, settled=settled)


def note_settled(unit: UnitOfWork, report: Report) -> None:
    """The next look at the newest journals begins where this one found them settled."""
    if report.settled is not None:
        unit.run(
            "insert into ledger_mark (name, journal_id) values (:name, :settled)"
            " on conflict (name) do update"
            " set journal_id = greatest(ledger_mark.journal_id, excluded.journal_id)",
            name=CHECKED,
            settled=report.settled,
        )


def _pieces(first: int, last: int, now: datetime, seal: Seals | None) -> Sequence[Piece]:
    """The long ones first, so that no lane is left alone with one at the end."""
    whole = [check for check in CHECKS if not check.ranged]
    bounds = [low - 1 for low in range(first, last + 1, PIECE)]
    ranged = [
        # The outermost ones are open: an entry may be left of a journal that is gone.
        _piece(
            check,
            now,
            low if low >= first else 0,
            low + PIECE if low + PIECE < last else wallet.EVERY,
        )
        for check in CHECKS
        if check.ranged
        for low in bounds or [0]
    ]
    sealed = [_sealed(seal)]
    asked = [_piece(check, now, 0, wallet.EVERY) for check in whole]
    return [*asked[:2], *ranged, *sealed, *asked[2:]]


def _piece(check: Check, now: datetime, low: int, high: int) -> Piece:
    def piece(unit: UnitOfWork) -> list[Found]:
        if check.avoids:
            unit.run(f"set local {check.avoids} = off")
        return ask(unit, check, now, low=low, high=high)

    return piece


def _sealed(seal: Seals | None) -> Piece:
    trusted = seal.keys() if seal else frozenset()
    head = seals.last_head(seal.folder) if seal else None
    return lambda unit: [
        Found("I11", finding, None) for finding in seals.findings(unit, trusted, head)
    ]


def _in_snapshot(database: Database, snapshot: str, piece: Piece) -> list[Found]:
    with database.snapshot() as unit:
        unit.run(f"set transaction snapshot '{snapshot}'")
        unit.run("set local statement_timeout = '10min'")
        unit.run("set local work_mem = '48MB'")
        unit.run("set local jit = off")
        return piece(unit)
