"""How pages and API become one ASGI application on one port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import cache

import reflex as rx
from reflex.utils.prerequisites import get_web_dir
from reflex_base.constants import Dirs
from starlette.applications import Starlette
from starlette.types import ASGIApp

from nexnum_console import bootstrap
from nexnum_console.bootstrap import Services, services
from nexnum_console.core import events, garbage, shared_clock
from nexnum_console.settings import Settings
from nexnum_console.ui.shell.doorkeeper import Doorkeeper
from nexnum_console.ui.shell.gate import Gate, check_declarations
from nexnum_console.ui.shell.headers import SecurityHeaders, content_security_policy, script_hashes
from nexnum_console.ui.shell.identity import SessionDirectory
from nexnum_console.ui.shell.logs import guard_framework_logs
from nexnum_console.ui.shell.push import HUB

log = logging.getLogger(__name__)


def guard(app: rx.App, cookie_name: Callable[[Settings], str]) -> None:
    """Put the gate in front of every event; refuse to go on with an undeclared handler.

    The gate opens the services at its first event, so that a build needs none of them.
    """
    check_declarations()
    guard_framework_logs()
    app.add_middleware(_LazyGate(cookie_name))


def one_port(
    create_api: Callable[[Services], Starlette],
    cookie_name: Callable[[Settings], str],
    indexed: Iterable[str] = (),
) -> Callable[[ASGIApp], ASGIApp]:
    """The API and form routes, the pages behind them, security headers around both.

    ``indexed`` are the paths that search engines keep.
    """

    def compose(pages: ASGIApp) -> ASGIApp:
        check_declarations()
        parts = services()
        api = create_api(parts)
        api.mount("", Doorkeeper(pages, _directory().identify, cookie_name(parts.settings)))
        built = get_web_dir() / Dirs.STATIC
        policy = content_security_policy(script_hashes(built.rglob("*.html")))
        chosen = parts.settings
        canonical = {path: chosen.public_url + path for path in indexed}
        secure = chosen.secure_cookies
        return SecurityHeaders(api, policy=policy, secure=secure, canonical=canonical)

    return compose


@asynccontextmanager
async def push_hub(app: rx.App) -> AsyncIterator[None]:
    """Lifespan: hear every process's events while this one serves; close its services after."""
    await asyncio.to_thread(shared_clock.take_over, services().redis)
    garbage.settle()
    heard = _directory().heed(events.listen(services().settings.redis_url))
    task = asyncio.create_task(HUB.run(app, heard))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        bootstrap.close()


def report_failure(exception: Exception) -> None:
    """A fault in a handler that nothing caught: into the log, and no words to the browser."""
    log.error("an event handler failed", exc_info=exception)


def report_browser_failure(exception: Exception) -> None:
    """What a browser says went wrong in it; its words are data, cut short and on one line."""
    log.warning("browser error: %s", repr(str(exception))[:500])


@cache
def _directory() -> SessionDirectory:
    """The one of this process: what ends a login must reach pages and events alike."""
    return SessionDirectory(services().database)


class _LazyGate(Gate):
    def __init__(self, cookie_name: Callable[[Settings], str]) -> None:
        self._name = cookie_name
        self._ready = False

    async def preprocess(self, app, state, event):
        if not self._ready:
            settings = services().settings
            super().__init__(_directory().identify, self._name(settings))
            self._ready = True
        return await super().preprocess(app, state, event)
