"""What staff change about a provider: margin, rank, whether it sells; and asking for a sync."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from redis.exceptions import RedisError

from nexnum_console.accounts.errors import NotAllowed
from nexnum_console.audit.log import record
from nexnum_console.catalogue import staging
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound, Unavailable
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.queue import CATALOGUE, JobQueue
from nexnum_console.providers import registry
from nexnum_console.providers.forced import decide, decision
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.registry import ProviderView

SYNC_JOB: Final = "workers.jobs.catalogue.sync_provider"
SYNC_TIMEOUT_SECONDS: Final = 900
RANK_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class MarginChanged:
    """A margin before and after, and how many prices moved with it."""

    before: str
    after: str
    moved: int


def ask_sync(database: Database, jobs: JobQueue, name: str) -> None:
    """Queue a catalogue sync; NotFound, Unavailable."""
    with database.transaction() as unit:
        provider_of(unit, name)
    try:
        jobs.enqueue(CATALOGUE, SYNC_JOB, name, timeout_seconds=SYNC_TIMEOUT_SECONDS)
    except RedisError as error:
        raise Unavailable(
            "The job queue does not answer, so no sync was asked for. Try again in a minute."
        ) from error


def set_margin(
    unit: UnitOfWork, events: Events, actor: Actor, name: str, margin: str, now: datetime
) -> MarginChanged:
    """Set the factor from cost to price and re-price what is stored; InvalidInput, NotFound."""
    before = provider_of(unit, name).margin
    moved = registry.set_margin(
        unit,
        name,
        margin,
        reprice=lambda inner, provider_id: staging.reprice(inner, now=now, provider_id=provider_id),
    )
    after = provider_of(unit, name).margin
    if before != after:
        change = {"margin": f"{before:f}"}, {"margin": f"{after:f}"}
        _told(unit, events, actor, "provider.margin", name, change, now)
    return MarginChanged(factor(before), factor(after), moved)


def set_enabled(
    unit: UnitOfWork, events: Events, actor: Actor, name: str, enabled: bool, now: datetime
) -> None:
    """Sell through the provider or not; running numbers are served in either case. NotFound."""
    before = provider_of(unit, name).enabled
    if before == enabled:
        return
    registry.set_enabled(unit, name, enabled)
    change = {"enabled": before}, {"enabled": enabled}
    _told(unit, events, actor, "provider.enabled", name, change, now)


def set_rank(
    unit: UnitOfWork, events: Events, actor: Actor, name: str, rank: str, now: datetime
) -> tuple[int, int]:
    """Who is asked first at equal prices, low before high; (before, after). InvalidInput."""
    text = rank.strip()
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= RANK_MOST and len(text) <= 4):
        raise InvalidInput(f"The rank is a whole number from 0 to {RANK_MOST}; nothing changed.")
    before, after = provider_of(unit, name).priority, int(text)
    if before != after:
        registry.set_priority(unit, name, after)
        change = {"rank": before}, {"rank": after}
        _told(unit, events, actor, "provider.rank", name, change, now)
    return before, after


def force_breaker(
    database: Database,
    gates: Gates,
    actor: Actor,
    account_id: int,
    state: str,
    reason: str,
    now: datetime,
) -> bool:
    """Force an account's circuit breaker ``open`` or ``closed``, or leave it to itself (``auto``).

    The decision is stored and audited first; then every process obeys it at its next call. False
    while Redis is away: processes then learn of it when they read the account anew, in 3 s.
    Raises NotFound, InvalidInput, NotAllowed.
    """
    if not actor.may("providers.manage"):
        raise NotAllowed("You may not change providers; nothing was changed.")
    with database.transaction() as unit:
        account = registry.account(unit, account_id)
        before = decision(unit, account_id)
        after = decide(unit, account_id, state, reason, actor.name, now)
        record(
            unit,
            actor,
            "provider.breaker",
            f"provider:{account.provider}",
            before={"account": account.label, "breaker": before.force.state or "auto"},
            after={"account": account.label, "breaker": after.force.state or "auto"},
            reason=after.reason,
            now=now,
        )
    return gates.force(account_id, after.force)


def provider_of(unit: UnitOfWork, name: str) -> ProviderView:
    """The provider; NotFound."""
    found = next((one for one in registry.providers(unit) if one.name == name), None)
    if found is None:
        raise NotFound(f"There is no provider {name[:64]}.")
    return found


def factor(margin: Decimal) -> str:
    """A margin without zeros that say nothing: ``1.6``."""
    text = f"{margin:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _told(
    unit: UnitOfWork,
    events: Events,
    actor: Actor,
    action: str,
    name: str,
    change: tuple[Mapping[str, Any], Mapping[str, Any]],
    now: datetime,
) -> None:
    before, after = change
    record(unit, actor, action, f"provider:{name}", before=before, after=after, now=now)
    unit.after_commit(lambda: events.publish(ADMIN_CHANNEL, "provider"))
