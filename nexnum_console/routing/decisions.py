"""Why a purchase asked whom, kept for every one: written with it, read by people and replays."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.catalogue.service import Candidate
from nexnum_console.core.db import UnitOfWork
from nexnum_console.routing.plan import Plan, Scored

CONSIDERED_MAX: Final = 60
KEPT_DAYS: Final = 90
# A code within the first minute is the rule, so the first look is soon.
FIRST_LOOK: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan as it is kept: JSON values only."""

    strategy: str
    how: str
    policy_version: str
    policy: dict[str, Any]
    considered: list[dict[str, Any]]

    def document(self) -> dict[str, Any]:
        """As one JSON object, for a quote."""
        return {
            "strategy": self.strategy,
            "how": self.how,
            "policy_version": self.policy_version,
            "policy": self.policy,
            "considered": self.considered,
        }


@dataclass(frozen=True, slots=True)
class Open:
    """A decision whose outcome is not all learned; ``learned`` as in the table."""

    activation_id: int
    learned: int


def choice_of(chosen: Plan) -> Choice:
    """What of a plan is kept: those who could be asked, in order, then the others and why."""
    reasons = {id(candidate): why for candidate, why in chosen.excluded}
    likely = chosen.propensities()
    told = [
        {**_scored(each, chance), "why": reasons.get(id(each.candidate), "")}
        for each, chance in zip(chosen.scored, likely, strict=True)
    ]
    scored = {id(each.candidate) for each in chosen.scored}
    told += [{**_named(c), "why": why} for c, why in chosen.excluded if id(c) not in scored]
    return Choice(
        chosen.strategy,
        chosen.how,
        chosen.policy.version,
        chosen.policy.document(),
        told[:CONSIDERED_MAX],
    )


def record(unit: UnitOfWork, activation_id: int, choice: Choice, now: datetime) -> None:
    """Keep a choice with its activation, in the transaction that places it."""
    unit.run(
        "insert into decision (activation_id, at, strategy, how, policy_version, policy,"
        " considered, look_at) values (:id, :now, :strategy, :how, :version,"
        " cast(:policy as jsonb), cast(:considered as jsonb), :look_at)",
        id=activation_id,
        now=now,
        strategy=choice.strategy,
        how=choice.how,
        version=choice.policy_version,
        policy=json.dumps(choice.policy),
        considered=json.dumps(choice.considered),
        look_at=now + FIRST_LOOK,
    )


def due(unit: UnitOfWork, now: datetime, limit: int) -> list[Open]:
    """Decisions to look at now, locked; another worker's are left to it."""
    rows = unit.all(
        "select activation_id, learned from decision where learned < 2 and look_at <= :now"
        " order by look_at limit :limit for update skip locked",
        now=now,
        limit=limit,
    )
    return [Open(row["activation_id"], row["learned"]) for row in rows]


def is_due(unit: UnitOfWork, now: datetime) -> bool:
    """Whether there is anything to look at."""
    return bool(
        unit.scalar(
            "select exists (select from decision where learned < 2 and look_at <= :now)", now=now
        )
    )


def looked(unit: UnitOfWork, seen: Iterable[tuple[int, int, datetime]]) -> None:
    """Keep how far each (activation, learned, next look) has come."""
    unit.many(
        "update decision set learned = :learned, look_at = :look_at where activation_id = :id",
        [{"id": id_, "learned": learned, "look_at": at} for id_, learned, at in seen],
    )


def sweep(unit: UnitOfWork, now: datetime) -> int:
    """Forget learned decisions of KEPT_DAYS ago; returns how many."""
    return unit.run(
        "delete from decision where at < :before and learned = 2",
        before=now - timedelta(days=KEPT_DAYS),
    ).rowcount


def _scored(each: Scored, propensity: float) -> dict[str, Any]:
    belief = each.belief
    return {
        **_named(each.candidate),
        "hits": round(belief.hits, 4),
        "misses": round(belief.misses, 4),
        "centre": round(belief.centre, 5),
        "spread": round(belief.spread, 5),
        "working": round(belief.working, 5),
        "seconds": round(belief.seconds, 1),
        "in_stock": round(belief.in_stock, 4),
        "outcomes": belief.outcomes,
        "new": each.new,
        "drawn": round(each.drawn, 5),
        "utility": round(each.utility, 3),
        "propensity": round(propensity, 6),
    }


def _named(candidate: Candidate) -> dict[str, Any]:
    return {
        "offer": candidate.offer_id,
        "account": candidate.account_id,
        "provider": candidate.provider,
        "operator": candidate.operator,
        "price": candidate.price_micro,
        "cost": int(candidate.cost_micro * candidate.rate),
    }
