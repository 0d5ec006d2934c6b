"""For load balancers: is the process alive, can it serve."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from nexnum_console.api.deps import current_services, public
from nexnum_console.operations.health import Part, readiness

router = APIRouter(prefix="/api/health", tags=["health"])

FRESH_SECONDS: Final = 1.0


class ReadyProbe:
    """One check at a time, its verdict kept for a second: many askers cost one connection."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._urls = (database_url, redis_url)
        self._lock = asyncio.Lock()
        self._parts: list[Part] = []
        self._at = float("-inf")

    async def parts(self) -> list[Part]:
        """Each part's verdict, at most a second old."""
        async with self._lock:
            if time.monotonic() - self._at > FRESH_SECONDS:
                self._parts = await readiness(*self._urls)
                self._at = time.monotonic()
            return self._parts


@router.get("")
@public("load balancers have no account")
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready", responses={503: {"description": "A part does not answer; it is named."}})
@public("load balancers have no account")
async def ready(request: Request, response: Response) -> dict[str, Any]:
    """Database, migrations and Redis answer; otherwise 503 and which of them does not."""
    parts = await _probe(request).parts()
    well = all(part.ok for part in parts)
    if not well:
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return {
        "status": "ready" if well else "not_ready",
        "parts": {
            part.name: {"ok": part.ok, "ms": part.ms, "problem": part.problem} for part in parts
        },
    }


def _probe(request: Request) -> ReadyProbe:
    state = request.app.state
    if not hasattr(state, "ready_probe"):
        settings = current_services(request).settings
        state.ready_probe = ReadyProbe(settings.database_url, settings.redis_url)
    probe: ReadyProbe = state.ready_probe
    return probe
