"""The API as one FastAPI application; a new area is one line in ``ROUTERS``."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, FastAPI

import nexnum_console
from nexnum_console.api import (
    admin,
    auth,
    books,
    docs,
    errors,
    exports,
    gateways,
    health,
    metrics,
    numbers,
    penalties,
    routing,
    rulings,
    search,
    session_forms,
    setup,
    site_files,
    till,
    wallet,
    webhooks,
)
from nexnum_console.api.security import ApiGate
from nexnum_console.bootstrap import Services
from nexnum_console.core.errors import NotFound
from nexnum_console.core.throttle import Throttle

ROUTERS: Final[tuple[APIRouter, ...]] = (
    auth.router,
    setup.router,
    numbers.router,
    wallet.router,
    penalties.own,
    gateways.router,
    admin.router,
    till.router,
    rulings.router,
    penalties.desk,
    books.router,
    routing.router,
    exports.router,
    search.router,
    webhooks.router,
    health.router,
    metrics.router,
    docs.router,
    session_forms.router,
    site_files.router,
)
_ALL_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_api(services: Services) -> FastAPI:
    """The application over ``services``; it owns nothing and closes nothing."""
    app = FastAPI(
        title="NexNum Console API",
        version=nexnum_console.__version__,
        summary="Buy temporary phone numbers, receive their codes, watch the money.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        # Prometheus is what we measure with; else every request asks for OpenTelemetry's providers.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.services = services
    app.state.throttle = Throttle(services.redis)
    chosen = services.settings
    app.add_middleware(ApiGate, origins=chosen.origins, secure=chosen.secure_cookies)
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    # Last: without it an unknown API path would fall through to the pages mounted behind.
    app.add_api_route(
        "/api/{path:path}", _nothing_here, methods=_ALL_METHODS, include_in_schema=False
    )
    return app


def _nothing_here(path: str) -> None:
    raise NotFound(f"There is nothing at /api/{path[:80]}.")


_nothing_here.public = "it has nothing to give"  # type: ignore[attr-defined]
