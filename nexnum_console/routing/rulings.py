"""What an admin decided about providers: pins and bans by service and country."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from nexnum_console.catalogue.service import Candidate
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.routing.plan import Ruling

REASON_MAX = 240


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule; empty ``service`` or ``country``: every one. ``until`` None: without an end."""

    provider: str
    service: str
    country: str
    kind: Literal["pin", "ban"]
    reason: str
    actor: str
    at: datetime
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it has not ended."""
        return self.until is None or self.until > now


def rulings(
    unit: UnitOfWork, service: str, country: str, now: datetime
) -> Callable[[Candidate], Ruling]:
    """What holds for each candidate of an order at ``now``; the narrowest rule that fits."""
    rows = unit.all(
        "select provider_id, kind from routing_rule where service in ('', :service)"
        " and country in ('', :country) and (until is null or until > :now)"
        " order by (service <> '')::int + (country <> '')::int, service <> ''",
        service=service,
        country=country,
        now=now,
    )
    held: dict[int, Ruling] = {row["provider_id"]: row["kind"] for row in rows}
    return lambda candidate: held.get(candidate.provider_id, "")


def rule(
    unit: UnitOfWork,
    provider: str,
    kind: Literal["pin", "ban"],
    *,
    service: str,
    country: str,
    reason: str,
    actor: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Pin or ban a provider, until a moment or for good; NotFound, InvalidInput (then nothing
    changed)."""
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= REASON_MAX:
        raise InvalidInput(f"Say why, in at most {REASON_MAX} characters.")
    if until is not None and until <= now:
        raise InvalidInput("The rule would have ended before it begins. Choose a later end.")
    _check(unit, service, country)
    unit.run(
        "insert into routing_rule (provider_id, service, country, kind, reason, actor, at, until)"
        " values (:provider_id, :service, :country, :kind, :reason, :actor, :now, :until)"
        " on conflict (provider_id, service, country) do update set kind = excluded.kind,"
        " reason = excluded.reason, actor = excluded.actor, at = excluded.at,"
        " until = excluded.until",
        provider_id=_provider(unit, provider),
        service=service,
        country=country,
        kind=kind,
        reason=reason,
        actor=actor,
        now=now,
        until=until,
    )


def free(unit: UnitOfWork, provider: str, *, service: str, country: str) -> str:
    """Take a rule back; returns the kind it had. NotFound."""
    kind = unit.scalar(
        "delete from routing_rule where provider_id = :provider_id and service = :service"
        " and country = :country returning kind",
        provider_id=_provider(unit, provider),
        service=service,
        country=country,
    )
    if kind is None:
        raise NotFound(f"There is no pin or ban of {provider} for exactly that.")
    return cast(str, kind)


def rules_held(unit: UnitOfWork) -> list[RuleView]:
    """Every rule, by provider; also those that have ended."""
    rows = unit.all(
        "select p.name as provider, r.service, r.country, r.kind, r.reason, r.actor, r.at, r.until"
        " from routing_rule r join provider p on p.id = r.provider_id"
        " order by p.name, r.service, r.country"
    )
    return [RuleView(**row) for row in rows]


def _provider(unit: UnitOfWork, name: str) -> int:
    found = unit.scalar("select id from provider where name = :name", name=name)
    if found is None:
        raise NotFound(f"There is no provider {name}.")
    return int(found)


def _check(unit: UnitOfWork, service: str, country: str) -> None:
    if service and not unit.scalar("select true from service where code = :c", c=service):
        raise NotFound(f"There is no service {service}.")
    if country and not unit.scalar("select true from country where iso2 = :c", c=country):
        raise NotFound(f"There is no country {country}.")
