"""What every page's state has: an owner, the server's time, a notice; and errors become notices."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import reflex as rx
from reflex.istate.proxy import StateProxy

from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.ids import request_id
from nexnum_console.ui.shell.gate import public

log = logging.getLogger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell on the page; ``kind`` is ok, info, warn or danger, empty for nothing.

    ``action`` names what can be done about it; the page says which handler does it.
    """

    kind: str = ""
    icon: str = "info"
    title: str = ""
    text: str = ""
    action: str = ""


NOTHING = Notice()
_ICONS = {"ok": "check", "info": "info", "warn": "alert", "danger": "alert"}


class PageState(rx.State, mixin=True):
    """Base of page states. ``_owner`` is the gate's: whose rows these are."""

    _owner: str = ""
    loaded: bool = False
    server_ms: int = 0
    notice: Notice = NOTHING

    @rx.event
    @public()
    async def dismiss_notice(self) -> None:
        """Take the notice away."""
        self.notice = NOTHING

    def _say(self, kind: str, title: str, text: str = "", action: str = "") -> None:
        self.notice = Notice(kind, _ICONS[kind], title, text, action)

    def _stamp(self) -> None:
        self.loaded = True
        self.server_ms = int(utc_now().timestamp() * 1000)


def explained(handler: Handler) -> Handler:
    """Turn what a handler raises into a notice: refusals in their words, faults with an id."""

    @wraps(handler)
    async def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await handler(self, *args, **kwargs)
        except BusinessError as error:
            await _tell(self, "warn", "That did not happen", sentence(error.message))
        except Exception:
            found_by = request_id()
            log.exception("%s failed, id %s", handler.__qualname__, found_by)
            text = f"Nothing more was done. If it stays, tell support this id: {found_by}"
            await _tell(self, "danger", "Something failed on our side", text)
        return None

    return run  # type: ignore[return-value]


def sentence(text: str) -> str:
    """Capital letter and full stop around a service's message."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


async def _tell(state: Any, kind: str, title: str, text: str) -> None:
    if isinstance(state, StateProxy):
        async with state:
            state._say(kind, title, text)
    else:
        state._say(kind, title, text)
