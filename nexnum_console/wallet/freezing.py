"""Stopping what leaves a wallet, and letting it go again. Causes and evidence stay for ever.

Each cause is a row of its own, and a wallet stands still while any of them is open:
``wallet.frozen_reason``, which every outgoing move looks at, tells them all and is written in the
same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.core.actor import SYSTEM
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.wallet.errors import NotLookedAt

NAMED_MOST: Final = 5
_CLOSE: Final = (
    "update {} set closed_at = :now, closed_by = :actor, note = :note where id = any(:ids)"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Something open about a wallet: a ``freeze`` that stops it, or ``evidence`` of a break."""

    kind: str
    id: int
    words: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Numbers of the freezes and of the evidence that a person has looked at."""

    freezes: frozenset[int] = frozenset()
    evidence: frozenset[int] = frozenset()

    @classmethod
    def of(cls, told: Iterable[tuple[str, int]]) -> Seen:
        """From the kind (``freeze``, ``evidence``) and the number of each."""
        all_told = frozenset(told)
        return cls(
            frozenset(number for kind, number in all_told if kind == "freeze"),
            frozenset(number for kind, number in all_told if kind == "evidence"),
        )

    def covers(self, one: Standing) -> bool:
        """Whether the person has looked at that one."""
        return one.id in (self.freezes if one.kind == "freeze" else self.evidence)


@dataclass(frozen=True, slots=True)
class Held:
    """Why a wallet was frozen, and the numbers of the freezes and the evidence now closed."""

    reason: str
    freezes: tuple[int, ...]
    evidence: tuple[int, ...]


def write_down(
    unit: UnitOfWork, name: str, finding: str, wallet_id: int | None, now: datetime
) -> None:
    """One row a break of invariant ``name``; one that a person has closed is not opened again."""
    unit.run(
        "insert into ledger_break (name, finding, wallet_id, found_at, seen_at)"
        " select t.name, t.finding, t.wallet_id, t.at, t.at from (select cast(:name as text) as"
        "  name, cast(:finding as text) as finding, cast(:wallet_id as bigint) as wallet_id,"
        "  cast(:now as timestamptz) as at) t"
        " where not exists (select from ledger_break b where b.name = t.name"
        "  and b.finding = t.finding and b.closed_at is not null)"
        " on conflict (name, finding) where closed_at is null"
        " do update set seen_at = excluded.seen_at",
        name=name,
        finding=finding,
        wallet_id=wallet_id,
        now=now,
    )


def freeze_for_break(
    unit: UnitOfWork, wallet_id: int, name: str, now: datetime | None = None
) -> bool:
    """Stop a wallet whose invariant ``name`` is broken, unless a person has settled that; whether
    it did not stop it before. Evidence is written down before, never after."""
    # Before the evidence is read: a person may be settling it right now.
    _locked(unit, wallet_id)
    row = unit.first(
        "select id, finding, closed_at from ledger_break where wallet_id = :wallet_id"
        " and name = :name order by closed_at is not null, id limit 1",
        wallet_id=wallet_id,
        name=name,
    )
    if row is not None and row["closed_at"] is not None:
        return False
    evidence = f"evidence {row['id']}: {row['finding']}" if row else "see the ledger's proof"
    why = f"{name} does not hold, {evidence}"
    return freeze(unit, wallet_id, why, cause=f"break:{name}", now=now)


def freeze(
    unit: UnitOfWork,
    wallet_id: int,
    reason: str,
    *,
    cause: str = "",
    by: str = SYSTEM,
    now: datetime | None = None,
) -> bool:
    """Stop what leaves a wallet for one more ``cause`` (its ``reason`` where none is named),
    whatever else stops it; whether this cause did not stop it before. ``by`` is who says so,
    ``now`` the transaction's own time where none is given."""
    _locked(unit, wallet_id)
    opened = unit.scalar(
        "insert into wallet_freeze (wallet_id, cause, reason, frozen_at, frozen_by) values"
        " (:wallet_id, :cause, :reason, coalesce(cast(:now as timestamptz), now()), :by)"
        " on conflict (cause, wallet_id) where closed_at is null do nothing returning id",
        wallet_id=wallet_id,
        cause=(cause or reason)[:200],
        reason=reason[:600],
        now=now,
        by=by,
    )
    if opened is not None:
        _tell_moves(unit, wallet_id)
    return opened is not None


def end(unit: UnitOfWork, cause: str, by: str, note: str, now: datetime) -> int:
    """A ``cause`` is no more: its freezes are closed with ``note``, all others stay as they are.
    How many it had."""
    wallets = unit.run(
        "select wallet_id from wallet_freeze where cause = :cause and closed_at is null"
        " order by wallet_id",
        cause=cause[:200],
    ).scalars()
    for wallet_id in wallets:
        _locked(unit, wallet_id)
        unit.run(
            "update wallet_freeze set closed_at = :now, closed_by = :by, note = :note"
            " where wallet_id = :wallet_id and cause = :cause and closed_at is null",
            wallet_id=wallet_id,
            cause=cause[:200],
            by=by,
            note=note,
            now=now,
        )
        _tell_moves(unit, wallet_id)
    return len(wallets)


def stands(unit: UnitOfWork, cause: str) -> bool:
    """Whether a ``cause`` stops a wallet."""
    return bool(
        unit.scalar(
            "select true from wallet_freeze where cause = :cause and closed_at is null limit 1",
            cause=cause[:200],
        )
    )


def standing(unit: UnitOfWork, wallet_id: int) -> list[Standing]:
    """All that is open about a wallet: what stops it, then the evidence."""
    rows = unit.all(
        "select 'freeze' as kind, id, reason as words from wallet_freeze"
        " where wallet_id = :wallet_id and closed_at is null"
        " union all select 'evidence', id, name || ': ' || finding from ledger_break"
        " where wallet_id = :wallet_id and closed_at is null order by kind desc, id",
        wallet_id=wallet_id,
    )
    return [Standing(**row) for row in rows]


def thaw(
    unit: UnitOfWork, wallet_id: int, seen: Seen, actor: str, note: str, now: datetime
) -> Held:
    """Let money leave again: all that is open about the wallet is closed with ``note``.

    ``seen`` is what ``actor`` has looked at. InvalidInput where nothing stops the wallet,
    NotLookedAt where more is open than that; then nothing was changed.
    """
    # Evidence before its wallet, the order in which a check of the ledger takes them.
    unit.run(
        "select id from ledger_break where wallet_id = :id and closed_at is null"
        " order by id for update",
        id=wallet_id,
    )
    reason = _locked(unit, wallet_id)
    if reason is None:
        raise InvalidInput("This wallet is not frozen. Nothing was changed.")
    found = standing(unit, wallet_id)
    if others := [one for one in found if not seen.covers(one)]:
        raise _not_looked_at(others)
    held = Held(reason, _numbers(found, "freeze"), _numbers(found, "evidence"))
    # By number: a check may be writing down something new right now.
    for table, numbers in (("wallet_freeze", held.freezes), ("ledger_break", held.evidence)):
        if numbers:
            unit.run(_CLOSE.format(table), ids=list(numbers), actor=actor, note=note, now=now)
    _tell_moves(unit, wallet_id)
    return held


def _locked(unit: UnitOfWork, wallet_id: int) -> str | None:
    """What stops a wallet, which nobody else changes before this transaction ends."""
    reason: str | None = unit.scalar(
        "select frozen_reason from wallet where id = :id for no key update", id=wallet_id
    )
    return reason


def _tell_moves(unit: UnitOfWork, wallet_id: int) -> None:
    """Write what is open where every outgoing move looks; the wallet is locked."""
    unit.run(
        "update wallet set frozen_reason = (select string_agg(reason, '; ' order by id)"
        " from wallet_freeze where wallet_id = :id and closed_at is null) where id = :id",
        id=wallet_id,
    )


def _not_looked_at(others: Sequence[Standing]) -> NotLookedAt:
    told = [f"{one.kind} {one.id} ({one.words[:120]})" for one in others[:NAMED_MOST]]
    if len(others) > NAMED_MOST:
        told.append(f"{len(others) - NAMED_MOST} more")
    return NotLookedAt(
        f"More stands open about this wallet than was looked at: {'; '.join(told)}."
        " Nothing was changed. Look at the wallet again, then let it go.",
        freezes=_numbers(others, "freeze"),
        evidence=_numbers(others, "evidence"),
    )


def _numbers(found: Iterable[Standing], kind: str) -> tuple[int, ...]:
    return tuple(one.id for one in found if one.kind == kind)
