"""Performance where it is kept: loaded for a plan, and moved on by outcomes in batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers.performance import NO_ARRIVALS, Observation, Scope, Tally

# Whoever learns waits for whoever learns already: batches then meet no deadlock.
_LEARNING: Final = 0x6C6561726E
_COUNTS: Final = tuple(field.name for field in fields(Tally) if field.name != "at")

_SAVE: Final = f"""
insert into performance (provider_id, service, country, operator, at, {", ".join(_COUNTS)})
values (:provider_id, :service, :country, :operator, :at, {", ".join(f":{c}" for c in _COUNTS)})
on conflict (provider_id, service, country, operator) do update
set at = excluded.at, {", ".join(f"{c} = excluded.{c}" for c in _COUNTS)}
"""  # noqa: S608  the names are ours


def load(unit: UnitOfWork, service: str, country: str) -> dict[Scope, Tally]:
    """Every provider's counts that bear on an order of ``service`` in ``country``."""
    rows = unit.all(
        "select * from performance where provider_id = any(array(select id from provider))"
        " and (service = '' or service = :service and country in ('', :country))",
        service=service,
        country=country,
    )
    return {_scope(row): _tally(row) for row in rows}


def learn(unit: UnitOfWork, seen: Sequence[Observation]) -> None:
    """Move every scope of each outcome on, in the order given, in the caller's transaction."""
    if not seen:
        return
    unit.run("select pg_advisory_xact_lock(:key)", key=_LEARNING)
    touched = {scope for each in seen for scope in each.scope.chain()}
    tallies = _stored(unit, touched)
    for each in seen:
        for scope in each.scope.chain():
            tallies[scope] = tallies.get(scope, Tally(each.at)).after(each)
    unit.many(_SAVE, [_saved(scope, tallies[scope]) for scope in sorted(touched)])


def waits(unit: UnitOfWork, scopes: Iterable[Scope]) -> dict[Scope, Tally]:
    """Stored counts of these scopes and of all above them."""
    return _stored(unit, {each for scope in scopes for each in scope.chain()})


def tally_of(kept: Mapping[str, Any]) -> Tally:
    """The counts of a row, also of one that came as JSON."""
    moments = {name: _moment(kept[name]) for name in ("at", "proved_at")}
    return _tally({**kept, **moments})


def _moment(kept: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if isinstance(kept, str) else kept


def _stored(unit: UnitOfWork, scopes: set[Scope]) -> dict[Scope, Tally]:
    ordered = sorted(scopes)
    rows = unit.all(
        "select p.* from performance p join unnest(cast(:ids as bigint[]),"
        " cast(:services as text[]), cast(:countries as text[]), cast(:operators as text[]))"
        " as s(provider_id, service, country, operator)"
        " using (provider_id, service, country, operator)",
        ids=[scope.provider_id for scope in ordered],
        services=[scope.service for scope in ordered],
        countries=[scope.country for scope in ordered],
        operators=[scope.operator for scope in ordered],
    )
    return {_scope(row): _tally(row) for row in rows}


def _scope(row: Any) -> Scope:
    return Scope(row["provider_id"], row["service"], row["country"], row["operator"])


def _tally(row: Any) -> Tally:
    counts = {name: row[name] for name in _COUNTS if name != "arrivals"}
    return Tally(at=row["at"], arrivals=tuple(row["arrivals"]) or NO_ARRIVALS, **counts)


def _saved(scope: Scope, tally: Tally) -> dict[str, object]:
    return {
        "provider_id": scope.provider_id,
        "service": scope.service,
        "country": scope.country,
        "operator": scope.operator,
        "at": tally.at,
        **{name: getattr(tally, name) for name in _COUNTS if name != "arrivals"},
        "arrivals": list(tally.arrivals),
    }
