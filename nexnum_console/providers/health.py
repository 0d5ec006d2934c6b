"""How accounts do, for the console and the metrics: breaker, its reasons, and what is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers import registry
from nexnum_console.providers.forced import Decision, decisions
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.grammar import RateLimit
from nexnum_console.providers.limiter import limits_of
from nexnum_console.providers.registry import ProviderAccountView
from nexnum_console.providers.script import Seen


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """One account's gate. ``state``: ``closed``, ``half``, ``open``, or ``unknown`` while Redis is
    away; ``counts`` are outcomes of the last minute by code.

    ``cap`` and ``most`` are calls in ``per_seconds``: what the account takes as far as was learned,
    and what its config says. ``resting``: seconds of the pause the provider asked for.
    """

    account_id: int
    provider: str
    label: str
    state: str
    since: datetime | None
    decided: Decision
    again_in: float = 0.0
    why: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    cap: float = 0.0
    most: int = 0
    per_seconds: float = 1.0
    resting: float = 0.0
    at_once: int = 0
    at_once_most: int = 0


def health(
    unit: UnitOfWork, gates: Gates, now: datetime, provider: str | None = None
) -> list[AccountHealth]:
    """Every account, or those of one provider; one round trip to Redis for all of them."""
    rows = [each for each in registry.accounts(unit) if provider in {None, each.provider}]
    decided = decisions(unit)
    seen: Sequence[Seen | None] = gates.seen_of([row.account_id for row in rows]) or ()
    return [
        _health(row, decided.get(row.account_id, Decision()), found, now)
        for row, found in zip_longest(rows, seen)
    ]


def _health(
    row: ProviderAccountView, decided: Decision, seen: Seen | None, now: datetime
) -> AccountHealth:
    limits = limits_of(_rate_limit(row.config))
    forced = decided.force.state
    known = AccountHealth(
        account_id=row.account_id,
        provider=row.provider,
        label=row.label,
        state=forced or "unknown",
        since=decided.at if forced else None,
        decided=decided,
        cap=limits.account.requests,
        most=limits.account.requests,
        per_seconds=limits.account.per_seconds,
        at_once_most=limits.at_once,
    )
    if seen is None:
        return known
    since = None if seen.since_ago is None else now - timedelta(seconds=seen.since_ago)
    return replace(
        known,
        state=forced or seen.state,
        since=known.since or since,
        again_in=seen.open_for if not forced and seen.state == "open" else 0.0,
        why="" if forced or seen.state == "closed" else seen.why,
        counts=seen.counts,
        cap=min(known.most, seen.cap) if seen.cap is not None else known.cap,
        resting=seen.resting,
        at_once=seen.at_once,
    )


def _rate_limit(config: Mapping[str, Any]) -> RateLimit:
    return RateLimit.model_validate(config.get("rateLimit") or config.get("rate_limit") or {})
