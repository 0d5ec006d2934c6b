"""What staff decided about circuit breakers: the stored truth that every process reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from nexnum_console.core.db import Row, UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.providers.breaker import Forced
from nexnum_console.providers.script import AUTOMATIC, Force

REASON_LEAST: Final = 3
REASON_MOST: Final = 240
_STATES: Final = {"open": "open", "closed": "closed", "auto": ""}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what, why and when; ``force.state`` "" leaves the breaker to itself."""

    force: Force = AUTOMATIC
    reason: str = ""
    actor: str = ""
    at: datetime | None = None


def decision(unit: UnitOfWork, account_id: int) -> Decision:
    """What holds for an account."""
    row = unit.first("select * from breaker_force where account_id = :id", id=account_id)
    return Decision() if row is None else _decision(row)


def decisions(unit: UnitOfWork) -> dict[int, Decision]:
    """What holds, by account; accounts nobody ever decided about are left out."""
    return {row["account_id"]: _decision(row) for row in unit.all("select * from breaker_force")}


def decide(
    unit: UnitOfWork, account_id: int, state: str, reason: str, actor: str, now: datetime
) -> Decision:
    """Store a decision: ``open``, ``closed`` or ``auto``; NotFound, InvalidInput."""
    if state not in _STATES:
        raise InvalidInput("A circuit breaker is forced open or closed, or is automatic.")
    said = " ".join(reason.split())
    if not REASON_LEAST <= len(said) <= REASON_MOST or not said.isprintable():
        raise InvalidInput(
            f"Say why, in {REASON_LEAST} to {REASON_MOST} characters; nothing was changed."
        )
    known = unit.scalar("select id from provider_account where id = :id for update", id=account_id)
    if known is None:
        raise NotFound(f"There is no provider account {account_id}.")
    unit.run(
        "insert into breaker_force (account_id, state, reason, actor, at, version)"
        " values (:id, :state, :reason, :actor, :now, 1) on conflict (account_id) do update"
        " set state = excluded.state, reason = excluded.reason, actor = excluded.actor,"
        " at = excluded.at, version = breaker_force.version + 1",
        id=account_id,
        state=_STATES[state],
        reason=said,
        actor=actor,
        now=now,
    )
    return decision(unit, account_id)


def _decision(row: Row) -> Decision:
    force = Force(cast(Forced, row["state"]), int(row["version"]))
    return Decision(force, row["reason"], row["actor"], row["at"])
