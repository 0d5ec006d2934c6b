"""Penalties: charged once for a rule and a day, with what was counted; appealable, reversible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput, NotFound
from nexnum_console.wallet import ledger

APPEAL_LENGTH: Final = (10, 1000)


class NotAppealable(BusinessError):
    """The penalty was appealed or decided before."""

    code = "not_appealable"
    status = 409


@dataclass(frozen=True, slots=True)
class Charge:
    """A penalty to be: ``rule`` was broken on ``period`` (a day), ``evidence`` is what counted."""

    wallet_id: int
    rule: str
    period: str
    amount: int
    evidence: Mapping[str, Any]


def is_booked(unit: UnitOfWork, charge: Charge) -> bool:
    """Whether this rule was charged for that day before."""
    return bool(
        unit.scalar(
            "select exists (select from penalty where wallet_id = :wallet_id and rule = :rule"
            " and period = :period)",
            wallet_id=charge.wallet_id,
            rule=charge.rule,
            period=charge.period,
        )
    )


def book(unit: UnitOfWork, charge: Charge, actor: str, now: datetime) -> int:
    """Charge it; returns the penalty's id.

    InsufficientFunds where the balance does not cover all of it, WalletFrozen, AlreadyBooked.
    """
    ref = f"penalty:{charge.wallet_id}:{charge.rule}:{charge.period}"
    cause = ledger.Cause(ref, actor, now, charge.rule)
    posted = ledger.penalise(unit, charge.wallet_id, charge.amount, cause)
    return int(
        unit.scalar(
            "insert into penalty (wallet_id, rule, period, amount, evidence, journal_id,"
            " booked_by, booked_at) values (:wallet_id, :rule, :period, :amount,"
            " cast(:evidence as jsonb), :journal_id, :actor, :now) returning id",
            wallet_id=charge.wallet_id,
            rule=charge.rule,
            period=charge.period,
            amount=charge.amount,
            evidence=json.dumps(dict(charge.evidence)),
            journal_id=posted.journal_id,
            actor=actor,
            now=now,
        )
    )


def appeal(unit: UnitOfWork, user_id: int, penalty_id: int, text: str, now: datetime) -> None:
    """The user's word against a penalty of theirs, once; NotFound, NotAppealable, InvalidInput."""
    text = " ".join(text.split())
    if not APPEAL_LENGTH[0] <= len(text) <= APPEAL_LENGTH[1]:
        raise InvalidInput("Say in 10 to 1000 characters why the penalty is wrong.")
    row = unit.first(
        "select p.state from penalty p join wallet w on w.id = p.wallet_id"
        " where p.id = :id and w.user_id = :user_id for update of p",
        id=penalty_id,
        user_id=user_id,
    )
    if row is None:
        raise NotFound("You have no such penalty.")
    if row["state"] != "booked":
        raise NotAppealable("This penalty was appealed or decided before.")
    unit.run(
        "update penalty set state = 'appealed', appeal = :text, appealed_at = :now where id = :id",
        id=penalty_id,
        text=text,
        now=now,
    )


def decide(
    unit: UnitOfWork, penalty_id: int, actor: str, decision: str, now: datetime, *, reverse: bool
) -> int:
    """Uphold a penalty, or reverse it by a journal of its own; returns the wallet's id.

    NotFound, NotAppealable where it was decided before.
    """
    row = unit.first("select * from penalty where id = :id for update", id=penalty_id)
    if row is None:
        raise NotFound(f"There is no penalty {penalty_id}.")
    if row["state"] not in {"booked", "appealed"}:
        raise NotAppealable(f"This penalty was {row['state']} before. Nothing was changed.")
    reversal = None
    if reverse:
        cause = ledger.Cause(f"penalty:{penalty_id}", actor, now, decision)
        posted = ledger.reverse_penalty(unit, row["wallet_id"], row["amount"], cause)
        reversal = posted.journal_id
    unit.run(
        "update penalty set state = :state, decided_by = :actor, decided_at = :now,"
        " decision = :decision, reversal_id = :reversal where id = :id",
        id=penalty_id,
        state="reversed" if reverse else "upheld",
        actor=actor,
        decision=decision,
        reversal=reversal,
        now=now,
    )
    return int(row["wallet_id"])
