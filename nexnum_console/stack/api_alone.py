"""The web process of ``--no-pages``: the API and its headers, and nothing of Reflex loaded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from nexnum_console import bootstrap
from nexnum_console.api.app import create_api
from nexnum_console.core import garbage, shared_clock
from nexnum_console.core.logs import configure_logging
from nexnum_console.ui.shell.headers import SecurityHeaders, content_security_policy

TARGET: Final = f"{__name__}:create"


def create() -> ASGIApp:
    """The application over this process's services; it closes them when its server ends."""
    configure_logging()
    parts = bootstrap.services()
    api = create_api(parts)
    api.router.lifespan_context = _serving
    policy = content_security_policy([])
    return SecurityHeaders(api, policy=policy, secure=parts.settings.secure_cookies)


@asynccontextmanager
async def _serving(api: FastAPI) -> AsyncIterator[None]:
    shared_clock.take_over(api.state.services.redis)
    garbage.settle()
    try:
        yield
    finally:
        bootstrap.close()
