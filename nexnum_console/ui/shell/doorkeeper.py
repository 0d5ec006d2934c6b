"""Sends people who may not see a page elsewhere before it is served.

A courtesy to them: what pages show is guarded by the gate, event by event.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from nexnum_console.ui.shell.gate import HOME, LOGIN, Identify, cookie_value
from nexnum_console.ui.shell.navigation import place_of


class Doorkeeper:
    """ASGI wrapper around the pages."""

    def __init__(self, app: ASGIApp, identify: Identify, cookie_name: str) -> None:
        self._app = app
        self._identify = identify
        self._cookie_name = cookie_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect, or pass on."""
        place = place_of(scope["path"]) if scope["type"] == "http" else None
        target = await self._elsewhere(scope, place.capability) if place else None
        if target is None:
            await self._app(scope, receive, send)
        else:
            await RedirectResponse(target, status_code=303)(scope, receive, send)

    async def _elsewhere(self, scope: Scope, capability: str) -> str | None:
        cookies = Headers(scope=scope).get("cookie", "")
        caller = await self._identify(cookie_value(cookies, self._cookie_name))
        if caller is None:
            return LOGIN
        return None if caller.may(capability) else HOME
