"""Stopping what leaves a wallet, and letting it go again. The evidence stays for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Held:
    """Why a wallet was frozen, and the numbers of the evidence that was open."""

    reason: str
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


def freeze_for_break(unit: UnitOfWork, wallet_id: int, name: str) -> bool:
    """Stop a wallet whose invariant ``name`` is broken, unless a person has settled that; whether
    it was stopped by this."""
    row = unit.first(
        "select id, finding, closed_at from ledger_break where wallet_id = :wallet_id"
        " and name = :name order by closed_at is not null, id limit 1",
        wallet_id=wallet_id,
        name=name,
    )
    if row is not None and row["closed_at"] is not None:
        return False
    evidence = f"evidence {row['id']}: {row['finding']}" if row else "see the ledger's proof"
    return freeze(unit, wallet_id, f"{name} does not hold, {evidence}")


def freeze(unit: UnitOfWork, wallet_id: int, reason: str) -> bool:
    """Stop what leaves a wallet; the first reason stays. Whether it was stopped by this."""
    stopped = unit.scalar(
        "update wallet set frozen_reason = :reason where id = :id and frozen_reason is null"
        " returning true",
        id=wallet_id,
        reason=reason[:600],
    )
    return bool(stopped)


def thaw(unit: UnitOfWork, wallet_id: int, actor: str, note: str, now: datetime) -> Held:
    """Let money leave again and close the open evidence with ``note``; InvalidInput."""
    row = unit.first(
        "update wallet set frozen_reason = null where id = :id and frozen_reason is not null"
        " returning old.frozen_reason as reason",
        id=wallet_id,
    )
    if row is None:
        raise InvalidInput("This wallet is not frozen. Nothing was changed.")
    closed = unit.run(
        "update ledger_break set closed_at = :now, closed_by = :actor, note = :note"
        " where wallet_id = :id and closed_at is null returning id",
        id=wallet_id,
        actor=actor,
        note=note,
        now=now,
    ).scalars()
    return Held(str(row["reason"]), tuple(sorted(closed)))
