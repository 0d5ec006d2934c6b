"""Pinned exchanges of a provider: what every version to be published must still understand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.audit.log import record
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput, NotFound
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.replay import ReplayOutcome, replay

MOST: Final = 500
NAME_MOST: Final = 80


class FixtureExists(BusinessError):
    """A fixture of this name is pinned already."""

    code = "fixture_exists"
    status = 409


@dataclass(frozen=True, slots=True)
class Fixture:
    """A pinned exchange; ``recording`` has the parts of a recording file."""

    id: int
    name: str
    operation: str
    recording: dict[str, Any]
    author: str
    created_at: datetime


def fixtures(unit: UnitOfWork, provider_id: int) -> list[Fixture]:
    """Every fixture of the provider, oldest first."""
    rows = unit.all(
        "select id, name, operation, recording, author, created_at from provider_fixture"
        " where provider_id = :id order by id",
        id=provider_id,
    )
    return [Fixture(**row) for row in rows]


def check(compiled: CompiledProvider, pinned: Iterable[Fixture]) -> list[ReplayOutcome]:
    """Replay the fixtures through a config."""
    return replay(compiled, [one.recording for one in pinned])


def pin(
    unit: UnitOfWork,
    actor: Actor | str,
    provider_id: int,
    provider: str,
    recording: Mapping[str, Any],
    *,
    now: datetime,
) -> int:
    """Keep a recording as a fixture; its ``id`` is the name. Secrets must be out of it already.

    Raises InvalidInput, FixtureExists.
    """
    name = str(recording["id"]).strip()
    if not name or len(name) > NAME_MOST:
        raise InvalidInput(f"A fixture's name has 1 to {NAME_MOST} characters; nothing was pinned.")
    count = unit.scalar(
        "select count(*) from provider_fixture where provider_id = :id", id=provider_id
    )
    if count >= MOST:
        raise InvalidInput(f"There are {MOST} fixtures already; take one away first.")
    found = _insert(unit, actor, provider_id, recording, name)
    if found is None:
        raise FixtureExists(f"A fixture “{name}” is pinned already; choose another name.")
    told = {"fixture": name, "operation": recording["operation"]}
    record(unit, actor, "provider.fixture.pin", f"provider:{provider}", after=told, now=now)
    return found


def adopt(
    unit: UnitOfWork, author: str, provider_id: int, recordings: Iterable[Mapping[str, Any]]
) -> int:
    """Take the recordings that come with a shipped config; those of a known name stay. Count."""
    found = [
        _insert(unit, author, provider_id, recording, str(recording["id"]))
        for recording in recordings
    ]
    return sum(one is not None for one in found)


def unpin(unit: UnitOfWork, actor: Actor, provider: str, fixture_id: int, *, now: datetime) -> str:
    """Take a fixture away and return its name; NotFound."""
    row = unit.first(
        "delete from provider_fixture f using provider p where f.id = :id"
        " and p.id = f.provider_id and p.name = :provider returning f.name, f.operation",
        id=fixture_id,
        provider=provider,
    )
    if row is None:
        raise NotFound("There is no such fixture; nothing was taken away.")
    told = {"fixture": row["name"], "operation": row["operation"]}
    record(unit, actor, "provider.fixture.unpin", f"provider:{provider}", before=told, now=now)
    return str(row["name"])


def _insert(
    unit: UnitOfWork,
    actor: Actor | str,
    provider_id: int,
    recording: Mapping[str, Any],
    name: str,
) -> int | None:
    found: int | None = unit.scalar(
        "insert into provider_fixture (provider_id, name, operation, recording, author)"
        " values (:id, :name, :operation, cast(:recording as json), :author)"
        " on conflict (provider_id, name) do nothing returning id",
        id=provider_id,
        name=name,
        operation=recording["operation"],
        recording=json.dumps(dict(recording), ensure_ascii=False),
        author=actor if isinstance(actor, str) else actor.name,
    )
    return found
