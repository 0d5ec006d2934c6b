"""What an admin does about routing: pins, bans, and weights tried on past orders first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from nexnum_console.audit.log import record
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.runtime_settings import (
    change,
    hold,
    read_value,
    setting_named,
    stored_rules,
)
from nexnum_console.routing import rulings
from nexnum_console.routing.errors import PolicyChanged
from nexnum_console.routing.knowledge import forget_after
from nexnum_console.routing.policy import Policy, policy_of
from nexnum_console.routing.rulings import REASON_MAX

_PREFIX: Final = "routing_"
HOURS_MOST: Final = 24 * 366


@dataclass(frozen=True, slots=True)
class Saved:
    """The policy after a change, and which weights differ now."""

    policy: Policy
    changed: tuple[str, ...]


def rule_provider(
    unit: UnitOfWork,
    events: Events,
    actor: Actor | str,
    provider: str,
    kind: Literal["pin", "ban"],
    *,
    service: str = "",
    country: str = "",
    reason: str,
    hours: int = 0,
    now: datetime,
) -> None:
    """Pin or ban a provider, for some hours or (0) without an end, audited; NotFound, InvalidInput
    (then nothing changed)."""
    if not 0 <= hours <= HOURS_MOST:
        raise InvalidInput(f"A rule ends after 1 to {HOURS_MOST} hours, or 0 for no end.")
    until = now + timedelta(hours=hours) if hours else None
    rulings.rule(
        unit,
        provider,
        kind,
        service=service,
        country=country,
        reason=reason,
        actor=actor if isinstance(actor, str) else actor.name,
        now=now,
        until=until,
    )
    told = {
        "kind": kind,
        "service": service,
        "country": country,
        "until": until.isoformat(timespec="minutes") if until else "",
    }
    record(unit, actor, "routing.rule", f"provider:{provider}", after=told, reason=reason, now=now)
    _tell(unit, events)


def free_provider(
    unit: UnitOfWork,
    events: Events,
    actor: Actor | str,
    provider: str,
    *,
    service: str = "",
    country: str = "",
    now: datetime,
) -> str:
    """Take a pin or ban back, audited; returns its kind. NotFound."""
    kind = rulings.free(unit, provider, service=service, country=country)
    told = {"kind": kind, "service": service, "country": country}
    record(unit, actor, "routing.free", f"provider:{provider}", before=told, now=now)
    _tell(unit, events)
    return kind


def policy_with(unit: UnitOfWork, changes: Mapping[str, str]) -> Policy:
    """The policy that holds with some weights written anew, checked as the settings check them.

    NotFound for a weight that does not exist, InvalidInput for a value; nothing is stored.
    """
    _named(changes)
    written: dict[str, Any] = {
        name: read_value(setting_named(_PREFIX + name), text) for name, text in changes.items()
    }
    return replace(policy_of(stored_rules(unit)), **written)


def set_policy(
    unit: UnitOfWork,
    events: Events,
    actor: Actor | str,
    changes: Mapping[str, str],
    *,
    version: str,
    reason: str = "",
    now: datetime,
) -> Saved:
    """Save weights that were looked at beside policy ``version``, audited as one act.

    PolicyChanged when another policy holds by now, NotFound and InvalidInput as ``policy_with``;
    then nothing was saved.
    """
    hold(unit)
    before = policy_of(stored_rules(unit))
    if before.version != version:
        raise PolicyChanged(
            f"Somebody changed the policy meanwhile: it is {before.version} now, not {version}."
            " Nothing was saved; look at the new one and try again.",
            version=before.version,
        )
    after = policy_with(unit, changes)
    old, new = before.document(), after.document()
    changed = tuple(name for name in old if old[name] != new[name])
    for name in changed:
        change(unit, _PREFIX + name, changes[name], now)
    if changed:
        record(
            unit,
            actor,
            "routing.policy",
            f"policy:{after.version}",
            before={name: old[name] for name in changed},
            after={name: new[name] for name in changed},
            reason=" ".join(reason.split())[:REASON_MAX],
            now=now,
        )
        _tell(unit, events)
    return Saved(after, changed)


def _named(changes: Mapping[str, str]) -> None:
    known = [field.name for field in fields(Policy)]
    for name in changes:
        if name not in known:
            raise NotFound(f"There is no weight {name}; there are {', '.join(known)}.")


def _tell(unit: UnitOfWork, events: Events) -> None:
    """This process reads anew at once, open pages too; every other within 2 seconds."""
    forget_after(unit)
    unit.after_commit(lambda: events.publish(ADMIN_CHANNEL, "routing"))
