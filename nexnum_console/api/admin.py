"""What an admin does over HTTP: providers and their syncs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from nexnum_console.api.deps import current_services, require
from nexnum_console.catalogue.sync import KIND
from nexnum_console.core import job_runs
from nexnum_console.core.actor import Actor
from nexnum_console.core.errors import NotFound
from nexnum_console.core.queue import CATALOGUE
from nexnum_console.providers import registry

router = APIRouter(prefix="/api/admin", tags=["admin"])

SYNC_TIMEOUT_SECONDS = 900
Viewer = Annotated[Actor, require("console.view")]
Manager = Annotated[Actor, require("providers.manage")]


class ProviderOut(BaseModel):
    """A provider; ``margin`` is the factor from cost to price, ``offers`` what is for sale."""

    name: str
    title: str
    currency: str
    margin: str
    priority: int
    enabled: bool
    offers: int


class RunOut(BaseModel):
    """A run of a long job; ``done`` of ``total`` steps."""

    id: int
    state: str
    step: str
    done: int
    total: int | None
    error: str | None
    started_at: datetime
    finished_at: datetime | None


class QueuedOut(BaseModel):
    """The job waits for a worker."""

    queued: str


@router.get("/providers", response_model=list[ProviderOut])
def list_providers(request: Request, actor: Viewer) -> list[ProviderOut]:
    """Every provider, by priority."""
    with current_services(request).database.transaction() as unit:
        found = registry.providers(unit)
    return [
        ProviderOut(
            name=p.name,
            title=p.title,
            currency=p.currency,
            margin=str(p.margin),
            priority=p.priority,
            enabled=p.enabled,
            offers=p.offers,
        )
        for p in found
    ]


@router.post("/providers/{name}/sync", response_model=QueuedOut, status_code=202)
def sync_provider(name: str, request: Request, actor: Manager) -> QueuedOut:
    """Read the provider's catalogue again; watch it at ``/api/admin/providers/{name}/sync``."""
    parts = current_services(request)
    with parts.database.transaction() as unit:
        if not any(p.name == name for p in registry.providers(unit)):
            raise NotFound(f"There is no provider {name[:64]}.")
    parts.jobs.enqueue(
        CATALOGUE,
        "workers.jobs.catalogue.sync_provider",
        name,
        timeout_seconds=SYNC_TIMEOUT_SECONDS,
    )
    return QueuedOut(queued=name)


@router.get("/providers/{name}/sync", response_model=RunOut)
def last_sync(name: str, request: Request, actor: Viewer) -> RunOut:
    """The provider's newest sync."""
    with current_services(request).database.transaction() as unit:
        run = job_runs.latest(unit, KIND, name)
    if run is None:
        raise NotFound(f"{name[:64]} was never synced.")
    return RunOut(**{field: getattr(run, field) for field in RunOut.model_fields})
