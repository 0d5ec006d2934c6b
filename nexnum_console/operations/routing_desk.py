"""What an admin does about routing: pins, bans, and weights tried on past orders first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final, Literal

from nexnum_console.audit.log import record
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.core.runtime_settings import read_value, rules, setting_named
from nexnum_console.routing import rulings
from nexnum_console.routing.knowledge import forget_after
from nexnum_console.routing.policy import Policy, policy_of

_PREFIX: Final = "routing_"


def rule_provider(
    unit: UnitOfWork,
    actor: Actor | str,
    provider: str,
    kind: Literal["pin", "ban"],
    *,
    service: str = "",
    country: str = "",
    reason: str,
    now: datetime,
) -> None:
    """Pin or ban a provider, audited; NotFound, InvalidInput (then nothing changed)."""
    rulings.rule(
        unit,
        provider,
        kind,
        service=service,
        country=country,
        reason=reason,
        actor=actor if isinstance(actor, str) else actor.name,
        now=now,
    )
    told = {"kind": kind, "service": service, "country": country, "reason": reason}
    record(unit, actor, "routing.rule", f"provider:{provider}", after=told, now=now)
    forget_after(unit)


def free_provider(
    unit: UnitOfWork,
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
    forget_after(unit)
    return kind


def policy_with(unit: UnitOfWork, changes: Mapping[str, str]) -> Policy:
    """The policy that holds with some weights written anew, checked as the settings check them.

    NotFound for a weight that does not exist, InvalidInput for a value; nothing is stored.
    """
    known = [field.name for field in fields(Policy)]
    written: dict[str, Any] = {}
    for name, text in changes.items():
        if name not in known:
            raise NotFound(f"There is no weight {name}; there are {', '.join(known)}.")
        written[name] = read_value(setting_named(_PREFIX + name), text)
    return replace(policy_of(rules(unit)), **written)
